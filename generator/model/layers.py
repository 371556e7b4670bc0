"""What an environment lays over rendered objects by name or pattern: images, numbers of replicas, patches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from generator.model.definition import ComponentPath
from generator.model.document import Position
from generator.model.patches import PlacedPatch
from generator.model.record import record

T = TypeVar("T")


@record(frozen=True)
class ImageRule:
    """What one place says of the image `image`; None is what it leaves to others."""

    image: str
    place: Position
    name: str | None = None
    tag: str | None = None
    digest: str | None = None


@record(frozen=True)
class ReplicaRule:
    """How many replicas one place gives the workload `workload`."""

    workload: str
    place: Position
    count: int


@record(frozen=True)
class Scoped(Generic[T]):
    """A rule and the component that it is said at: it holds for the objects of it and of all below."""

    component: ComponentPath
    rule: T


@record(frozen=True)
class Layers:
    """All that is laid over a unit's objects by name or pattern, weakest first; its ancestors' come last."""

    images: Sequence[Scoped[ImageRule]] = ()
    replicas: Sequence[Scoped[ReplicaRule]] = ()
    patches: Sequence[Scoped[PlacedPatch]] = ()

    def __bool__(self) -> bool:
        return bool(self.images or self.replicas or self.patches)


NO_LAYERS = Layers()
