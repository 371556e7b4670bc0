"""Finds objects that an environment would apply twice: one would silently overwrite the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from generator.model.finding import Finding
from generator.model.manifest import Identity, Manifest, Scopes

CODE = "duplicate-object"


def check(environment: str, files: Mapping[str, Sequence[Manifest]], scopes: Scopes) -> Iterator[Finding]:
    """A finding for each object whose group, kind, namespace and name another one has already."""
    seen: dict[Identity, tuple[str, Manifest]] = {}
    for path, objects in files.items():
        for item in objects:
            if not item.metadata.get("name"):
                continue
            identity = item.identity
            if scopes.cluster_scoped(item):
                identity = identity._replace(namespace="")
            if identity not in seen:
                seen[identity] = (path, item)
                continue
            first_path, first = seen[identity]
            yield Finding(
                environment=environment,
                code=CODE,
                severity="error",
                message=f"{identity} is there twice: {_from(first, first_path)} and {_from(item, path)}",
                source=item.source,
                file=path,
                object=str(identity),
                hint="give each a name of its own",
            )


def _from(item: Manifest, path: str) -> str:
    return f"from component {item.component} ({item.source}, to {path})"
