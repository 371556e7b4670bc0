"""Plain scalars in flow collections may hold `:`: kubectl, helm and Flux read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import yamlio
from generator.errors import DefinitionError
from tests.yamlio.readers import helm

READ = {
    "a: [--url=http://x, b]": ["--url=http://x", "b"],
    "a: {url: https://x/y}": {"url": "https://x/y"},
    "a: [b:c, d]": ["b:c", "d"],
    "a: [a:b:c]": ["a:b:c"],
    "a: [registry:5000/app:1.2, yes, 0o17]": ["registry:5000/app:1.2", True, 15],
    "b: &b {x: http://y}\na: {<<: *b, z: 1}": {"x": "http://y", "z": 1},
}


@pytest.mark.parametrize("text", READ)
@pytest.mark.parametrize("marks", [True, False])
def test_is_read(text: str, marks: bool) -> None:
    (document,) = yamlio.read(text, "f.yaml", marks=marks)
    assert document.value["a"] == READ[text]


def test_as_helm_reads_it(tmp_path: Path) -> None:
    together = {
        f"k{index}": text.removeprefix("a: ") for index, text in enumerate(READ) if text.startswith("a: ")
    }
    text = "".join(f"{key}: {value}\n" for key, value in together.items())
    assert helm(text, tmp_path) == {key: READ[f"a: {value}"] for key, value in together.items()}


def test_positions_are_those_of_the_file() -> None:
    (document,) = yamlio.read("x: 1\na:\n  b: [http://x, {c: y:z}]\n", "f.yaml")
    assert document.marks[("a", "b", 1, "c")] == (3, 18)


@pytest.mark.parametrize(
    ("text", "place"),
    [("a: [b:c, 'd]\n", "f.yaml:1:"), ("a: [b:c]\n b: 1\n", "f.yaml:2:"), ("a: {b:c, b:c}\n", "f.yaml:1:")],
)
def test_what_is_wrong_besides_is_refused(text: str, place: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        yamlio.read(text, "f.yaml")
    assert str(caught.value).startswith(place)
