"""Runs the KCL program main.k in this folder and writes the stream it makes to out/all.yaml."""

from __future__ import annotations

import sys
from pathlib import Path

from kcl_lib import api  # type: ignore[import-not-found]

result = api.API().exec_program(api.ExecProgramArgs(k_filename_list=["main.k"]))
if result.err_message:
    sys.exit(result.err_message)
Path("out").mkdir(exist_ok=True)
Path("out/all.yaml").write_text(result.yaml_result)
