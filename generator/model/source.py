"""Remote sources: what a component file asks for, and what the lock says that it is."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from generator.errors import DefinitionError
from generator.model.document import Position
from generator.model.formats.component import Hooks
from generator.model.record import record
from generator.model.secrets import without_credentials

# Where sources are kept, below the definition's root, and what they are.
STORE = ".weft"
# In the store: what is no source, and changes without anything being another.
STATE = ".weft/.state"
LOCK = "weft.lock"

# A chart is fetched by name; of everything else the whole is fetched, and `path` is a folder in it.
_BY_NAME = ("helm", "oci")

Key = tuple[str, str, str, str, str]


@record(frozen=True)
class Remote:
    """A source that has to be fetched, as it is written at `place`; its credentials are in nothing here.

    `path` is the chart of a Helm repository or registry, else a folder or file of the content. `foreign`
    is one that the definition of a fetched component asks for: it may name no file of this machine. `name`
    is the component's or the chart's, `folder` that of the file that asks, relative to the root; `helm` says
    that the content has to be a Helm chart, which the method does not see to.
    """

    method: str
    url: str
    place: Position
    path: str | None = None
    version: str | None = None
    branch: str | None = None
    foreign: bool = False
    name: str = ""
    folder: str = "."
    hooks: Hooks | None = None
    helm: bool = False

    def check(self, content: Path) -> None:
        """Raises DefinitionError where the fetched `content` is not what the component needs."""
        top = content / self.below
        if not self.helm or not top.is_dir() or (top / "Chart.yaml").is_file():
            return
        jinja = (top / "chart.yaml").is_file()
        where = f"{self.below} in {self.shown}" if self.below else self.shown
        raise DefinitionError.at(
            self.place,
            f"{where} has no Chart.yaml, so it is no Helm chart",
            "it is a Jinja2 chart: set `type: jinja`" if jinja else None,
        )

    @property
    def key(self) -> Key:
        """What it shares with whatever is the same source, and with its entry in the lock."""
        path = self.path if self.method in _BY_NAME else None
        return (self.method, self.url, path or "", self.version or "", self.branch or "")

    @property
    def below(self) -> str:
        """The folder or file of the content that the component is; empty for all of it."""
        below = "." if self.method in _BY_NAME else posixpath.normpath(self.path or ".")
        return "" if below == "." else below

    @property
    def shown(self) -> str:
        """The source as messages name it."""
        return _shown(self.key)


@record(frozen=True)
class Locked:
    """An entry of the lock: what was asked for, what it was resolved to, and the SHA-256 of its content.

    `resolved` is git's commit, a chart's version, for `oci` also its digest; empty for `http`.
    """

    method: str
    url: str
    sha256: str
    resolved: str = ""
    path: str | None = None
    version: str | None = None
    branch: str | None = None

    @property
    def key(self) -> Key:
        """The `key` of the remotes that it is for."""
        return (self.method, self.url, self.path or "", self.version or "", self.branch or "")

    @property
    def shown(self) -> str:
        """The source as messages name it."""
        return _shown(self.key)

    @property
    def folder(self) -> str:
        """The name of its folder in the store."""
        return self.sha256

    def top(self, folder: str) -> str:
        """The folder of the whole content, where `folder` lies in it."""
        steps = folder.split("/")
        end = next((i for i, step in enumerate(steps, 1) if step in (self.folder, self.vendored)), 0)
        return "/".join(steps[:end])

    @property
    def vendored(self) -> str:
        """The name of its folder among vendored sources: one that a reviewer recognises."""
        # `https://user@host:443/team/app.git` and `git@host:team/app` are both `host-team-app`.
        text = self.url.rpartition("://")[2].removesuffix(".git")
        host, slash, path = text.partition("/")
        text = f"{host.rpartition('@')[2]}{slash}{path}".strip("/")
        words = [text[-80:], *filter(None, [self.path and self.path[-40:]])]
        plain = (re.sub(r"[^A-Za-z0-9._]+", "-", word).strip("-.") for word in words)
        name = "-".join(filter(None, plain)) or "source"
        return f"{name}-{self.sha256[:12]}"


@record(frozen=True)
class Lock:
    """weft.lock: its entries by key, and the folder with vendored copies, if there is one."""

    sources: tuple[Locked, ...] = ()
    vendor: str | None = None

    def find(self, key: Key) -> Locked | None:
        """The entry for a source, or None."""
        return next((entry for entry in self.sources if entry.key == key), None)


def _shown(key: Key) -> str:
    method, url, path, version, branch = key
    wanted = f"@{version or branch}" if version or branch else ""
    return f"{method} {without_credentials(url)}{' ' + path if path else ''}{wanted}"
