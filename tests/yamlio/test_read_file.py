"""Config files: one document each, from disk."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from generator import yamlio
from generator.errors import DefinitionError, SurroundingsError
from generator.model.document import Position


def test_yaml_and_json(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("---\na: 1\n---\n")
    (tmp_path / "a.json").write_text('{"a": 1}')
    for name in ("a.yaml", "a.json"):
        document = yamlio.read_file(tmp_path / name, f"some/{name}")
        assert (document.file, document.value) == (f"some/{name}", {"a": 1})
        assert document.where("a").line == (2 if name == "a.yaml" else 1)


@pytest.mark.parametrize("name", ["a.yaml", "a.json"])
@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf", b"null"])
def test_nothing_is_an_empty_mapping(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    document = yamlio.read_file(tmp_path / name, name)
    assert document.value == {}
    assert str(document.where("a")) == f"{name}:1:1"


def test_a_second_document_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\n---\n# x\nb: 2\n---\nc: 3\n")
    with pytest.raises(DefinitionError, match="a second document") as caught:
        yamlio.read_file(tmp_path / "a.yaml", "a.yaml")
    assert caught.value.place == "a.yaml:4:1"


def test_what_json_refuses_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("a: 1\n")
    with pytest.raises(DefinitionError, match="expected a value") as caught:
        yamlio.read_file(tmp_path / "a.json", "x/a.json")
    assert caught.value.place == "x/a.json:1:1"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SurroundingsError) as caught:
        yamlio.read_file(tmp_path / "missing.yaml", "x/missing.yaml")
    assert caught.value.file == "x/missing.yaml"
    assert str(tmp_path) not in str(caught.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="found a folder") as caught:
        yamlio.read_file(tmp_path, "x")
    assert caught.value.file == "x"


def test_a_place_that_is_looked_up_later_is_the_place(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\nb:\n- c: 2\n- d: 3\n")
    paths: list[tuple[str | int, ...]] = [("a",), ("b",), ("b", 1), ("b", 1, "d"), ("b", 5), ("x",)]

    def places() -> list[Position]:
        document = yamlio.read_file(tmp_path / "a.yaml", "a.yaml")
        return [document.where(*path) for path in paths]

    known = [Position("a.yaml", *mark) for mark in ((1, 1), (2, 1), (4, 3), (4, 3), (2, 1), (1, 1))]
    assert places() == known
    assert known == places()
    assert {*places()} == {*known}
    assert [str(place) for place in places()] == [str(place) for place in known]
    assert sorted(places(), reverse=True) == sorted(known, reverse=True)
    assert min(places()[1], known[0]) == known[0]
    assert known[0] < places()[1] <= known[1] <= places()[2]
    assert places()[2] > known[1] >= places()[1] >= known[0]
    assert pickle.loads(pickle.dumps(places())) == known
    assert repr(places()[0]) != ""
    assert places()[0] != "a.yaml"
