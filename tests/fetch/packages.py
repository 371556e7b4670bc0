"""The charts of this folder, packed by the real helm, in a repository and in a registry."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.fetch.servers import registry

CHARTS = Path(__file__).parent / "charts"
# What the charts that need others say in the place of a repository's URL.
REPOSITORY = "https://charts.example.com/stable"
REGISTRY = "oci://registry.example.com"


def helm(*args: str | Path, cwd: Path | None = None, more: Mapping[str, str] | None = None) -> str:
    """What the real helm prints, with settings and caches of its own."""
    with tempfile.TemporaryDirectory(prefix="weft-helm-") as home:
        places = {f"HELM_{name}_HOME": f"{home}/{name}" for name in ("CACHE", "CONFIG", "DATA")}
        done = subprocess.run(
            ["helm", *map(str, args)],
            cwd=cwd,
            env={**os.environ, "HOME": home, **places, **(more or {})},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, f"helm {args}: {done.stderr}"
    return done.stdout + done.stderr


@functools.cache
def packages() -> Path:
    """A folder with the packages of common, cache and operator."""
    folder = tempfile.TemporaryDirectory(prefix="weft-packages-")
    atexit.register(folder.cleanup)
    work, made = Path(folder.name, "work"), Path(folder.name, "made")
    shutil.copytree(CHARTS, work)
    helm("dependency", "build", work / "cache")
    for name in ("common", "cache", "operator"):
        helm("package", work / name, "--destination", made)
    return made


def package(chart: Path, into: Path, version: str | None = None) -> Path:
    """The package of a chart that needs nothing else, in the folder `into`."""
    before = set(into.glob("*.tgz"))
    helm("package", chart, "--destination", into, *(["--version", version] if version else []))
    (made,) = set(into.glob("*.tgz")) - before
    return made


def repository(folder: Path, versions: Iterable[tuple[str, str]] = ()) -> Path:
    """A Helm repository in `folder` with the packages, and `versions` (chart, version) more of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for made in packages().glob("*.tgz"):
        shutil.copy(made, folder)
    for name, version in versions:
        package(CHARTS / name, folder, version)
    helm("repo", "index", folder)
    return folder


def push(folder: Path, host: str, more: Mapping[str, str] | None = None, path: str = "charts") -> None:
    """Pushes the packages in `folder` to a registry on loopback, as helm does it."""
    for made in sorted(folder.glob("*.tgz")):
        helm("push", made, f"oci://{host}/{path}", "--plain-http", more=more)


@functools.cache
def _pushed() -> registry.Registry:
    with registry.serving() as there:
        push(packages(), there.server.host)
        return there


def fill(there: registry.Registry) -> None:
    """Puts into a registry what helm has pushed of the packages to another one, below `charts/`."""
    pushed = _pushed()
    there.blobs.update(pushed.blobs)
    there.manifests.update(pushed.manifests)
    there.tags.update({name: dict(tags) for name, tags in pushed.tags.items()})


def copy(chart: str, target: Path, repository: str = REPOSITORY, registry: str = REGISTRY) -> Path:
    """A copy of a chart that finds what it needs at other addresses."""
    shutil.copytree(CHARTS / chart, target)
    described = target / "Chart.yaml"
    text = described.read_text().replace(REPOSITORY, repository).replace(REGISTRY, registry)
    described.write_text(text)
    return target
