"""What a kubeconfig says of a cluster without any credential: its name and where its API server is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from generator import yamlio
from generator.errors import DefinitionError, UsageError, suggestion
from generator.model.document import Document
from generator.model.record import record

if TYPE_CHECKING:
    from typing import TypeGuard

# A kubeconfig of a thousand clusters, with their certificates, has less.
LARGEST_BYTES = 8 * 1024 * 1024
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~%!$&'()*+,;=:@-]*)*")


# Those of a step of the path, of which some proxies take credentials.
_PARAMETERS = re.compile(r";[^/]*")
# What a kubeconfig may leave out, and has to be where it does not.
_TYPE = {"apiVersion": "v1", "kind": "Config"}


@record(frozen=True)
class Server:
    """The API server of a context: what its cluster is called, and its address without credentials.

    `notes` say what was left out of the address.
    """

    cluster: str
    endpoint: str
    notes: tuple[str, ...] = ()


class Kubeconfig:
    """A kubeconfig. Nothing that it raises or returns has anything of its credentials."""

    def __init__(self, data: bytes, shown: str) -> None:
        """Read `data`, which errors call `shown`; raises DefinitionError for what is no kubeconfig."""
        self._shown = shown
        if len(data) > LARGEST_BYTES:
            raise DefinitionError("is larger than 8 MiB, which no kubeconfig is", file=shown)
        self._document = _document(data, shown)
        self._contexts = dict(self._named("contexts", "context"))
        self._clusters = dict(self._named("clusters", "cluster"))

    def server(self, context: str | None = None) -> Server:
        """The API server of `context`, by default the current one, or the only one.

        Raises UsageError where the context is not there or none is meant, DefinitionError for what is wrong
        in the file.
        """
        name = self._context(context)
        keys, place = self._contexts[name]
        cluster = keys.get("cluster")
        if not _is_name(cluster):
            raise self._error((*place, "context"), f"the context `{name}` names no cluster")
        if cluster not in self._clusters:
            raise self._error(
                (*place, "context", "cluster"),
                f"the context `{name}` names the cluster `{cluster}`, which is not there",
                suggestion(cluster, self._clusters),
            )
        keys, place = self._clusters[cluster]
        where = (*place, "cluster", "server")
        server = keys.get("server")
        if server is None or server == "":
            raise self._error(
                where[:-1], f"the cluster `{cluster}` has no server", "expected server: https://…"
            )
        endpoint, notes = _address(server)
        if endpoint is None:
            raise self._error(
                where, f"the server of the cluster `{cluster}` is no address", "expected https://host:port"
            )
        return Server(cluster, endpoint, notes)

    def _context(self, wanted: str | None) -> str:
        """The name of the context that is meant."""
        known = ", ".join(self._contexts) or "none"
        if wanted is not None:
            if wanted not in self._contexts:
                raise UsageError(
                    f"{self._shown} has no context `{wanted}`", hint=suggestion(wanted, self._contexts)
                )
            return wanted
        current: Any = self._document.value.get("current-context")
        if current not in (None, "") and not _is_name(current):
            raise self._error(("current-context",), "current-context is not the name of a context")
        if current:
            if current not in self._contexts:
                raise self._error(
                    ("current-context",),
                    f"current-context names `{current}`, which is not there",
                    f"choose one with --context; contexts: {known}",
                )
            return str(current)
        if len(self._contexts) == 1:
            return next(iter(self._contexts))
        if not self._contexts:
            raise self._error(
                ("contexts",), "there is no context in it", "this is no kubeconfig, or an empty one"
            )
        raise UsageError(
            f"{self._shown} has several contexts and no current one", hint=f"choose with --context: {known}"
        )

    def _named(self, key: str, inner: str) -> Iterator[tuple[str, tuple[Mapping[str, Any], tuple[Any, ...]]]]:
        """The entries of a list of named ones: what each says under `inner`, and its path."""
        entries = self._document.value.get(key)
        if entries is not None and not isinstance(entries, list):
            raise self._error((key,), f"expected a list of {key}, found {_kind(entries)}")
        seen: set[str] = set()
        for index, entry in enumerate(entries or ()):
            if not isinstance(entry, dict):
                raise self._error((key, index), f"expected a mapping with a name, found {_kind(entry)}")
            name = entry.get("name")
            if not _is_name(name):
                raise self._error((key, index), f"this {inner} has no name")
            if name in seen:
                raise self._error((key, index), f"there are two {key} named `{name}`")
            seen.add(name)
            said = entry.get(inner)
            if said is not None and not isinstance(said, dict):
                raise self._error((key, index, inner), f"expected a mapping, found {_kind(said)}")
            yield name, (said or {}, (key, index))

    def _error(self, path: tuple[Any, ...], message: str, hint: str | None = None) -> DefinitionError:
        return DefinitionError.at(self._document.where(*path), message, hint)


def _document(data: bytes, shown: str) -> Document:
    try:
        found = yamlio.read(data, shown)
    except DefinitionError as error:
        # The reader's message may quote what it stumbled over, and that may be a key.
        raise DefinitionError(
            "cannot be read as YAML",
            file=shown,
            line=error.line,
            column=error.column,
            hint="what stands there is not shown, since it may be a credential",
        ) from None
    if len(found) != 1:
        message = "is empty" if not found else "holds several documents, and a kubeconfig is one"
        raise DefinitionError(message, file=shown, line=found[1].marks[()][0] if found else None)
    if not isinstance(found[0].value, dict):
        message = f"expected a kubeconfig, found {_kind(found[0].value)}"
        raise DefinitionError.at(found[0].where(), message)
    for key, expected in _TYPE.items():
        if found[0].value.get(key) not in (None, "", expected):
            message = f"expected a kubeconfig, whose {key} is {expected}"
            raise DefinitionError.at(found[0].where(key), message)
    return found[0]


def _address(server: Any) -> tuple[str | None, tuple[str, ...]]:
    """The address of a server without anything that may be a credential, and notes of what was left out.

    None where it is no address.
    """
    try:
        parts = urlsplit(server) if isinstance(server, str) else urlsplit("")
        user, at, host = parts.netloc.rpartition("@")
        # Reading the port is what checks it.
        sound = parts.scheme in ("https", "http") and parts.port != 0
    except ValueError:
        return None, ()
    if not sound or not _HOST.fullmatch(host) or not _PATH.fullmatch(parts.path):
        return None, ()
    path = _PARAMETERS.sub("", parts.path)
    has = {
        "a user": user or at,
        "parameters": path != parts.path,
        "a query": parts.query or "?" in server,
        "a fragment": parts.fragment,
    }
    *others, last = [words for words, found in has.items() if found] or [""]
    left = f"{', '.join(others)} and {last}" if others else last
    notes = (f"the server's address has {left}, which is not taken over",) if left else ()
    return f"{parts.scheme}://{host}{path.rstrip('/')}", notes


def _is_name(value: Any) -> TypeGuard[str]:
    """Whether it may be shown as a name."""
    return isinstance(value, str) and value.isprintable() and value != ""


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    return (
        "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a single value"
    )
