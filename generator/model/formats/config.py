"""What config files, environment files and components have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from generator.model.formats.base import ListMerge, key
from generator.model.formats.namespaces import NamespaceMapping
from generator.model.formats.patches import Patch
from generator.model.record import record


@record(frozen=True, kw_only=True)
class ByKey:
    """Items of a list of maps are the same where this key is."""

    by: str | None = key("The key that identifies an item, `name` as a rule.", minLength=1)


@record(frozen=True, kw_only=True)
class Merge:
    """How lists of config merge; without it the stronger list replaces the weaker."""

    lists: ListMerge | None = key(
        "For every list: `replace`, or the stronger list after (`append`) or before (`prepend`) the weaker."
    )
    paths: Mapping[str, ListMerge | ByKey] | None = key(
        "For the list at a dotted path of config: one of the words above, or `{by: key}` to merge items."
    )


@record(frozen=True, kw_only=True)
class Routing:
    """The traffic split between a service's deployments."""

    service: str | None = key("The Service that must be in the output; the component's name by default.")
    port: int | None = key("The Service's port; needed where it has more than one.", minimum=1, maximum=65535)
    hosts: tuple[str, ...] | None = key("Hosts of the route, public names too; the Service by default.")
    gateways: tuple[str, ...] | None = key("Gateways as `name` or `namespace/name`.")
    provider: Literal["istio", "gateway-api"] | None = key("Whose objects carry the split; `istio`.")
    split: Mapping[str, int] | None = key("Weight in percent by deployment; they sum to 100.")


@record(frozen=True, kw_only=True)
class Image:
    """What an image is replaced by; what is left out stays as it was rendered."""

    name: str | None = key("Another name, its registry included.", minLength=1)
    tag: str | None = key("Another tag; without `digest` the image has none.", minLength=1)
    digest: str | None = key("Another digest, `sha256:…`; without `tag` the image has none.", minLength=1)


@record(frozen=True, kw_only=True)
class ConfigKeys:
    """The keys that config files, environment files and components share."""

    config: Mapping[str, Any] | None = key("Values for the component's templates; `global` is inherited.")
    namespace: str | None = key("Namespace of the component's objects, and of its descendants'.")
    namespaces: Mapping[str, NamespaceMapping] | None = key(
        "What namespaces are called in an environment, by their names in the definition."
    )
    override_namespace: bool | None = key("Replace a namespace that an object already states.")
    disabled: bool | None = key("Leave the component and all below it out.")
    routing: Routing | None = key("Makes the component a service: the split between its deployments.")
    merge: Merge | None = key("How lists merge for this component.")
    labels: Mapping[str, str] | None = key("Labels for every object of the component and below.")
    annotations: Mapping[str, str] | None = key("Annotations for every object of the component and below.")
    images: Mapping[str, str | Image] | None = key(
        "Tags or digests of images, by the image's name, for all containers of the component and below."
    )
    replicas: Mapping[str, int] | None = key(
        "Numbers of replicas, by the workload's name, for the workloads of the component and below.",
        additionalProperties={"type": ["integer", "null"], "minimum": 0, "maximum": 2147483647},
    )
    patches: tuple[Patch, ...] | None = key(
        "Patches for the objects of the component and below, the strongest last."
    )
    select: tuple[str, ...] | None = key(
        "The subcomponents that are there, by their reference names; all by default, none for `[]`."
    )


@record(frozen=True, kw_only=True)
class ConfigFile(ConfigKeys):
    """config/<environment, layer or common>.yaml"""

    source: str | None = key("Another folder for the component here, relative to this file.", minLength=1)
    subcomponents: Mapping[str, ConfigFile] | None = key(
        "The same keys for a subcomponent, by its reference name or its path (`services/simple-service`)."
    )
