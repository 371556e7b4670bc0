"""A repository that weft works on, for whole-program tests: its files, runs of weft in it, its output."""

from __future__ import annotations

import atexit
import functools
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests import forks

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Run:
    """What one run of weft came to."""

    code: int
    out: str
    err: str


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment variables of a run: those of the tests without weft's own, then `extra`."""
    ours = ("WEFT_", "_WEFT_", "GENERATE_", "_GENERATE_")
    inherited = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(ours) and key not in {"NO_COLOR", "FORCE_COLOR", "PYTHONHASHSEED"}
    }
    # What the user's own runs left must not answer for a test's.
    return inherited | {"PYTHONPATH": forks.python_path(), "XDG_CACHE_HOME": _cache()} | dict(extra or {})


@functools.cache
def _cache() -> str:
    folder = tempfile.TemporaryDirectory(prefix="weft-cache-")
    atexit.register(folder.cleanup)
    return folder.name


def unmeasured(variables: Mapping[str, str]) -> dict[str, str]:
    """`variables` without those of coverage, which could not write where a test lets nothing be written."""
    return {key: value for key, value in variables.items() if not key.startswith("COVERAGE_")}


def read_tree(folder: Path) -> dict[str, bytes]:
    """Every file under `folder` by its path below it, with `/`; empty where there is no such folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


class Project:
    """A repository in `root` with no more in it than a test puts there."""

    def __init__(self, root: Path) -> None:
        """Stand on the folder `root`, which is made if it is missing."""
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    @property
    def generated(self) -> Path:
        """The folder that a run writes to unless told otherwise."""
        return self.root / "generated"

    def write(self, files: Mapping[str, str | bytes]) -> Project:
        """Write each text to its path below the root; returns the project itself."""
        for path, text in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self

    def command(self, *args: str) -> list[str]:
        """The command line that starts weft with `args`."""
        return [sys.executable, "-m", "generator", *args]

    def weft(
        self, *args: str, env: Mapping[str, str] | None = None, stdin: str = "", cwd: Path | None = None
    ) -> Run:
        """Run weft as a process of its own, in the root of the project unless `cwd` says otherwise."""
        variables, folder = environment(env), cwd or self.root
        if forks.fits(variables):
            code, out, err = forks.run(args, folder, variables, stdin.encode())
        else:
            done = subprocess.run(
                self.command(*args),
                cwd=folder,
                env=variables,
                input=stdin.encode(),
                capture_output=True,
                check=False,
            )
            code, out, err = done.returncode, done.stdout, done.stderr
        return Run(code, out.decode(), err.decode())

    def generate(self, *args: str, env: Mapping[str, str] | None = None) -> Run:
        """Run `weft generate` with `args`."""
        return self.weft("generate", *args, env=env)

    def tree(self) -> dict[str, bytes]:
        """The output: what `generated/` holds, by path below it."""
        return read_tree(self.generated)
