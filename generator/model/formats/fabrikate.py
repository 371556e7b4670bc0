"""Fabrikate's component.yaml and config files, as the dialect reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from generator.model.formats.base import ComponentType, Method, key
from generator.model.formats.component import External, HelmOptions, Hooks, Requires, Validation
from generator.model.record import record


@record(frozen=True, kw_only=True)
class FabrikateConfigFile:
    """config/<layer>.yaml in the dialect"""

    config: Mapping[str, Any] | None = key("Values for the chart.")
    namespace: str | None = key("Namespace for `helm template`; not inherited.")
    inject_namespace: bool | None = key("Write the namespace into the rendered objects.")
    disabled: bool | None = key("Leave the subcomponent out.")
    subcomponents: Mapping[str, FabrikateConfigFile] | None = key("The same keys for a subcomponent.")


@record(frozen=True, kw_only=True)
class FabrikateReference:
    """An entry under `subcomponents` in the dialect"""

    name: str | None = key("The component's name.")
    type: ComponentType | None = key("What renders the component.")
    generator: ComponentType | None = key("Fabrikate's older word for `type`.")
    source: str | None = key("Folder or remote source.")
    path: str | None = key("Folder below the source.")
    method: Method | None = key("How the source is fetched.")
    version: str | None = key("Commit or tag of a repository; version or range of a chart.")
    branch: str | None = key("Branch of a git repository.")
    repositories: Mapping[str, str] | None = key("Helm repositories; Fabrikate ignores it too.")
    hooks: Hooks | None = key("Commands around install and generate; run with `--allow-hooks` only.")
    helm: HelmOptions | None = key("weft's own: what to keep of the chart besides its release's objects.")
    validation: Validation | None = key("weft's own: what validation accepts here.")
    subcomponents: tuple[FabrikateReference, ...] | None = key("The components below this one.")


@record(frozen=True, kw_only=True)
class FabrikateComponentFile(FabrikateReference):
    """component.yaml in the dialect"""

    dialect: Literal["weft", "fabrikate"] | None = key("At the root: `fabrikate`.")
    requires: Requires | None = key("At the root: versions of the tools that may be used.")
    external: tuple[External, ...] | None = key(
        "At the root: objects that exist without being in the output."
    )
