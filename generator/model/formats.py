"""The file formats a user writes, as frozen dataclasses; JSON Schemas and reference pages are made from them.

A field's `doc` metadata is the sentence the reference shows; `schema` adds JSON Schema keywords that
a Python type cannot say. Field names are snake_case here and camelCase in files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

RESERVED_NAMES = ("common", "kustomization", "inventory")
DNS_LABEL = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
DURATION = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$"

ComponentType = Literal["component", "jinja", "helm", "static", "kustomize"]
ListMerge = Literal["replace", "append", "prepend"]


def key(doc: str, **schema: Any) -> Any:
    """A field of a file format: optional, described by `doc`, narrowed by JSON Schema keywords."""
    return field(default=None, metadata={"doc": doc, "schema": schema})


@dataclass(frozen=True, kw_only=True)
class ByKey:
    """Items of a list of maps are the same where this key is."""

    by: str | None = key("The key that identifies an item, `name` as a rule.", minLength=1)


@dataclass(frozen=True, kw_only=True)
class Merge:
    """How lists of config merge; without it the stronger list replaces the weaker."""

    lists: ListMerge | None = key(
        "For every list: `replace`, or the stronger list after (`append`) or before (`prepend`) the weaker."
    )
    paths: Mapping[str, ListMerge | ByKey] | None = key(
        "For the list at a dotted path of config: one of the words above, or `{by: key}` to merge items."
    )


@dataclass(frozen=True, kw_only=True)
class Routing:
    """The traffic split between a service's deployments."""

    service: str | None = key("The Service that must be in the output; the component's name by default.")
    port: int | None = key("The Service's port; needed where it has more than one.", minimum=1, maximum=65535)
    hosts: tuple[str, ...] | None = key("Hosts of the route, public names too; the Service by default.")
    gateways: tuple[str, ...] | None = key("Gateways as `name` or `namespace/name`.")
    provider: Literal["istio", "gateway-api"] | None = key("Whose objects carry the split; `istio`.")
    split: Mapping[str, int] | None = key("Weight in percent by deployment; they sum to 100.")


@dataclass(frozen=True, kw_only=True)
class HelmOptions:
    """What to keep of a Helm chart besides its release's objects."""

    hooks: bool | None = key("Keep the chart's hooks, which only `helm install` runs.")
    tests: bool | None = key("Keep the chart's test pods.")


@dataclass(frozen=True, kw_only=True)
class Ignore:
    """Findings that are accepted, and why; every key that is given must fit."""

    code: str | None = key("Their code, such as `plain-secret`.", minLength=1)
    path: str | None = key("Their output or source file; or a pattern, `services/legacy/*`.", minLength=1)
    object: str | None = key("Their object as `Kind/name`, or a pattern such as `Secret/*`.", minLength=1)
    field: str | None = key("Their place in the object, or a pattern such as `spec.template.*`.", minLength=1)
    reason: str | None = key("Why they are accepted; needed.", minLength=1)


@dataclass(frozen=True, kw_only=True)
class Validation:
    """What validation lets pass, and what it knows beside what weft brings."""

    ignore: tuple[Ignore, ...] | None = key(
        "Findings of the component's objects, and of those below it, that are accepted.",
        items={"$ref": "#/$defs/Ignore", "required": ["reason"]},
    )
    crds: str | None = key("At the root: a folder with CustomResourceDefinitions that the clusters have.")
    baseline: str | None = key("At the root: the file of accepted old findings; `weft-baseline.json`.")


@dataclass(frozen=True, kw_only=True)
class ConfigKeys:
    """The keys that config files, environment files and components share."""

    config: Mapping[str, Any] | None = key("Values for the component's templates; `global` is inherited.")
    namespace: str | None = key("Namespace of the component's objects, and of its descendants'.")
    override_namespace: bool | None = key("Replace a namespace that an object already states.")
    disabled: bool | None = key("Leave the component and all below it out.")
    routing: Routing | None = key("Makes the component a service: the split between its deployments.")
    merge: Merge | None = key("How lists merge for this component.")
    labels: Mapping[str, str] | None = key("Labels for every object of the component and below.")
    annotations: Mapping[str, str] | None = key("Annotations for every object of the component and below.")


@dataclass(frozen=True, kw_only=True)
class ConfigFile(ConfigKeys):
    """config/<environment, layer or common>.yaml"""

    subcomponents: Mapping[str, ConfigFile] | None = key(
        "The same keys for a subcomponent, by its reference name or its path (`services/simple-service`)."
    )


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """Shell commands around install and generate, as Fabrikate has them."""

    before_install: tuple[str, ...] | None = key("Before the component is fetched.")
    after_install: tuple[str, ...] | None = key("After the component is fetched.")
    before_generate: tuple[str, ...] | None = key("Before the component is rendered.")
    after_generate: tuple[str, ...] | None = key("After the component is rendered.")


@dataclass(frozen=True, kw_only=True)
class Reference(ConfigKeys):
    """An entry under `subcomponents`: it brings a component in and names it."""

    name: str | None = key("The component's name; a DNS label, and its folder in the output.")
    type: ComponentType | None = key("What renders the component; `component` groups others.")
    source: str | None = key("Folder, or a glob of folders, relative to this file.")
    path: str | None = key("Folder below `source`; either alone will do.")
    method: Literal["local", "git", "helm", "http", "oci"] | None = key("How the source is fetched; `local`.")
    version: str | None = key("Commit or chart version of a remote source.")
    branch: str | None = key("Branch of a remote source.")
    hooks: Hooks | None = key("Commands around install and generate; weft does not run them yet.")
    helm: HelmOptions | None = key("Options of a `helm` component.")
    validation: Validation | None = key("What validation accepts here.")
    subcomponents: tuple[Reference, ...] | None = key("The components below this one.")


@dataclass(frozen=True, kw_only=True)
class Requires:
    """Version ranges of the tools that make the bytes, such as `>=3.17,<4`."""

    weft: str | None = key("Versions of weft that may read this definition.")
    helm: str | None = key("Versions of helm that may render it.")
    kustomize: str | None = key("Versions of kustomize that may render it.")


@dataclass(frozen=True, kw_only=True)
class External:
    """Objects known to exist without being in the output."""

    kind: str | None = key("Kind of the objects.")
    namespace: str | None = key("Their namespace; any where it is left out.")
    name: str | None = key("Their name, or a pattern such as `shared-*`.")


@dataclass(frozen=True, kw_only=True)
class ComponentFile(Reference):
    """component.yaml"""

    dialect: Literal["weft", "fabrikate"] | None = key("At the root: whose rules the definition follows.")
    requires: Requires | None = key("At the root: versions of the tools that may be used.")
    external: tuple[External, ...] | None = key(
        "At the root: objects that exist without being in the output."
    )


@dataclass(frozen=True, kw_only=True)
class Kubernetes:
    """What a chart may know of the cluster."""

    version: str | None = key("Kubernetes version, such as `1.31`.", pattern=r"^v?\d+\.\d+(\.\d+)?$")
    api_versions: tuple[str, ...] | None = key("API versions the cluster serves beyond Kubernetes' own.")


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Where the cluster is; no credential belongs here."""

    type: str | None = key("Kind of cluster, such as `kubernetes`.")
    endpoint: str | None = key("Address of its API server.")


@dataclass(frozen=True, kw_only=True)
class Publish:
    """Where the environment's manifests are committed."""

    repository: str | None = key("The manifest repository.")
    branch: str | None = key("The branch; `{environment}` is filled in.")
    path: str | None = key("The folder in the branch; `{environment}` is filled in.")


@dataclass(frozen=True, kw_only=True)
class SecretReference:
    """A Secret beside the Flux objects; weft neither reads nor writes it."""

    name: str | None = key("Its name.", minLength=1)


@dataclass(frozen=True, kw_only=True)
class Decryption:
    """How Flux decrypts what SOPS encrypted."""

    provider: Literal["sops"] | None = key("What encrypted; `sops` by default.")
    secret_ref: SecretReference | None = key("The Secret with the keys.", required=["name"])
    service_account_name: str | None = key("Service account that may use the keys of a cloud provider.")


@dataclass(frozen=True, kw_only=True)
class SubstituteFrom:
    """A ConfigMap or Secret that holds variables."""

    kind: Literal["ConfigMap", "Secret"] | None = key("Its kind.")
    name: str | None = key("Its name.", minLength=1, maxLength=253)
    optional: bool | None = key("Whether it may be missing.")


@dataclass(frozen=True, kw_only=True)
class PostBuild:
    """What Flux substitutes in the manifests before it applies them."""

    substitute: Mapping[str, str] | None = key("Variables with their values.")
    substitute_from: tuple[SubstituteFrom, ...] | None = key(
        "Where more variables are.", items={"$ref": "#/$defs/SubstituteFrom", "required": ["kind", "name"]}
    )
    substitute_strategy: Literal["WithVariables", "Always"] | None = key(
        "Whether to substitute where no variable is defined; `WithVariables`, which does not."
    )


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """An object whose health Flux waits for."""

    api_version: str | None = key("Its API version.")
    kind: str | None = key("Its kind.", minLength=1)
    name: str | None = key("Its name.", minLength=1)
    namespace: str | None = key("Its namespace.")


@dataclass(frozen=True, kw_only=True)
class Flux:
    """The Flux objects that pull what is published."""

    split: Literal["environment", "component"] | None = key(
        "One Kustomization for the `environment`, or one a `component`; `environment`."
    )
    name: str | None = key("Name of the objects; the environment's.", pattern=DNS_LABEL)
    namespace: str | None = key("Namespace of the objects; `flux-system`.", pattern=DNS_LABEL)
    url: str | None = key(
        "Address at which the cluster reaches the repository; that of `publish` by default.",
        pattern=r"^(https?|ssh)://",
    )
    interval: str | None = key("How often Flux undoes what differs in the cluster; `10m`.", pattern=DURATION)
    source_interval: str | None = key("How often Flux looks for new commits; `1m`.", pattern=DURATION)
    retry_interval: str | None = key("How soon Flux tries again what failed; `interval`.", pattern=DURATION)
    timeout: str | None = key("How long building, applying and waiting may take; `5m`.", pattern=DURATION)
    wait: bool | None = key("Wait until all objects are ready; `true`.")
    health_checks: tuple[HealthCheck, ...] | None = key(
        "With `wait: false`: the objects to wait for; the workloads by default.",
        items={"$ref": "#/$defs/HealthCheck", "required": ["kind", "name"]},
    )
    secret_ref: SecretReference | None = key(
        "The Secret with the credentials for the repository.", required=["name"]
    )
    service_account_name: str | None = key("Service account that applies the objects.")
    decryption: Decryption | None = key("How encrypted Secrets are decrypted.")
    post_build: PostBuild | None = key("Variables that Flux substitutes.")
    depends_on: Mapping[str, tuple[str, ...]] | None = key(
        "With `split: component`: the components that a component waits for, by path, beyond its parents."
    )


@dataclass(frozen=True, kw_only=True)
class Deliver:
    """Descriptors for what pulls the published manifests."""

    flux: Flux | None = key("The objects that `weft deliver flux` makes.")


@dataclass(frozen=True, kw_only=True)
class EnvironmentFile(ConfigFile):
    """environments/<name>.yaml: one cluster, and the strongest config of the root component."""

    labels: Mapping[str, str] | None = key(
        "Labels of the environment, for selectors and `${environment.labels.…}`; not laid on objects."
    )
    layers: tuple[str, ...] | None = key("Config layers it shares with others, the strongest first.")
    kubernetes: Kubernetes | None = key("Version and API versions of the cluster.")
    cluster: Cluster | None = key("The cluster's address.")
    publish: Publish | None = key("Where its manifests are published.")
    deliver: Deliver | None = key("Descriptors for what pulls.")
    external: tuple[External, ...] | None = key(
        "Objects that exist on this cluster without being in the output."
    )


@dataclass(frozen=True, kw_only=True)
class ChartFile:
    """chart.yaml of a Jinja2 chart"""

    name: str | None = key("The chart's name.")
    version: str | None = key("The chart's version.")
    description: str | None = key("What the chart is for.")


# Keys of the design that later versions bring; ignoring one would be silently wrong output.
PLANNED_KEYS = ("placement", "patches", "images", "replicas", "select", "namespaces")


@dataclass(frozen=True, kw_only=True)
class FabrikateConfigFile:
    """config/<layer>.yaml in the dialect"""

    config: Mapping[str, Any] | None = key("Values for the chart.")
    namespace: str | None = key("Namespace for `helm template`; not inherited.")
    inject_namespace: bool | None = key("Write the namespace into the rendered objects.")
    disabled: bool | None = key("Leave the subcomponent out.")
    subcomponents: Mapping[str, FabrikateConfigFile] | None = key("The same keys for a subcomponent.")


@dataclass(frozen=True, kw_only=True)
class FabrikateReference:
    """An entry under `subcomponents` in the dialect"""

    name: str | None = key("The component's name.")
    type: ComponentType | None = key("What renders the component.")
    generator: ComponentType | None = key("Fabrikate's older word for `type`.")
    source: str | None = key("Folder or remote source.")
    path: str | None = key("Folder below the source.")
    method: Literal["local", "git", "helm", "http", "oci"] | None = key("How the source is fetched.")
    version: str | None = key("Commit or chart version of a remote source.")
    branch: str | None = key("Branch of a remote source.")
    repositories: Mapping[str, str] | None = key("Helm repositories; Fabrikate ignores it too.")
    hooks: Hooks | None = key("Commands around install and generate; weft does not run them yet.")
    helm: HelmOptions | None = key("weft's own: what to keep of the chart besides its release's objects.")
    validation: Validation | None = key("weft's own: what validation accepts here.")
    subcomponents: tuple[FabrikateReference, ...] | None = key("The components below this one.")


@dataclass(frozen=True, kw_only=True)
class FabrikateComponentFile(FabrikateReference):
    """component.yaml in the dialect"""

    dialect: Literal["weft", "fabrikate"] | None = key("At the root: `fabrikate`.")
    requires: Requires | None = key("At the root: versions of the tools that may be used.")
    external: tuple[External, ...] | None = key(
        "At the root: objects that exist without being in the output."
    )
