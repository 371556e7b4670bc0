"""component.yaml: references, and what only the root says."""

from __future__ import annotations

from typing import Literal

from generator.model.formats.base import ComponentType, Method, key
from generator.model.formats.config import ConfigKeys
from generator.model.formats.placement import Placement
from generator.model.record import record


@record(frozen=True, kw_only=True)
class HelmOptions:
    """How a Helm chart is rendered, and what of it is kept besides its release's objects."""

    hooks: bool | None = key("Keep the chart's hooks, which only `helm install` runs.")
    tests: bool | None = key("Keep the chart's test pods.")
    release: str | None = key(
        "Name of the release; the component's name by default.",
        pattern=r"^[a-z0-9]([-a-z0-9.]{0,51}[a-z0-9])?$",
    )


@record(frozen=True, kw_only=True)
class Ignore:
    """Findings that are accepted, and why; every key that is given must fit."""

    code: str | None = key("Their code, such as `plain-secret`; or a pattern, `route-*`.", minLength=1)
    path: str | None = key("Their output or source file; or a pattern, `services/legacy/*`.", minLength=1)
    object: str | None = key("Their object as `Kind/name`, or a pattern such as `Secret/*`.", minLength=1)
    field: str | None = key("Their place in the object, or a pattern such as `spec.template.*`.", minLength=1)
    reason: str | None = key("Why they are accepted; needed.", minLength=1)


@record(frozen=True, kw_only=True)
class Validation:
    """What validation lets pass, and what it knows beside what weft brings."""

    ignore: tuple[Ignore, ...] | None = key(
        "Findings of the component's objects, and of those below it, that are accepted.",
        items={"$ref": "#/$defs/Ignore", "required": ["reason"]},
    )
    crds: str | None = key("At the root: a folder with CustomResourceDefinitions that the clusters have.")
    baseline: str | None = key("At the root: the file of accepted old findings; `weft-baseline.json`.")


@record(frozen=True, kw_only=True)
class Hooks:
    """Shell commands around install and generate, as Fabrikate has them."""

    before_install: tuple[str, ...] | None = key("Before the component is fetched.")
    after_install: tuple[str, ...] | None = key("After the component is fetched.")
    before_generate: tuple[str, ...] | None = key("Before the component is rendered.")
    after_generate: tuple[str, ...] | None = key("After the component is rendered.")


@record(frozen=True, kw_only=True)
class Reference(ConfigKeys):
    """An entry under `subcomponents`: it brings a component in and names it."""

    name: str | None = key("The component's name; a DNS label, and its folder in the output.")
    type: ComponentType | None = key("What renders the component; `component` groups others.")
    source: str | None = key("Folder, or a glob of folders, relative to this file; or a URL.")
    path: str | None = key("Folder below `source`; either alone will do. The chart of a repository.")
    method: Method | None = key("How a remote source is fetched; most URLs say it themselves.")
    version: str | None = key("Commit or tag of a repository; version or range of a chart.")
    branch: str | None = key("Branch of a git repository; its default branch where there is none.")
    hooks: Hooks | None = key("Commands around install and generate; run with `--allow-hooks` only.")
    helm: HelmOptions | None = key("Options of a `helm` component.")
    validation: Validation | None = key("What validation accepts here.")
    placement: Placement | None = key("The environments it goes to, and its replicas there; everywhere.")
    subcomponents: tuple[Reference, ...] | None = key("The components below this one.")


@record(frozen=True, kw_only=True)
class Requires:
    """Version ranges of the tools that make the bytes, such as `>=3.17,<4`."""

    weft: str | None = key("Versions of weft that may read this definition.")
    helm: str | None = key("Versions of helm that may render it.")
    kustomize: str | None = key("Versions of kustomize that may render it.")


@record(frozen=True, kw_only=True)
class External:
    """Objects known to exist without being in the output."""

    kind: str | None = key("Kind of the objects.")
    namespace: str | None = key("Their namespace; any where it is left out.")
    name: str | None = key("Their name, or a pattern such as `shared-*`.")


@record(frozen=True, kw_only=True)
class ComponentFile(Reference):
    """component.yaml"""

    dialect: Literal["weft", "fabrikate"] | None = key("At the root: whose rules the definition follows.")
    requires: Requires | None = key("At the root: versions of the tools that may be used.")
    external: tuple[External, ...] | None = key(
        "At the root: objects that exist without being in the output."
    )


@record(frozen=True, kw_only=True)
class ChartFile:
    """chart.yaml of a Jinja2 chart"""

    name: str | None = key("The chart's name.")
    version: str | None = key("The chart's version.")
    description: str | None = key("What the chart is for.")
