"""What an environment leaves behind in memory: nothing that only the collector of cycles would free."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.project_tree import environment

_COUNTING = """
import gc
from generator import pipeline
from generator.model.request import Progress, Request

request = Request(environments=("prod-east", "prod-west"))
definition = pipeline.define(request)
outputs = pipeline.outputs(definition, request, None, Progress())
gc.disable()
for number in range(2):
    output = next(outputs)
    assert not output.errors
    del output
    print(gc.collect())
"""

ROOT = Path(__file__).parents[2]


def test_an_environment_leaves_no_cycles_behind() -> None:
    """A run puts the collector off, so that it does not look at a million maps in vain."""
    done = subprocess.run(
        [sys.executable, "-c", _COUNTING],
        cwd=ROOT,
        env=environment({"PYTHONPATH": str(ROOT)}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # The first environment compiles templates and schemas, which leaves some once.
    assert done.stdout.split()[1] == "0"
