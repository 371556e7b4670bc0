"""Reads a Jinja2 chart without its templates: chart.yaml, values.yaml and values.schema.json."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from generator import yamlio
from generator.errors import DefinitionError, WeftError
from generator.load import files, lock
from generator.model.definition import Chart, Component, Failure
from generator.model.document import Document
from generator.model.formats import ChartFile


def load(root: Path, components: Iterable[Component]) -> dict[str, Chart | Failure]:
    """The charts of `jinja` components by folder; one that cannot be read is a Failure."""
    charts: dict[str, Chart | Failure] = {}
    for component in components:
        if component.type == "jinja" and component.source is not None and component.source not in charts:
            try:
                charts[component.source] = _chart(root, component.source, component)
            except WeftError as error:
                lock.name_source(error, [component.locked] if component.locked else ())
                charts[component.source] = Failure(error)
    return charts


def _chart(root: Path, folder: str, component: Component) -> Chart:
    place = component.place
    if not (root / folder).is_dir():
        raise DefinitionError.at(place, f"component `{component.label}`: there is no folder {folder}")
    file = files.find(root, folder, "chart")
    if file is None:
        helm = (root / folder / "Chart.yaml").is_file()
        raise DefinitionError.at(
            place,
            f"component `{component.label}`: {folder} has no chart.yaml, so it is no Jinja2 chart",
            hint="it is a Helm chart: set `type: helm`" if helm else None,
        )
    described = files.parse(ChartFile, files.read(root, file))
    values = files.find(root, folder, "values")
    schema = root / folder / "values.schema.json"
    return Chart(
        folder=folder,
        name=described.name or folder.rpartition("/")[2],
        values=files.read(root, values) if values else Document(files.join(folder, "values.yaml"), {}),
        schema=yamlio.read_file(schema, files.join(folder, schema.name)) if schema.is_file() else None,
    )
