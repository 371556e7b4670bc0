"""Checks a component's merged values against its chart's values.schema.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.errors import DefinitionError, Several
from generator.model.definition import Chart, Component, Environment
from generator.model.document import dotted
from generator.model.secrets import names_secret
from generator.resolve.values import Origins
from generator.schema import check as schema_check

_compiled: dict[int, tuple[Any, Any]] = {}


def check(
    values: Mapping[str, Any], chart: Chart, component: Component, environment: Environment, origins: Origins
) -> None:
    """Raises Several with each value that the schema refuses, at the place that gave the value."""
    if chart.schema is None:
        return
    errors = []
    for path, message, hint in schema_check.problems(_validator(chart), chart.schema.value, values):
        if any(isinstance(step, str) and names_secret(step) for step in path):
            message = f"`{dotted(path)}` is refused; its value is not shown"
        place = origins.nearest(path) or component.place
        error = DefinitionError.at(place, f"{message}, says {chart.schema.file}", hint)
        error.within(component.label, environment.name)
        errors.append(error)
    if errors:
        raise Several(errors)


def _validator(chart: Chart) -> Any:
    # The schema document lives as long as the definition, so its identity is a key for the run.
    key = id(chart.schema)
    if key not in _compiled or _compiled[key][0] is not chart.schema:
        assert chart.schema is not None
        try:
            _compiled[key] = (chart.schema, schema_check.compile_schema(chart.schema.value))
        except ValueError as error:
            raise DefinitionError(f"is no JSON Schema: {error}", file=chart.schema.file) from None
    return _compiled[key][1]
