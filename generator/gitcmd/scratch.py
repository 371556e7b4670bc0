"""The folder in which a run makes its commits: a bare repository of its own, gone when the run ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping

from generator.gitcmd.address import Address
from generator.gitcmd.process import Done, Git, Settings
from generator.gitcmd.trees import FILE, Entry

REMOTE = "weft"
_PREFIX = "weft-publish-"
# A run locks its folder as soon as it has made it; one that is older and not locked was left by a killed run.
_LEFT_AFTER_SECONDS = 3600


@contextlib.contextmanager
def folder() -> Iterator[str]:
    """A temporary folder, gone at the end; what killed runs of this user left is removed first."""
    _remove_left()
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as made:
        descriptor = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield made
        finally:
            os.close(descriptor)


def _remove_left() -> None:
    # Whatever cannot be removed is somebody else's, or another run is just removing it.
    with contextlib.suppress(OSError):
        for entry in os.scandir(tempfile.gettempdir()):
            if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    _remove_if_left(entry)


def _remove_if_left(entry: os.DirEntry[str]) -> None:
    known = entry.stat(follow_symlinks=False)
    if known.st_uid != os.getuid() or known.st_mtime > time.time() - _LEFT_AFTER_SECONDS:
        return
    descriptor = os.open(entry.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(entry.path, ignore_errors=True)
    finally:
        os.close(descriptor)


def make(folder: str, address: Address, settings: Settings, algorithm: str | None) -> tuple[Git, str]:
    """Makes the scratch repository in `folder`; returns git in it, and how it computes ids.

    It knows the remote by its name only: neither a URL nor a credential is written down. What is in a
    repository on this machine is in it too, without being copied. Raises SurroundingsError.
    """
    near = (("pack.window", "0"),) if address.local else ()
    scratch = Git(
        git_dir=folder,
        settings=(
            *settings,
            (f"remote.{REMOTE}.url", address.url),
            ("gc.auto", "0"),
            ("maintenance.auto", "false"),
            ("core.logAllRefUpdates", "false"),
            # Nothing in it has to outlive a crash; what receives the push keeps its own settings.
            ("core.fsync", "none"),
            ("pack.compression", "1"),
            *near,
        ),
        secrets=address.secrets,
        variables=dict(address.variables),
    )
    if algorithm is None:
        ids = remote_refs(scratch, "HEAD", "refs/heads/*").values()
        algorithm = "sha256" if any(len(oid) == 64 for oid in ids) else "sha1"
    scratch.run("init", "--quiet", "--bare", "--template=", f"--object-format={algorithm}", folder)
    if address.local is not None:
        _borrow(address.local, folder)
    return scratch, algorithm


def _borrow(local: str, folder: str) -> None:
    with open(os.path.join(folder, "objects", "info", "alternates"), "wb") as file:
        file.write(os.fsencode(os.path.join(local, "objects")) + b"\n")
    with contextlib.suppress(FileNotFoundError), open(os.path.join(local, "shallow"), "rb") as known:
        # Without it, git would look for the parents that the repository does not have.
        cut = known.read()
        with open(os.path.join(folder, "shallow"), "wb") as file:
            file.write(cut)


def remote_refs(git: Git, *patterns: str) -> Mapping[str, str]:
    """The refs of the remote that match, with what they are at."""
    done = git.run("ls-remote", "--quiet", REMOTE, *patterns, apart=True)
    rows = (line.split("\t", 1) for line in done.out.decode(errors="surrogateescape").splitlines())
    return {row[1]: row[0] for row in rows if len(row) == 2}


def messages(git: Git, prefix: str, names: Iterable[str]) -> Mapping[str, str]:
    """The messages of the commits at those refs below `prefix`, by name."""
    wanted = set(names)
    done = git.run("for-each-ref", "--format=%(refname)%00%(contents)%00", prefix)
    parts = done.out.decode(errors="surrogateescape").split("\0")
    rows = zip(parts[::2], parts[1::2], strict=False)
    found = {ref.lstrip("\n").removeprefix(prefix): text for ref, text in rows}
    return {name: text for name, text in found.items() if name in wanted}


def import_tree(git: Git, ref: str, base: str | None, changes: Mapping[str, bytes | None]) -> None:
    """Puts a commit with the tree of `base` and `changes` laid over it (None removes) at `ref`."""
    stream = [b"feature done\ncommit %s\ncommitter weft <> 0 +0000\ndata 0\n" % ref.encode()]
    if base is not None:
        stream.append(b"from %s\n" % base.encode())
    # Removals first: a file may become a folder, or the reverse.
    for path in (path for path, content in changes.items() if content is None):
        stream.append(b"D %s\n" % _quoted(path))
    for path, content in changes.items():
        if content is not None:
            header = b"M %s inline %s\ndata %d\n" % (FILE.encode(), _quoted(path), len(content))
            stream += (header, content, b"\n")
    stream.append(b"done\n")
    # Looking for what small files have in common costs more than it saves.
    git.run("fast-import", "--quiet", "--depth=0", stdin=b"".join(stream))


def listed(out: bytes) -> Mapping[str, Entry]:
    """What `git ls-tree -z` printed, by path."""
    found = {}
    for row in out.split(b"\0"):
        if row:
            meta, _, path = row.partition(b"\t")
            mode, _, oid = meta.split(b" ")
            found[path.decode(errors="surrogateescape")] = Entry(mode.decode(), oid.decode())
    return found


def blobs(out: bytes, count: int) -> list[bytes | None]:
    """What `git cat-file --batch` printed for `count` objects; None for one that is missing."""
    found: list[bytes | None] = []
    at = 0
    for _ in range(count):
        end = out.index(b"\n", at)
        header = out[at:end].split()
        if len(header) != 3:
            found.append(None)
            at = end + 1
            continue
        size = int(header[2])
        found.append(out[end + 1 : end + 1 + size])
        at = end + size + 2
    return found


def reason(done: Done) -> str:
    """Why a push was rejected, in git's words; empty where it did not come to that."""
    for line in done.out.decode(errors="replace").splitlines():
        if line.startswith("!"):
            return line.split("\t")[-1].strip()
    return ""


def _quoted(path: str) -> bytes:
    text = path.encode(errors="surrogateescape")
    escaped = text.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"%s"' % escaped
