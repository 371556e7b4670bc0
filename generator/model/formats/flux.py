"""`deliver.flux`: the Flux objects that pull what is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from generator.model.formats.base import DNS_LABEL, DURATION, key
from generator.model.record import record


@record(frozen=True, kw_only=True)
class SecretReference:
    """A Secret beside the Flux objects; weft neither reads nor writes it."""

    name: str | None = key("Its name.", minLength=1)


@record(frozen=True, kw_only=True)
class Decryption:
    """How Flux decrypts what SOPS encrypted."""

    provider: Literal["sops"] | None = key("What encrypted; `sops` by default.")
    secret_ref: SecretReference | None = key("The Secret with the keys.", required=["name"])
    service_account_name: str | None = key("Service account that may use the keys of a cloud provider.")


@record(frozen=True, kw_only=True)
class SubstituteFrom:
    """A ConfigMap or Secret that holds variables."""

    kind: Literal["ConfigMap", "Secret"] | None = key("Its kind.")
    name: str | None = key("Its name.", minLength=1, maxLength=253)
    optional: bool | None = key("Whether it may be missing.")


@record(frozen=True, kw_only=True)
class PostBuild:
    """What Flux substitutes in the manifests before it applies them."""

    substitute: Mapping[str, str] | None = key("Variables with their values.")
    substitute_from: tuple[SubstituteFrom, ...] | None = key(
        "Where more variables are.", items={"$ref": "#/$defs/SubstituteFrom", "required": ["kind", "name"]}
    )
    substitute_strategy: Literal["WithVariables", "Always"] | None = key(
        "Whether to substitute where no variable is defined; `WithVariables`, which does not."
    )


@record(frozen=True, kw_only=True)
class HealthCheck:
    """An object whose health Flux waits for."""

    api_version: str | None = key("Its API version.")
    kind: str | None = key("Its kind.", minLength=1)
    name: str | None = key("Its name.", minLength=1)
    namespace: str | None = key("Its namespace.")


@record(frozen=True, kw_only=True)
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
