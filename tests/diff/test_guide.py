"""The pipelines that the guide to reviewing a change shows."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest

from generator import yamlio
from generator.cli import app
from tests.diff.history import History
from tests.docs.pages import ROOT, blocks, name
from tests.project_tree import environment
from tests.publish.manifests import GIT

PAGE = ROOT / "docs/guide/review-a-change.md"
TEXT = PAGE.read_text(encoding="utf-8")


def pipelines() -> list[Any]:
    return [
        document.value
        for block in blocks(PAGE)
        if block.language == "yaml" and "file" not in block.attributes
        for document in yamlio.read(block.text, name(PAGE), line=block.line)
    ]


def calls() -> list[str]:
    """What each line of a pipeline gives to weft, up to what is the shell's."""
    scripts = "\n".join(block.text for block in blocks(PAGE) if block.language == "yaml")
    scripts = re.sub(r"\$\{\{.*?\}\}|\"\$\w+\"|\$ENVIRONMENT", "prod", scripts)
    return [
        found.strip() for found in re.findall(r"\bweft ((?:diff|affected|generate) [^>)|\"\n]*)", scripts)
    ]


def test_there_are_pipelines_for_both() -> None:
    assert [call.split()[0] for call in calls()] == ["diff", "diff", *(["affected", "generate"] * 2)]
    assert len(pipelines()) == 4


@pytest.mark.parametrize("call", calls())
def test_a_pipeline_calls_weft_as_it_can_be_called(call: str) -> None:
    command, *arguments = shlex.split(call)
    found = app.group.get_command(click.Context(app.group), command)
    assert found is not None
    found.make_context(command, arguments)


def test_the_child_pipeline_has_a_job_for_each_environment(tmp_path: Path) -> None:
    script = next(step for step in pipelines()[3]["affected"]["script"] if step.startswith("python3"))
    here = History(tmp_path / "definitions")
    here.write({"environments/prod-east.yaml": "labels: {region: moon}\n"})
    for files in ({}, {"config/common.yaml": "subcomponents: {settings: {config: {colour: red}}}\n"}):
        here.write(files)
        found = here.project.weft("affected", "--from", "HEAD", env=GIT).out
        (tmp_path / "affected.json").write_text(found, encoding="utf-8")
        subprocess.run(["bash", "-ec", script], cwd=tmp_path, env=environment(), check=True)
        child = json.loads((tmp_path / "child.yml").read_text(encoding="utf-8"))
        if files:
            names = ["edge-1", "prod-east", "prod-west"]
            assert child["check"]["parallel"] == {"matrix": [{"ENVIRONMENT": names}]}
        else:
            assert child == {"nothing": {"script": ["true"]}}
