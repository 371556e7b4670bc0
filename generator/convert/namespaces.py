"""Namespaces: Fabrikate's are for one chart each, weft's for a component and all that is below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.convert.config import Facts, value_of
from generator.convert.edits import Edits
from generator.load.sites import Sites
from generator.model.definition import Component, ComponentPath, Config

_DEFAULT = "default"


def namespaces(facts: Sequence[Facts], found: Mapping[ComponentPath, Sites], edits: Edits) -> None:
    """Keeps the namespaces that count for a chart, and nothing that would reach further than it did."""
    for fact in facts:
        for config in fact.configs:
            _config(fact.component, config, edits)
    charts = {fact.component.path: fact for fact in facts if fact.component.type == "helm"}
    for fact in facts:
        above = [
            charts[fact.component.path[:end]]
            for end in range(len(fact.component.path))
            if fact.component.path[:end] in charts
        ]
        if fact.component.type == "component" or not above:
            continue
        if any(_reached(fact, above, index) for index in range(len(fact.stacks))):
            site = found[fact.component.path].own
            edits.set(
                site.file,
                (*site.keys, "namespace"),
                _DEFAULT,
                "Fabrikate hands no namespace down, weft does; `default` is where it went",
            )


def _config(component: Component, config: Config, edits: Edits) -> None:
    value = value_of(config)
    file, keys = config.document.file, config.prefix
    if "injectNamespace" in value:
        edits.take_out(
            file, (*keys, "injectNamespace"), "weft writes every component's namespace into its objects"
        )
    if "namespace" not in value:
        return
    if component.type == "helm":
        if not value["namespace"]:
            edits.take_out(file, (*keys, "namespace"), "empty, so it says nothing in Fabrikate")
        return
    edits.take_out(
        file, (*keys, "namespace"), f"Fabrikate does nothing with a namespace for type {component.type}"
    )
    if value["namespace"]:
        edits.note(
            f"{config.where('namespace')}: namespace `{value['namespace']}` of `{component.label}` did "
            "nothing in Fabrikate and is taken out; put it back, and weft writes it into the objects"
        )


def _reached(fact: Facts, above: Sequence[Facts], index: int) -> bool:
    """Whether a namespace from above would reach a component that has none of its own in an environment."""

    def named(one: Facts) -> bool:
        return one.component.type == "helm" and any(
            config.keys.namespace for config in one.stacks[index].configs
        )

    return not named(fact) and any(named(one) for one in above)
