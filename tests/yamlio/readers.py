"""The readers that everything weft writes must mean the same to."""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import ruamel.yaml
import yaml

from generator import yamlio


def pyyaml(text: str) -> Any:
    """What a YAML 1.1 reader makes of `text`."""
    return yaml.safe_load(text)


def ruamel_12(text: str) -> Any:
    """What a YAML 1.2 reader makes of `text`."""
    return ruamel.yaml.YAML(typ="safe", pure=True).load(io.StringIO(text))


def own(text: str) -> Any:
    """What weft itself makes of `text`."""
    documents = yamlio.read(text, "own.yaml", marks=False)
    return documents[0].value if documents else None


READERS = {"1.1": pyyaml, "1.2": ruamel_12, "own": own}


def helm(values: str, folder: Path) -> Any:
    """What helm, and so kubectl and Flux, makes of the mapping `values`."""
    program = shutil.which("helm")
    assert program is not None
    chart = folder / "chart"
    (chart / "templates").mkdir(parents=True, exist_ok=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: echo\nversion: 0.1.0\n")
    # As base64, because helm reads what a template has made once more.
    (chart / "templates" / "x.yaml").write_text("x: {{ .Values | toJson | b64enc }}\n")
    (folder / "values.yaml").write_text(values, encoding="utf-8", newline="\n")
    done = subprocess.run(
        [program, "template", "echo", str(chart), "-f", str(folder / "values.yaml")],
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(folder), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("x: "))
    # helm has only floats, and writes large ones without a dot.
    return json.loads(base64.b64decode(line[3:]), parse_int=float)
