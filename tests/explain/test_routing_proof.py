"""The proof for what weft makes: the line that explain names makes the field; where it names none, none."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, given, settings

from generator import explain
from generator.explain.record import ABSENT
from generator.model.document import Position
from tests.explain.test_proof import Field, World, explained, fields
from tests.explain.trees import services

FILES = ("environments/east.yaml", "config/common.yaml", "api/config/common.yaml", "api/component.yaml")
OWN = "api/api.yaml"


@settings(max_examples=8, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
@given(services())
def test_each_field_of_a_made_object_leads_to_the_line_that_makes_it(files: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), files)
        before = world.generated("east")
        known = fields(before)
        objects = list(yaml.safe_load_all(before[OWN]))
        # The one Service that is rendered is not made.
        rendered = next(i for i, one in enumerate(objects) if one["spec"].get("selector") == {"app": "app"})
        made = [field for field in known if field[0] == OWN and field[1] != rendered]
        changes = {place: changed(world, known, *place) for place in lines(Path(folder))}
        whole: dict[int, Mapping[Any, Position | None]] = {}
        for field in made:
            place = explained(world, "east", before, field).place
            if field[1] not in whole:
                whole[field[1]] = places(world, objects[field[1]])
            assert whole[field[1]][field[2]] == place, field
            makers = {line for line, after in changes.items() if field in after}
            if place is None:
                assert not makers, (field, makers)
            elif place.file in FILES:
                assert (place.file, place.line) in makers, (field, place, makers)
            else:
                # What is copied, and the namespace of all.
                assert place.file.endswith(".j2") or place.file == "component.yaml", (field, place)


def places(world: World, data: Mapping[str, Any]) -> Mapping[Any, Position | None]:
    """The place of each field of an object, as explain names them for the whole of it."""
    scene = explain.scene(world.define("east"), world.request("east"), "east", secrets=True)
    words = "/".join((data["kind"], data["metadata"]["namespace"], data["metadata"]["name"]))
    return explain.explain_object(scene, words).places


def lines(root: Path) -> Iterator[tuple[str, int]]:
    """Each line that says something of routing."""
    for file in FILES:
        for number, line in enumerate((root / file).read_text().splitlines(), 1):
            if edited(line) != line:
                yield file, number


def edited(line: str) -> str:
    """The line with other names or another port; others as they are."""
    head, _, value = line.rpartition(" ")
    if head.endswith("port:"):
        return f"{head} {int(value) + 1}"
    if head.endswith("service:") or ".example.com" in value or "${" in value:
        return f"{head} {value}x"
    if "/w" in value:
        return f"{head} {value.replace('/', 'x/')}x"
    return f"{head} {int(value) + 1}" if head.endswith(("stable:", "canary:")) else line


def changed(world: World, known: Mapping[Field, Any], file: str, number: int) -> set[Field]:
    """The fields that another value on a line changes; a weight changes at the cost of the other."""
    path = world.root / file
    text = path.read_text()
    all_lines = text.splitlines()
    weight = all_lines[number - 1].lstrip().startswith(("stable:", "canary:"))
    all_lines[number - 1] = edited(all_lines[number - 1])
    if weight:
        other = number if "stable:" in all_lines[number - 1] else number - 2
        head, _, value = all_lines[other].rpartition(" ")
        all_lines[other] = f"{head} {int(value) - 1}"
    path.write_text("\n".join(all_lines) + "\n")
    after = fields(world.generated("east"))
    path.write_text(text)
    return {field for field in {**known, **after} if known.get(field, ABSENT) != after.get(field, ABSENT)}
