"""The proof: the line that explain names makes the field and no other, and no line that lost makes a byte."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from generator import explain, pipeline
from generator.explain.record import ABSENT, Candidate, FieldExplanation
from generator.model.definition import Definition
from generator.model.document import Position, dotted
from generator.model.request import Progress, Request
from tests.explain.trees import edited, trees
from tests.project_tree import Project

Field = tuple[str, int, tuple[Any, ...]]


class World:
    """A definition on the disk, and what the real pipeline makes of it."""

    def __init__(self, root: Path, files: Mapping[str, str]) -> None:
        self.root = root
        Project(root).write(files)

    def request(self, name: str) -> Request:
        return Request(root=str(self.root), environments=(name,), validate=False)

    def define(self, name: str) -> Definition:
        return pipeline.define(self.request(name))

    def generated(self, name: str) -> Mapping[str, bytes]:
        (output,) = pipeline.outputs(self.define(name), self.request(name), None, Progress())
        assert not output.errors, output.errors
        return output.files

    def edit(self, place: Position, below: int = 0) -> tuple[Path, str]:
        """Changes the value on a line of a file; returns the file and its text from before."""
        path = self.root / place.file
        before = path.read_text()
        lines = before.splitlines()
        assert place.line is not None
        number = place.line - 1 + below
        assert edited(lines[number]) != lines[number]
        lines[number] = edited(lines[number])
        path.write_text("\n".join(lines) + "\n")
        return path, before


def fields(files: Mapping[str, bytes]) -> dict[Field, Any]:
    """Every leaf of every object by file, number of the object and path."""
    found: dict[Field, Any] = {}
    for file, content in files.items():
        if file in ("kustomization.yaml", "inventory.json"):
            continue
        for index, data in enumerate(yaml.safe_load_all(content)):
            found.update({(file, index, path): value for path, value in leaves(data)})
    return found


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, (dict, list)) and value:
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, step))
    else:
        yield path, value


def explained(world: World, name: str, files: Mapping[str, bytes], field: Field) -> FieldExplanation:
    file, index, path = field
    data = list(yaml.safe_load_all(files[file]))[index]
    scene = explain.scene(world.define(name), world.request(name), name, secrets=True)
    metadata = data["metadata"]
    words = "/".join(filter(None, (data["kind"], metadata.get("namespace"), metadata["name"])))
    return explain.explain_field(scene, words, dotted(path))


def winners(explanation: FieldExplanation) -> Sequence[Candidate]:
    found = []
    for item in explanation.behind:
        if item.explanation.winner is not None:
            found.append(item.explanation.winner)
    return found


def losers(explanation: FieldExplanation) -> Iterator[tuple[Candidate, int]]:
    """The places that lost with a value of their own, and how many lines below each the value stands."""
    for item in explanation.behind:
        for candidate in item.explanation.candidates:
            if candidate.fate == "lost" and candidate.value is not None and candidate.value != {}:
                yield candidate, 1 if isinstance(candidate.value, list) else 0


# Thirteen times eight fields. An example takes seconds, so none is shrunk.
@settings(max_examples=13, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
@given(trees(), st.data())
def test_the_line_that_explain_names_makes_the_field_and_a_loser_makes_nothing(
    files: dict[str, str], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), files)
        name = data.draw(st.sampled_from(["east", "west"]), label="environment")
        before = world.generated(name)
        known = fields(before)
        choices = sorted(field for field in known if field[2][0] in ("spec", "metadata"))
        chosen = data.draw(st.lists(st.sampled_from(choices), unique=True, min_size=8, max_size=8))
        for field in chosen:
            explanation = explained(world, name, before, field)
            for winner in winners(explanation):
                changed = changed_by(world, name, known, winner.place)
                assert field in changed, (field, winner)
                check_others(world, name, before, changed - {field}, winner.place)
            for loser, below in losers(explanation):
                changed = changed_by(world, name, known, loser.place, below)
                assert not [other for other in changed if other[0] == field[0]], (field, loser)
                # Other components may read the same chart, or inherit from the same component.
                line = Position(loser.place.file, (loser.place.line or 0) + below)
                check_others(world, name, before, changed, line)


def changed_by(
    world: World, name: str, known: Mapping[Field, Any], place: Position, below: int = 0
) -> set[Field]:
    """The fields that differ after the line at `place` was changed, which is then undone."""
    path, text = world.edit(place, below)
    after = fields(world.generated(name))
    path.write_text(text)
    return {field for field in {**known, **after} if known.get(field, ABSENT) != after.get(field, ABSENT)}


def check_others(
    world: World, name: str, files: Mapping[str, bytes], changed: set[Field], place: Position
) -> None:
    """Every other field that a line changes is explained by that line."""
    for field in sorted(changed, key=str):
        # A field that is new has no explanation from before.
        if field in fields(files):
            explanation = explained(world, name, files, field)
            candidates = [one for item in explanation.behind for one in item.explanation.candidates]
            places = {(one.place.file, one.place.line) for one in candidates if one.fate != "lost"}
            assert (place.file, place.line) in places, (field, place, places)
