"""Rules in CEL where the library is missing, and where no object has anything to ask: nothing is imported."""

from __future__ import annotations

import os
from pathlib import Path

from tests.project_tree import ROOT, Project
from tests.shop import shop

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
# Its kind has rules, and none of them is about these fields.
PLAIN = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: plain}
spec:
  hosts: [a.example.org]
  http: [{redirect: {authority: b.example.org}}]
"""
ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: %s}
spec:
  rules:
    - matches: [{path: {value: //cart}}]
"""
TIMEOUT = PLAIN.replace("plain", "slow").replace("http: [{", "http: [{timeout: soon, ")


def project(folder: Path, *manifests: str) -> Project:
    return shop(
        folder / "shop",
        {
            "app/component.yaml": "type: static\npath: ./manifests\n",
            "app/manifests/all.yaml": "---\n".join(manifests),
            "environments/test.yaml": "",
        },
    )


def without_library(folder: Path) -> dict[str, str]:
    """The environment of a run in which the library cannot be imported, and the file `tried` says who did."""
    package = folder / "blocked" / "cel_expr_python"
    package.mkdir(parents=True)
    tried = f"open({str(folder / 'tried')!r}, 'w').close()"
    (package / "__init__.py").write_text(f"{tried}\nraise ImportError('blocked')\n")
    return {"PYTHONPATH": os.pathsep.join([str(package.parent), str(ROOT)])}


def test_one_note_says_how_many_rules_of_which_kinds_were_not_asked(tmp_path: Path) -> None:
    tree = project(tmp_path, ROUTE % "a", ROUTE % "b", TIMEOUT, CONFIG)
    run = tree.weft("generate", "--all", env=without_library(tmp_path))
    assert run.code == 0, run.err
    [note] = [line for line in run.err.splitlines() if "CEL" in line]
    assert note == (
        "note: 96 rules in CEL were not evaluated (HTTPRoute, VirtualService): the Python package "
        "cel-expr-python is not installed (pip install 'weft[policies]', for Python 3.11 and newer)"
    )
    assert "Traceback" not in run.err


def test_the_library_is_not_imported_where_no_rule_has_anything_to_ask(tmp_path: Path) -> None:
    blocked = without_library(tmp_path)
    run = project(tmp_path, CONFIG, PLAIN).weft("validate", env=blocked)
    assert run.code == 0
    assert "note" not in run.err
    assert not (tmp_path / "tried").exists()
    project(tmp_path, CONFIG, TIMEOUT).weft("validate", env=blocked)
    assert (tmp_path / "tried").exists()


def test_the_note_has_its_code_and_can_be_told_from_findings(tmp_path: Path) -> None:
    run = project(tmp_path, TIMEOUT).weft("validate", "test", "-o", "json", env=without_library(tmp_path))
    assert run.code == 0
    assert '"rules-not-evaluated"' in run.out
    assert "6 rules in CEL were not evaluated (VirtualService)" in run.out
