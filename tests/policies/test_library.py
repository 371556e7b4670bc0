"""Policies where the CEL library is missing: an error that says what to install, where it is needed."""

from __future__ import annotations

import os
from pathlib import Path

from tests.policies.cluster import DEPLOYMENT, policy, project
from tests.project_tree import ROOT


def without_library(folder: Path) -> dict[str, str]:
    """The environment of a run in which the library cannot be imported."""
    package = folder / "blocked" / "cel_expr_python"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('blocked')\n")
    return {"PYTHONPATH": os.pathsep.join([str(package.parent), str(ROOT)])}


def test_a_policy_needs_the_library(tmp_path: Path) -> None:
    shop = project(tmp_path / "shop", DEPLOYMENT, policy("a", "true"))
    run = shop.generate("prod", env=without_library(tmp_path))
    assert run.code == 4
    assert "policies need the Python package cel-expr-python" in run.err
    assert "pip install 'weft[policies]'" in run.err


def test_a_definition_without_policies_does_not(tmp_path: Path) -> None:
    shop = project(tmp_path / "shop", DEPLOYMENT)
    assert shop.generate("prod", env=without_library(tmp_path)).code == 0
