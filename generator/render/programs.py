"""Finds external programs, checks their versions, runs them cut off from clusters, networks and settings."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence

from generator.errors import DefinitionError, SurroundingsError
from generator.model.record import record

# Nothing listens on the discard port: what honours a proxy fails at once instead of reaching a network.
_NOWHERE = "http://127.0.0.1:9"
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy")
_VERSION = re.compile(r"v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?)")
_ASKING = {
    "helm": ("version", "--short"),
    "kustomize": ("version",),
    "kubectl": ("version", "--client", "--output", "json"),
}


@record(frozen=True)
class Finished:
    """How a program ended, and what it said."""

    code: int
    out: bytes
    err: str


def require(names: Sequence[str], wanted: str | None, hint: str) -> str:
    """The path of the first of `names` that is there; `wanted` is a version range for what `names[0]` does.

    Raises SurroundingsError where none is there or its version is another, DefinitionError where the
    range is none.
    """
    path = next(filter(None, map(_find, names)), None)
    if path is None:
        raise SurroundingsError(f"{names[0]} is not installed", hint=hint)
    if wanted is not None and not _within(version(path), wanted, names[0]):
        raise SurroundingsError(
            f"found {names[0]} {version(path)}, and the definition requires {wanted}",
            hint=f"install another {names[0]}, or change `requires.{names[0]}` in the root component file",
        )
    return path


@functools.cache
def version(path: str) -> str:
    """The version of helm or kustomize at `path` (of its kustomize, where it is kubectl).

    Raises SurroundingsError where the program does not tell.
    """
    name = os.path.basename(path)
    with tempfile.TemporaryDirectory(prefix="weft-") as home:
        done = run((path, *_ASKING[name]), home, home)
    said = done.out.decode(errors="replace")
    if name == "kubectl":
        try:
            said = str(json.loads(said)["kustomizeVersion"])
        except (ValueError, KeyError, TypeError):
            said = ""
    found = _VERSION.search(said)
    if done.code or found is None:
        raise SurroundingsError(f"{name} does not tell its version")
    return found[1]


def run(argv: Sequence[str], cwd: str, home: str, extra: Mapping[str, str] | None = None) -> Finished:
    """Runs `argv` in `cwd` and waits for its end; `home` is all it has for settings and temporary files.

    Raises SurroundingsError where it cannot be started or is killed.
    """
    name = os.path.basename(argv[0])
    environment = {**_environment(home), **(extra or {})}
    try:
        # subprocess.run kills the program where waiting is interrupted.
        done = subprocess.run(
            argv, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError as error:
        raise SurroundingsError(f"{name} cannot be started: {error.strerror}") from error
    if done.returncode < 0:
        raise SurroundingsError(f"{name} was killed by signal {-done.returncode}")
    return Finished(done.returncode, done.stdout, done.stderr.decode(errors="replace"))


def clean(text: str, root: str, home: str) -> str:
    """`text` with every path below `root`, and near it, made relative to `root`, and `home` left out."""
    for folder in _spellings(home):
        text = text.replace(f"{folder}/", "")
    for top in _spellings(root):
        folder, up = top, ""
        # Folders right below `/` stay: a text may well speak of /etc or /tmp without meaning this machine's.
        while folder.count("/") > 1 or (folder == top and folder != "/"):
            text = re.sub(rf"(?<![\w.-]){re.escape(folder)}/(?=\S)", up, text)
            text = re.sub(rf"(?<![\w.-]){re.escape(folder)}(?![\w.-])", up.rstrip("/") or ".", text)
            folder, up = os.path.dirname(folder), f"../{up}"
    return text


def _spellings(folder: str) -> list[str]:
    # The longer first: on some systems one is the end of the other.
    return sorted({os.path.abspath(folder), os.path.realpath(folder)}, key=len, reverse=True)


def _find(name: str) -> str | None:
    # The helm of the extra stands next to the interpreter, which need not be on PATH.
    found = shutil.which(name) or shutil.which(name, path=os.path.dirname(sys.executable))
    return os.path.abspath(found) if found else None


def _within(found: str, wanted: str, name: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion

    try:
        return SpecifierSet(wanted).contains(found, prereleases=True)
    except InvalidSpecifier as error:
        raise DefinitionError(
            f"`requires.{name}`: `{wanted}` is no version range", hint="write it like `>=3.17,<4`"
        ) from error
    except InvalidVersion:
        return False


def _environment(home: str) -> dict[str, str]:
    plain = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": home,
        "TMPDIR": home,
        "TZ": "UTC",
        "KUBECONFIG": f"{home}/kubeconfig",
        "XDG_CACHE_HOME": f"{home}/cache",
        "XDG_CONFIG_HOME": f"{home}/config",
        "XDG_DATA_HOME": f"{home}/data",
        "HELM_CACHE_HOME": f"{home}/cache/helm",
        "HELM_CONFIG_HOME": f"{home}/config/helm",
        "HELM_DATA_HOME": f"{home}/data/helm",
        "HELM_PLUGINS": f"{home}/data/helm/plugins",
        "HELM_REGISTRY_CONFIG": f"{home}/config/helm/registry.json",
        "HELM_REPOSITORY_CACHE": f"{home}/cache/helm/repository",
        "HELM_REPOSITORY_CONFIG": f"{home}/config/helm/repositories.yaml",
        "KUSTOMIZE_PLUGIN_HOME": f"{home}/config/kustomize/plugin",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "NO_PROXY": "",
        "no_proxy": "",
    }
    return {**plain, **{each: _NOWHERE for name in _PROXIES for each in (name, name.upper())}}
