"""environments/<name>.yaml: one cluster."""

from __future__ import annotations

from collections.abc import Mapping

from generator.model.formats.base import key
from generator.model.formats.component import External
from generator.model.formats.config import ConfigFile
from generator.model.formats.flux import Flux
from generator.model.record import record


@record(frozen=True, kw_only=True)
class Kubernetes:
    """What a chart may know of the cluster."""

    version: str | None = key("Kubernetes version, such as `1.31`.", pattern=r"^v?\d+\.\d+(\.\d+)?$")
    api_versions: tuple[str, ...] | None = key("API versions the cluster serves beyond Kubernetes' own.")


@record(frozen=True, kw_only=True)
class Cluster:
    """Where the cluster is; no credential belongs here."""

    type: str | None = key("Kind of cluster, such as `kubernetes`.")
    endpoint: str | None = key("Address of its API server.")


@record(frozen=True, kw_only=True)
class Publish:
    """Where the environment's manifests are committed."""

    repository: str | None = key("The manifest repository.")
    branch: str | None = key("The branch; `{environment}` is filled in.")
    path: str | None = key("The folder in the branch; `{environment}` is filled in.")


@record(frozen=True, kw_only=True)
class Deliver:
    """Descriptors for what pulls the published manifests."""

    flux: Flux | None = key("The objects that `weft deliver flux` makes.")


@record(frozen=True, kw_only=True)
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
