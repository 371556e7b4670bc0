"""git over SSH on loopback: a real SSH server that runs git on the repositories below a folder."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.project_tree import ROOT, environment
from tests.publish.manifests import GIT

PROGRAMS = ("git-receive-pack", "git-upload-pack", "git-upload-archive")


@dataclass(frozen=True)
class SshServer:
    """A running server, and the folder with keys and what it was asked for."""

    folder: Path
    keys: Path
    port: int

    def command(self, key: str = "key", known: str = "known_hosts") -> str:
        """What git is told to start: the system's ssh, with nothing of the user's own."""
        options = ("IdentitiesOnly=yes", f"UserKnownHostsFile={self.keys / known}", "IdentityAgent=none")
        return shlex.join(
            ["ssh", "-F", f"{self.keys}/config", "-i", f"{self.keys / key}", *(f"-o{o}" for o in options)]
        )

    def environment(self, key: str = "key", known: str = "known_hosts") -> Mapping[str, str]:
        """git's variables for a key and a list of known hosts."""
        return {"GIT_SSH_COMMAND": self.command(key, known)}

    def commands(self) -> Sequence[str]:
        """What the server was asked to run."""
        return (self.keys / "commands").read_text().splitlines()


@contextlib.contextmanager
def ssh_serving(folder: Path) -> Iterator[SshServer]:
    """A server over the repositories below `folder`, whose home it is; it knows `key` and not `other`."""
    keys = folder / "ssh"
    keys.mkdir()
    for name in ("key", "other", "host"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(keys / name)]
        subprocess.run(make, check=True)
    # The event loop of the server is none of the tests' business: it is a process of its own.
    process = subprocess.Popen(
        [sys.executable, "-Wignore", "-m", "tests.publish.ssh_server", str(folder)],
        cwd=ROOT,
        env=environment(GIT),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        host = (keys / "host.pub").read_text()
        (keys / "known_hosts").write_text(f"[127.0.0.1]:{port},manifests {host}")
        (keys / "no_hosts").write_text("")
        (keys / "commands").write_text("")
        (keys / "config").write_text(
            f"Host manifests\n  HostName 127.0.0.1\n  HostKeyAlias manifests\n  Port {port}\n"
        )
        yield SshServer(folder, keys, port)
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait()


async def _serve(folder: Path) -> None:
    """Listens on any free port, which it prints, until its input ends."""
    import asyncssh

    class Door(asyncssh.SSHServer):
        """Lets in who has the key; it offers to take a password too, so that ssh has something to ask for."""

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return False

    async def handle(process: asyncssh.SSHServerProcess[bytes]) -> None:
        with open(folder / "ssh/commands", "a") as file:
            file.write(f"{process.command}\n")
        name, *arguments = shlex.split(process.command or "")
        if name not in PROGRAMS or len(arguments) != 1:
            process.exit(127)
            return
        protocol = process.env.get("GIT_PROTOCOL")
        # A path without a slash in front is below the home folder, as with any SSH server.
        child = subprocess.Popen(
            [name, str(folder / arguments[0])],
            env={**os.environ, **({"GIT_PROTOCOL": str(protocol)} if protocol else {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        feeding = asyncio.create_task(feed(process.stdin, child.stdin))
        # What git said last is on its way before the channel closes.
        await asyncio.gather(tell(child.stdout, process.stdout), tell(child.stderr, process.stderr))
        code = await asyncio.to_thread(child.wait)
        feeding.cancel()
        process.exit(code)

    async def feed(source: asyncssh.SSHReader[bytes], child: IO[bytes]) -> None:
        with contextlib.suppress(OSError), child:
            while data := await source.read(65536):
                await asyncio.to_thread(child.write, data)
                await asyncio.to_thread(child.flush)

    async def tell(child: IO[bytes], target: asyncssh.SSHWriter[bytes]) -> None:
        # Who is no longer there has heard enough; git is let finish.
        with child:
            while data := await asyncio.to_thread(os.read, child.fileno(), 65536):
                with contextlib.suppress(OSError):
                    target.write(data)
                    await target.drain()

    listening = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=Door,
        server_host_keys=[str(folder / "ssh/host")],
        authorized_client_keys=str(folder / "ssh/key.pub"),
        process_factory=handle,
        encoding=None,
    )
    print(listening.get_port(), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    listening.close()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
