"""Renders weft's own charts: Jinja2 templates over values, component, service, environment and routing."""

from __future__ import annotations

import itertools
import os
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from generator import yamlio
from generator.errors import DefinitionError, WeftError
from generator.model.document import Document, Places
from generator.model.manifest import Rendered
from generator.model.secrets import shown_line
from generator.model.unit import Unit
from generator.render import limits
from generator.render.base import Run, objects, opened
from generator.render.sandbox import ChartEnvironment
from generator.render.trace import Trace, Traced, TracingEnvironment

_TEMPLATE = ".yaml.j2"
_MISTAKEN = (".yaml", ".yml", ".json", ".j2", ".tpl")


class JinjaRenderer:
    """Compiles each chart once per process and renders its templates in the order of their names."""

    waits = False
    alone = False

    def __init__(self) -> None:
        self._charts: dict[tuple[str, str], _Templates] = {}

    def render(self, unit: Unit, run: Run) -> Rendered:
        """The objects of the chart's templates; raises WeftError with template file and line."""
        chart, variables = self._chart(unit, run), _variables(unit)
        documents: list[Document] = []
        for name in chart.names:
            documents.extend(chart.render(name, variables, unit))
        return Rendered(tuple(objects(documents, unit, run)))

    def locate(self, unit: Unit, run: Run) -> Sequence[Places]:
        """For each object the template line behind each of its fields; raises what `render` raises."""
        chart, variables = self._chart(unit, run), _variables(unit)
        places: list[Places] = []
        for name in chart.names:
            documents, trace = chart.traced(name, variables, unit)
            places += [Traced(document, path, trace) for _, document, path in opened(documents, run)]
        return places

    def _chart(self, unit: Unit, run: Run) -> _Templates:
        key = (run.root, unit.component.source or ".")
        if key not in self._charts:
            self._charts[key] = _Templates(*key)
        return self._charts[key]


class _Templates:
    """The templates of one chart, compiled when first rendered."""

    def __init__(self, root: str, folder: str) -> None:
        self._folder = f"{folder}/templates" if folder != "." else "templates"
        self._top = Path(root) / self._folder
        self.names = tuple(self._find())
        self._loader = _Loader(self._top, self._folder)
        self._environment = ChartEnvironment(self._loader)
        # Compiled for the first place that somebody asks for.
        self._tracing: TracingEnvironment | None = None

    def _find(self) -> Iterator[str]:
        found = []
        for directory, folders, files in os.walk(self._top):
            folders[:] = [name for name in folders if not name.startswith((".", "_"))]
            for file in files:
                name = (Path(directory) / file).relative_to(self._top).as_posix()
                if file.startswith((".", "_")):
                    continue
                if file.endswith(_TEMPLATE):
                    found.append(name)
                elif file.endswith(_MISTAKEN):
                    raise DefinitionError(
                        f"{file} is no template of a Jinja2 chart",
                        file=f"{self._folder}/{name}",
                        hint=f"name it *{_TEMPLATE}, or begin its name with `_` where others include it",
                    )
        if not found:
            raise DefinitionError(f"the chart has no template: no file *{_TEMPLATE}", file=self._folder)
        yield from sorted(found)

    def render(self, name: str, variables: Mapping[str, Any], unit: Unit) -> Sequence[Document]:
        """The documents of one template."""
        text, file = self._text(name, variables, unit), f"{self._folder}/{name}"
        # A rendered line is no line of the template: only the file is certain.
        return [Document(file, document.value) for document in self._documents(text, file, unit)]

    def traced(
        self, name: str, variables: Mapping[str, Any], unit: Unit
    ) -> tuple[Sequence[Document], Trace | None]:
        """The documents of one template with the positions of the rendered text, and what leads from them
        to those of the template, or None where nothing does."""
        text = self._text(name, variables, unit)
        documents = self._documents(text, f"{self._folder}/{name}", unit, marks=True)
        if self._tracing is None:
            self._tracing = TracingEnvironment(self._loader)
        self._tracing.budget = limits.Budget()
        try:
            marked = _concatenated(self._tracing.get_template(name), variables)
        except Exception:
            # A template may look at text that holds marks, and fail on them.
            return documents, None
        return documents, Trace(marked, self._tracing.places, text)

    def _text(self, name: str, variables: Mapping[str, Any], unit: Unit) -> str:
        file = f"{self._folder}/{name}"
        self._environment.budget = limits.Budget()
        try:
            template = self._environment.get_template(name)
            return _concatenated(template, variables)
        except jinja2.TemplateSyntaxError as error:
            place = error.filename or file
            raise DefinitionError(f"{error.message}", file=place, line=error.lineno) from None
        except Exception as error:
            # A template may raise anything that Python raises; each becomes an error with its place.
            raise self._error(error, file, unit) from None

    def _documents(self, text: str, file: str, unit: Unit, *, marks: bool = False) -> Sequence[Document]:
        try:
            return yamlio.read(text, file, marks=marks)
        except WeftError as error:
            lines = text.splitlines()
            shown = lines[error.line - 1] if error.line and error.line <= len(lines) else ""
            raise DefinitionError(
                f"what it renders is no YAML: {error.message}, in rendered line {error.line}: "
                f"`{shown_line(shown, text, unit.values)}`",
                file=file,
                hint=error.hint,
            ) from None

    def _error(self, error: Exception, file: str, unit: Unit) -> DefinitionError:
        line = None
        for frame in traceback.walk_tb(error.__traceback__):
            found = self._line(frame[0].f_code.co_filename, frame[1])
            if found is not None:
                file, line = found
        if isinstance(error, jinja2.TemplateNotFound):
            message = f"there is no template `{error.name}` in {self._folder}"
        elif isinstance(error, RecursionError):
            message = "the template calls itself without end"
        elif isinstance(error, (jinja2.TemplateError, limits.LimitExceeded)):
            message = str(error)
        else:
            message = f"{type(error).__name__}: {error}"
        return DefinitionError(f"{message}", file=file, line=line)

    def _line(self, compiled: str, line: int) -> tuple[str, int] | None:
        """The template file and line behind a line of compiled code, or None for other code."""
        if not compiled.startswith(f"{self._folder}/"):
            return None
        template = self._environment.get_template(compiled[len(self._folder) + 1 :])
        return compiled, template.get_corresponding_lineno(line)


class _Loader(jinja2.BaseLoader):
    """Loads templates and partials from the chart's templates folder, and from nowhere else."""

    def __init__(self, top: Path, folder: str) -> None:
        self._top = top
        self._folder = folder

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, None]:
        """Source and file name; raises TemplateNotFound."""
        parts = template.split("/")
        if template.startswith("/") or ".." in parts:
            raise jinja2.TemplateNotFound(template)
        path = self._top.joinpath(*parts)
        file = f"{self._folder}/{template}"
        try:
            return path.read_text(encoding="utf-8-sig"), file, None
        except UnicodeDecodeError as error:
            raise jinja2.TemplateSyntaxError(f"byte {error.start} is no UTF-8", 1, template, file) from None
        except OSError:
            raise jinja2.TemplateNotFound(template) from None


def _concatenated(template: jinja2.Template, variables: Mapping[str, Any]) -> str:
    texts: list[str] = []
    size = 0
    rendering = template.root_render_func(template.new_context(dict(variables)))
    # In batches: a loop in Python over every piece would cost as much as the rendering.
    while parts := list(itertools.islice(rendering, 500)):
        size += sum(map(len, parts))
        if size > limits.MAX_TEXT:
            # Raised within the template, so that the error has its line.
            rendering.throw(limits.LimitExceeded("the template writes too much"))  # type: ignore[attr-defined]
        texts.append("".join(parts))
    return "".join(texts)


def _variables(unit: Unit) -> dict[str, Any]:
    """What a template sees. Names and shapes are documented in docs/reference/chart.md."""
    environment, service = unit.environment, unit.service
    route = service.route if service else None
    return {
        "values": unit.values,
        "component": {
            "name": unit.component.name,
            "path": unit.component.label,
            "namespace": unit.namespace,
        },
        "service": {
            "name": service.name,
            "path": "/".join(service.path),
            "namespace": service.namespace,
            "values": service.values,
        }
        if service
        else None,
        "environment": {
            "name": environment.name,
            "labels": environment.labels,
            "kubernetes": {
                "version": environment.kubernetes.version,
                "apiVersions": list(environment.kubernetes.api_versions or ()),
            },
        },
        "routing": {
            "service": route.service,
            "port": route.port,
            "hosts": list(route.hosts),
            "gateways": list(route.gateways),
            "provider": route.provider,
            "split": route.split,
        }
        if route
        else None,
    }
