"""One template of a Jinja2 chart: what it renders, or the error that it ends with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.errors import DefinitionError
from generator.render.base import Run
from generator.render.jinja import JinjaRenderer
from tests.render.charts import unit, write

FILE = "web/templates/a.yaml.j2"
HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n"


def render(root: Path, template: str, values: Any = None, files: dict[str, str] | None = None) -> Any:
    """The data of the one ConfigMap whose data block is `template`."""
    write(root, {FILE: HEAD, **(files or {})})
    (root / FILE).write_text(HEAD + template, encoding="utf-8")
    rendered = JinjaRenderer().render(unit("jinja", "web", values or {}), Run(str(root)))
    return rendered.objects[0].data["data"]


def error(
    root: Path, template: str, values: Any = None, files: dict[str, str] | None = None
) -> DefinitionError:
    """The error of the template whose text from line 6 on is `template`."""
    with pytest.raises(DefinitionError) as caught:
        render(root, template, values, files)
    assert str(root) not in str(caught.value)
    return caught.value
