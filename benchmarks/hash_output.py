"""Hashes the files of a folder as git does: the least that telling whether they changed can cost."""

from __future__ import annotations

import hashlib
import os
import sys


def main(folder: str) -> None:
    """Print how many files are below `folder`, and one digest of them all."""
    total, count = hashlib.sha1(), 0
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            with open(os.path.join(parent, name), "rb") as stream:
                data = stream.read()
            total.update(hashlib.sha1(b"blob %d\0" % len(data) + data).digest())
            count += 1
    print(count, total.hexdigest())


if __name__ == "__main__":
    main(*sys.argv[1:])
