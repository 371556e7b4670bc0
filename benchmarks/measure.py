"""Runs one command and writes what it cost: `python -I -S measure.py RESULT COMMAND...`.

A process of its own, because the kernel counts the memory of whoever starts a program as that program's.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main(result: str, *command: str) -> None:
    """Run `command`; write wall and CPU seconds, peak memory in KiB and the exit code to `result`.

    CPU is that of the command and of all its descendants; the peak is that of the largest of them.
    """
    begin = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - begin
    cost = {
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        # macOS counts bytes.
        "peak": usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1),
        "code": os.waitstatus_to_exitcode(status),
    }
    with open(result, "w") as stream:
        json.dump(cost, stream)


if __name__ == "__main__":
    main(*sys.argv[1:])
