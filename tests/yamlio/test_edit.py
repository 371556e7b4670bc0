"""Editing in place: the asked value changes, and everything else keeps its bytes."""

from __future__ import annotations

import difflib
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import DefinitionError, SurroundingsError
from generator.yamlio import read_file
from generator.yamlio.edit import Edited

SHOP = """\
# The shop's first cluster.
labels:   # what selectors see
  region: "eu"   # or us
  # which ring
  tier: 'prod'

  note: >-
    long
    text

# where it is
cluster:
  endpoint: https://eu-1.example.com
  args: [ a,  b ]
replicas:
- name: x   # first
  count: 0x10
-   name: y
    count: yes
# the end
"""


def edited(folder: Path, text: str | bytes, name: str = "shop.yaml") -> Edited:
    """The text as a file, ready for edits."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Edited.read(path, name)


def lines_changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went and the lines that came."""
    marks = [line for line in difflib.ndiff(before.split("\n"), after.split("\n")) if line[0] in "-+"]
    return [m[2:] for m in marks if m[0] == "-"], [m[2:] for m in marks if m[0] == "+"]


SET = {
    "quotes stay": (("labels", "region"), "us", ['  region: "eu"   # or us'], ['  region: "us"   # or us']),
    "single quotes stay": (("labels", "tier"), "it's", ["  tier: 'prod'"], ["  tier: 'it''s'"]),
    "a text that looks like none": (
        ("cluster", "endpoint"),
        "yes",
        ["  endpoint: https://eu-1.example.com"],
        ['  endpoint: "yes"'],
    ),
    "behind the last": (("labels", "zone"), "a", [], ["  zone: a"]),
    "maps on the way": (("a", "b", "c"), 1, [], ["a:", "  b:", "    c: 1"]),
    "block text": (("labels", "note"), "short", ["  note: >-", "    long", "    text"], ["  note: short"]),
    "within a list": (("replicas", 1, "name"), "z", ["-   name: y"], ["-   name: z"]),
    "a flow list": (("cluster", "args", 1), "c", ["  args: [ a,  b ]"], ["  args: [ a,  c ]"]),
    "longer": (("cluster", "args", 2), "c", ["  args: [ a,  b ]"], ["  args: [ a,  b, c ]"]),
    "a list's item": (("replicas", 2), {"name": "z", "l": ["q"]}, [], ["- name: z", "  l:", "  - q"]),
    "a map over a map": (
        ("labels",),
        {"region": "us", "tier": "prod", "note": "long text"},
        ['  region: "eu"   # or us'],
        ['  region: "us"   # or us'],
    ),
}


@pytest.mark.parametrize("case", SET)
def test_only_the_lines_of_the_value_change(tmp_path: Path, case: str) -> None:
    keys, value, gone, come = SET[case]
    file = edited(tmp_path, SHOP)
    assert file.set(keys, value) is True
    assert lines_changed(SHOP, file.text()) == (gone, come)
    assert file.get(keys) == value
    assert file.set(keys, value) is False
    assert file.save() is True
    assert (tmp_path / "shop.yaml").read_text() == file.text()
    assert file.save() is False


@pytest.mark.parametrize("case", SET)
def test_set_back_restores_the_bytes(tmp_path: Path, case: str) -> None:
    keys, value, *_ = SET[case]
    file = edited(tmp_path, SHOP)
    before = file.get(keys)
    file.set(keys, value)
    if before is None:
        file.remove(keys, prune=True)
    else:
        file.set(keys, before)
    assert file.text() == SHOP
    assert file.save() is False


def test_what_is_equal_is_left_as_it_is_spelled(tmp_path: Path) -> None:
    file = edited(tmp_path, SHOP)
    assert file.set(["replicas", 0, "count"], 16) is False
    assert file.set(["replicas", 1, "count"], True) is False
    assert file.set(["labels"], {"tier": "prod", "region": "eu", "note": "long text"}) is False
    assert not file.changed()


def test_removing(tmp_path: Path) -> None:
    file = edited(tmp_path, SHOP)
    assert file.remove(["labels", "region"])
    assert file.remove(["replicas", 0])
    assert not file.remove(["labels", "nothing"])
    gone, come = lines_changed(SHOP, file.text())
    assert gone == ['  region: "eu"   # or us', "- name: x   # first", "  count: 0x10"]
    assert come == []
    assert file.remove(["replicas", 0])
    assert file.get(["replicas"]) == []
    assert file.remove(["cluster", "endpoint"])
    assert file.remove(["cluster", "args"], prune=True)
    assert file.get(["cluster"]) is None
    assert "# where it is\n" in file.text()
    assert file.text().endswith("# the end\n")


def test_appending(tmp_path: Path) -> None:
    file = edited(tmp_path, SHOP)
    assert file.append(["cluster", "args"], "c")
    assert not file.append(["cluster", "args"], "a")
    assert file.append(["exclude"], "eu-1")
    assert file.get(["exclude"]) == ["eu-1"]
    with pytest.raises(DefinitionError, match=r"shop\.yaml:2:1: labels is no list"):
        file.append(["labels"], "x")


def test_the_file_s_own_indentation(tmp_path: Path) -> None:
    file = edited(tmp_path, "a:\n    b:\n      - 1\n")
    file.set(["c"], {"d": {"e": [1]}})
    assert file.text().endswith("c:\n    d:\n        e:\n          - 1\n")


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "{}\n", "---\n# c\n...\n", "null\n", "# c"])
def test_a_file_that_holds_nothing(tmp_path: Path, text: str) -> None:
    file = edited(tmp_path, text)
    file.set(["labels", "a"], "b")
    assert "labels:\n  a: b" in file.text()
    file.remove(["labels", "a"], prune=True)
    assert file.text() == text


@pytest.mark.parametrize(
    "text", ["a: 1\r\nb: 2\r\n", "\ufeffa: 1\nb: 2\n", "a: 1\nb: 2", "---\na: 1\nb: 2\n"]
)
def test_line_breaks_mark_and_end_stay(tmp_path: Path, text: str) -> None:
    file = edited(tmp_path, text)
    file.set(["a"], 3)
    file.save()
    assert (tmp_path / "shop.yaml").read_bytes() == text.replace("1", "3").encode()
    file.set(["c"], {"d": 4})
    file.save()
    new = (tmp_path / "shop.yaml").read_bytes().decode()
    assert new.startswith(text.replace("1", "3"))
    assert new.endswith("\n") == text.endswith("\n")
    assert new.count("\n") == new.count("\r\n") or "\r\n" not in text
    assert read_file(tmp_path / "shop.yaml", "x").value == {"a": 3, "b": 2, "c": {"d": 4}}


ANCHORS = "base: &b\n  region: eu # c\n  tier: prod\nlabels:\n  <<: *b\n  tier: dev\nsame: *b\n"


def test_anchors_and_merge_keys(tmp_path: Path) -> None:
    file = edited(tmp_path, ANCHORS)
    assert file.get(["labels", "region"]) == "eu"
    # Its own value over a merged one.
    file.set(["labels", "region"], "us")
    assert file.text() == ANCHORS.replace("  tier: dev\n", "  tier: dev\n  region: us\n")
    file.remove(["labels", "region"])
    assert file.text() == ANCHORS


@pytest.mark.parametrize(
    ("keys", "place"),
    [(["base", "region"], "2:3"), (["same", "region"], "7:1"), (["labels", "region", "x"], "2:3")],
)
def test_what_would_change_more_is_refused(tmp_path: Path, keys: list[str], place: str) -> None:
    file = edited(tmp_path, ANCHORS)
    with pytest.raises(DefinitionError, match=rf"shop\.yaml:{place}: "):
        file.set(keys, "us")
    assert file.text() == ANCHORS
    with pytest.raises(DefinitionError):
        file.remove(["labels", "<<"]) or file.remove(["base"])


@pytest.mark.parametrize("text", ["a: [1\n", "a: 1\na: 2\n", "a: 1\n---\nb: 2\n", "a: \x01\n", b"a: \xff\n"])
def test_a_file_that_does_not_parse_stays_as_it_was(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(DefinitionError, match=r"shop\.yaml:\d"):
        edited(tmp_path, text)
    assert (tmp_path / "shop.yaml").read_bytes() == (text if isinstance(text, bytes) else text.encode())


JSON = '{\n    "labels": {"a": "1"},\n    "list": [\n        1\n    ]\n}\n'


def test_json_stays_json(tmp_path: Path) -> None:
    file = edited(tmp_path, JSON, "shop.json")
    file.set(["labels", "b"], "yes")
    file.append(["list"], {"x": [1]})
    file.set(["cluster", "type"], "k")
    assert lines_changed(JSON, file.text()) == (
        ['    "labels": {"a": "1"},', "        1", "    ]"],
        [
            '    "labels": {"a": "1", "b": "yes"},',
            *(
                "        1,",
                "        {",
                '            "x": [',
                "                1",
                "            ]",
                "        }",
            ),
            *("    ],", '    "cluster": {', '        "type": "k"', "    }"),
        ],
    )
    file.remove(["cluster"])
    file.remove(["list", 1])
    file.remove(["labels", "b"])
    assert file.text() == JSON


def test_saving_keeps_the_mode_and_leaves_nothing_beside(tmp_path: Path) -> None:
    file = edited(tmp_path, "a: 1\n")
    os.chmod(tmp_path / "shop.yaml", 0o640)
    file.set(["a"], 2)
    file.save()
    assert stat.S_IMODE((tmp_path / "shop.yaml").stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["shop.yaml"]


def test_a_new_file_never_replaces_one(tmp_path: Path) -> None:
    file = Edited.new(tmp_path / "environments" / "eu.yaml", "environments/eu.yaml")
    file.set(["labels"], {})
    file.set(["cluster"], {"type": "kubernetes"})
    other = Edited.new(tmp_path / "environments" / "eu.yaml", "environments/eu.yaml")
    other.set(["labels"], {"mine": "1"})
    assert file.save()
    assert file.text() == "labels: {}\ncluster:\n  type: kubernetes\n"
    with pytest.raises(SurroundingsError, match=r"environments/eu\.yaml: appeared while weft"):
        other.save()
    assert os.listdir(tmp_path / "environments") == ["eu.yaml"]


def test_what_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    file = edited(tmp_path, "a: 1\n")
    file.set(["a"], 2)
    (tmp_path / "shop.yaml").write_text("a: 1\nb: 1\n")
    with pytest.raises(SurroundingsError, match="was changed while weft edited it"):
        file.save()
    assert (tmp_path / "shop.yaml").read_text() == "a: 1\nb: 1\n"


def test_links_and_mixed_line_breaks_are_refused(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text("a: 1\n")
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    with pytest.raises(DefinitionError, match="is a symbolic link"):
        Edited.read(tmp_path / "link.yaml", "link.yaml")
    file = edited(tmp_path, "a: 1\r\nb: 1\n")
    with pytest.raises(DefinitionError, match="line breaks of two kinds"):
        file.set(["a"], 2)


KEYS = st.sampled_from(["a", "b", "region", "x.y/z", "on", "1", "a b", "#c", "null"])
SCALARS = st.one_of(
    st.sampled_from(
        ["", "yes", "x: y", "# no", "it's", "017", "2020-01-01", "line\nline\n", "ü", " s ", "-"]
    ),
    st.text(max_size=8).filter(lambda text: text.isprintable()),
    st.integers(-20, 300),
    st.booleans(),
    st.none(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
MAPS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)


class Writer:
    """Writes a value as a user might: comments, blank lines, braces, quotes, indentation of its own."""

    def __init__(self, draw: Any) -> None:
        """Choose the indentation of the whole file."""
        self._draw = draw
        self._maps = draw(st.integers(1, 4))
        self._lists = draw(st.integers(0, 3))
        self._number = 0

    def _sometimes(self) -> bool:
        return bool(self._draw(st.integers(0, 3)) == 0)

    def _scalar(self, value: Any) -> str:
        if isinstance(value, str) and self._sometimes() and value.isprintable():
            return "'" + value.replace("'", "''") + "'"
        return json.dumps(value, ensure_ascii=False)

    def _comment(self, pad: str) -> list[str]:
        if not self._sometimes():
            return []
        self._number += 1
        return [""] if self._sometimes() else [f"{pad}# comment {self._number}"]

    def _tail(self) -> str:
        self._number += 1
        return f"  # tail {self._number}" if self._sometimes() else ""

    def block(self, value: Any, column: int) -> list[str]:
        """The lines of a map or list that holds something."""
        pad, out = " " * column, list[str]()
        items = value.items() if isinstance(value, dict) else ((None, item) for item in value)
        for key, item in items:
            out += self._comment(pad)
            head = f"{pad}-" if key is None else f"{pad}{self._scalar(key)}:"
            if not isinstance(item, (dict, list)) or not item or self._sometimes():
                text = "" if item is None and self._sometimes() else " " + self._inline(item)
                out.append(head + text + self._tail())
                continue
            inner = self.block(item, column + self._step(item, key))
            if (
                key is None
                and self._sometimes()
                and inner[0].strip()
                and not inner[0].lstrip().startswith("#")
            ):
                out.append(head + inner[0][column + 1 :])
                out += inner[1:]
            else:
                out += [head + self._tail(), *inner]
        return out

    def _step(self, item: Any, key: Any) -> int:
        return max(2, self._maps) if key is None else (self._maps if isinstance(item, dict) else self._lists)

    def _inline(self, value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self._scalar(k)}: {self._inline(v)}" for k, v in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self._inline, value)) + "]"
        return self._scalar(value)


@st.composite
def files(draw: Any) -> tuple[dict[str, Any], str]:
    """A value, and a text that says it."""
    value = draw(MAPS)
    text = "\n".join(Writer(draw).block(value, 0))
    return value, text + ("\n" if draw(st.booleans()) else "")


def paths(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path below the root."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, item in items for path in [(*before, key), *paths(item, (*before, key))]]


@settings(max_examples=50, deadline=None)
@given(files(), SCALARS, st.data())
def test_property_a_scalar_is_one_line(
    tmp_path_factory: pytest.TempPathFactory, file: tuple[Any, str], new: Any, data: Any
) -> None:
    value, text = file
    folder = tmp_path_factory.mktemp("edit")
    edit = edited(folder, text)
    leaves = [path for path in paths(value) if not isinstance(edit.get(path), (dict, list))]
    if not leaves:
        return
    path = data.draw(st.sampled_from(leaves))
    before = edit.get(path)
    edit.set(path, new)
    assert edit.get(path) == new
    old_lines, new_lines = text.split("\n"), edit.text().split("\n")
    if "\n" not in str(new):
        assert len(old_lines) == len(new_lines)
        assert sum(one != other for one, other in zip(old_lines, new_lines, strict=True)) <= 1
    edit.save()
    again = Edited.read(folder / "shop.yaml", "x")
    again.set(path, before)
    assert again.get(path) == before
    assert [line for line in text.split("\n") if line.lstrip().startswith("#")] == [
        line for line in again.text().split("\n") if line.lstrip().startswith("#")
    ]


@settings(max_examples=60, deadline=None)
@given(files(), VALUES, st.data())
def test_property_any_edit_does_what_was_asked(
    tmp_path_factory: pytest.TempPathFactory, file: tuple[Any, str], new: Any, data: Any
) -> None:
    _value, text = file
    edit = edited(tmp_path_factory.mktemp("edit"), text)
    for _ in range(3):
        current = edit.get(())
        maps = [(), *(path for path in paths(current) if isinstance(edit.get(path), dict))]
        path = (*data.draw(st.sampled_from(maps)), data.draw(KEYS))
        # Nothing is refused here, and `set` itself checks that nothing else changes.
        edit.set(path, new)
        assert edit.get(path) == new
        path = data.draw(st.sampled_from(paths(edit.get(()))))
        assert edit.remove(path, prune=data.draw(st.booleans()))


@settings(max_examples=50, deadline=None)
@given(files(), VALUES, st.data())
def test_property_a_new_key_adds_lines_and_takes_none(
    tmp_path_factory: pytest.TempPathFactory, file: tuple[Any, str], new: Any, data: Any
) -> None:
    value, text = file
    folder = tmp_path_factory.mktemp("edit")
    edit = edited(folder, text)
    maps = [(), *(path for path in paths(value) if isinstance(edit.get(path), dict) and edit.get(path))]
    path = (*data.draw(st.sampled_from(maps)), "added")
    edit.set(path, new)
    edit.save()
    again = Edited.read(folder / "shop.yaml", "x")
    assert again.remove(path)
    assert again.text() == text


@settings(max_examples=40, deadline=None)
@given(MAPS, VALUES, st.sampled_from([None, 1, 2, 4, "\t"]), st.data())
def test_property_json(
    tmp_path_factory: pytest.TempPathFactory, value: Any, new: Any, indent: Any, data: Any
) -> None:
    folder = tmp_path_factory.mktemp("edit")
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    edit = edited(folder, text, "shop.json")
    maps = [(), *(path for path in paths(value) if isinstance(edit.get(path), dict) and edit.get(path))]
    path = (*data.draw(st.sampled_from(maps)), "added")
    edit.set(path, new)
    assert json.loads(edit.text()) == edit.get(())
    edit.save()
    again = Edited.read(folder / "shop.json", "x")
    again.remove(path)
    assert again.text() == text
    again.remove(data.draw(st.sampled_from(paths(value))))
    assert json.loads(again.text()) == again.get(())
