"""An index.yaml: what is read from the lines of one chart is what reading all of it gives."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from generator.errors import DefinitionError
from generator.fetch import chartindex

NAMES = ("app", "apps", "my-app", "a.p", "App")
WORDS = st.text(alphabet="ab:#-'\"|>&*%!{}[], \n\té\u2028", max_size=40) | st.sampled_from(
    (
        "one\n\ntwo",
        "app:\n  - version: 9.9.9",
        "  app:",
        "# no comment",
        "---\nx",
        "...",
        "%YAML 1.2",
        "x\r\ny",
    )
)
ENTRY = st.fixed_dictionaries(
    {
        "apiVersion": st.just("v2"),
        "description": WORDS,
        "urls": st.lists(st.sampled_from(("app-1.tgz", "https://example.com/app.tgz")), max_size=2),
        "version": st.sampled_from(("1.0.0", "1.2.3-rc.1", "v2", "nightly", "1.0.0+a")),
    },
    optional={"digest": st.just("ab" * 32), "maintainers": st.lists(st.fixed_dictionaries({"name": WORDS}))},
)
INDEX = st.fixed_dictionaries(
    {
        "apiVersion": st.just("v1"),
        "entries": st.dictionaries(st.sampled_from(NAMES), st.lists(ENTRY, max_size=3)),
    },
    optional={"generated": st.just("2024-01-01T00:00:00Z")},
)


def said(read: Any, data: bytes, chart: str) -> Any:
    try:
        return read(data, chart)
    except DefinitionError as error:
        return str(error)


@given(INDEX, st.sampled_from(("\n", "\r\n")), st.booleans(), st.booleans())
@example({"apiVersion": "v1", "entries": {"app": [], "apps": []}}, "\n", False, False)
def test_the_lines_of_one_chart_say_what_the_whole_says(
    index: Any, end: str, flow: bool, unicode: bool
) -> None:
    text = yaml.safe_dump(index, default_flow_style=None if flow else False, allow_unicode=unicode)
    data = text.replace("\n", end).encode()
    for chart in NAMES:
        cut = said(chartindex._cut, data, chart)
        if cut is not None:
            assert cut == said(chartindex._whole, data, chart)


def test_an_index_as_helm_writes_it_is_read_from_its_lines() -> None:
    data = (
        b"apiVersion: v1\nentries:\n  app:\n  - description: |-\n      one\n\n      app:\n    name: app\n"
        b"    urls:\n    - app-2.0.0.tgz\n    version: 2.0.0\n"
        b"  - urls:\n    - app-1.0.0.tgz\n    version: 1.0.0\n"
        b'  apps:\n  - urls:\n    - x.tgz\n    version: 3.0.0\ngenerated: "2024-01-01T00:00:00Z"\n'
    )
    assert chartindex._cut(data, "app") == chartindex._whole(data, "app")
    assert [entry.version for entry in chartindex.entries(data, "app")] == ["2.0.0", "1.0.0"]
    assert [entry.version for entry in chartindex.entries(data, "apps")] == ["3.0.0"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"  app:\n", b'  "app":\n'),
        (b"  app:\n", b"  app: &app\n"),
        (b"  app:\n", b"  # the one\n  app:\n"),
        (b"entries:\n", b"entries:   \n"),
        (b"apiVersion: v1\n", b"---\napiVersion: v1\n"),
        (
            b"apiVersion: v1\n",
            b'{"apiVersion": "v1", "entries": {"app": [{"urls": ["a.tgz"], "version": "1.0.0"}]}}',
        ),
    ],
)
def test_one_written_otherwise_is_read_whole(old: bytes, new: bytes) -> None:
    data = b"apiVersion: v1\nentries:\n  app:\n  - urls: [a.tgz]\n    version: 1.0.0\n"
    changed = new if new.startswith(b"{") else data.replace(old, new)
    assert [entry.version for entry in chartindex.entries(changed, "app")] == ["1.0.0"]
