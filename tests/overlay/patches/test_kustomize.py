"""Patches mean what they mean to kustomize: each case of `cases/` is given to both.

A case is a base and a patch, with a target where it has one. Where weft means to do otherwise, `deviates`
says why, and `weft` what it makes or `refused` what it says.
"""

from __future__ import annotations

import functools
import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.errors import WeftError
from generator.model.document import Position
from generator.model.formats import Target
from generator.model.manifest import Manifest
from generator.model.patches import PlacedPatch
from generator.overlay import patches
from generator.schema.formats import convert

CASES = {path.stem: path for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))}


@functools.cache
def _case(name: str) -> Mapping[str, Any]:
    case: Mapping[str, Any] = yaml.safe_load(CASES[name].read_text(encoding="utf-8"))
    return case


def _prefix(name: str) -> str:
    return f"case{list(CASES).index(name):03}-"


@functools.cache
def _by_kustomize() -> Sequence[Any]:
    """What kustomize makes of all cases, in one run: reading its schemas takes it a second."""
    with tempfile.TemporaryDirectory() as folder:
        for name in CASES:
            _write(Path(folder, name), name)
        _save(Path(folder), "kustomization.yaml", {"resources": list(CASES)})
        done = subprocess.run(["kustomize", "build", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.load_all(done.stdout, Loader=yaml.CSafeLoader))


def _write(folder: Path, name: str) -> None:
    case = _case(name)
    folder.mkdir()
    _save(folder, "base.yaml", case["base"])
    _save(folder, "patch.yaml", case["patch"])
    patch = {"path": "patch.yaml", **({"target": case["target"]} if "target" in case else {})}
    # The prefix keeps the cases apart, and is laid after the patch.
    _save(
        folder,
        "kustomization.yaml",
        {"resources": ["base.yaml"], "patches": [patch], "namePrefix": _prefix(name)},
    )


def _save(folder: Path, file: str, data: Any) -> None:
    (folder / file).write_text(json.dumps(data), encoding="utf-8")


def _theirs(name: str) -> Sequence[Any]:
    base, prefix = _case(name)["base"], _prefix(name)
    found = []
    for item in _by_kustomize():
        said = item["metadata"]["name"]
        # Namespaces and definitions of custom resources get no prefix, and some references get one, too.
        plain = item["kind"] == base["kind"] and said == base["metadata"]["name"]
        if plain or said.startswith(prefix):
            found.append(json.loads(json.dumps(item).replace(prefix, "")))
    return found


def _ours(name: str) -> Sequence[Any]:
    case = _case(name)
    before = json.dumps(case)
    item = Manifest(case["base"], Position("base.yaml"), "shop")
    patch = PlacedPatch(
        kind="json6902" if isinstance(case["patch"], list) else "strategic",
        content=case["patch"],
        place=Position("config/common.yaml", 1, 1),
        target=convert(Target, case["target"]) if "target" in case else None,
    )
    try:
        return [found.data for found in patches.apply([item], [patch])]
    finally:
        assert json.dumps(case) == before, "the inputs are shared, and stay as they are"


@pytest.mark.parametrize("name", CASES)
def test_a_patch_does_what_it_does_in_kustomize(name: str) -> None:
    case = _case(name)
    if "refused" in case:
        assert case["deviates"]
        with pytest.raises(WeftError) as caught:
            _ours(name)
        assert case["refused"] in str(caught.value)
        # Kustomize does not refuse it.
        assert _theirs(name)
    elif "deviates" in case:
        assert _ours(name) == [case["weft"]]
        # Where kustomize comes to agree, the deviation is none, and the sentence has to go.
        assert _theirs(name) != _ours(name)
    else:
        assert _ours(name) == _theirs(name)


def test_the_corpus_is_large_enough() -> None:
    assert sum("deviates" not in _case(name) for name in CASES) >= 60
