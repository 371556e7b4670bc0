"""Completes the names of environments for the shell, from their files."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem


def environments(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The environments that begin with what was typed; from file names alone, so that it is instant."""
    root = Path(context.find_root().params.get("directory") or ".")
    given = set(context.params.get("environments") or ())
    names = sorted(
        {file.stem for suffix in ("yaml", "json") for file in (root / "environments").glob(f"*.{suffix}")}
    )
    return [
        CompletionItem(name)
        for name in names
        if name.startswith(incomplete) and name != "common" and name not in given
    ]
