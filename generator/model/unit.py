"""Units: one component in one environment, with everything that its rendering may read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from generator.model.definition import Component, ComponentPath, Environment
from generator.model.document import Position
from generator.model.layers import NO_LAYERS, Layers
from generator.model.namespaces import NONE, Namespaces
from generator.model.record import record


@record(frozen=True)
class Route:
    """The traffic split of a service: `split` has a weight for every enabled deployment, primary first."""

    component: ComponentPath
    service: str
    namespace: str | None
    port: int | None
    hosts: Sequence[str]
    gateways: Sequence[str]
    provider: str
    split: Mapping[str, int]
    primary: str | None
    place: Position
    explicit_hosts: bool = False


@record(frozen=True)
class Unit:
    """What one component renders in one environment; values are merged and interpolated."""

    component: Component
    environment: Environment
    values: Mapping[str, Any]
    namespace: str | None = None
    # Its name in the definition, where the environment has another one for it.
    mapped_from: str | None = None
    # Those of the environment, the same for all of its units.
    namespaces: Namespaces = NONE
    override_namespace: bool = False
    inject_namespace: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    layers: Layers = NO_LAYERS
    # What placement says: the replicas of each workload, None where it leaves them alone, and whether
    # there are workloads at all. `replicas_place` is where it says the number.
    replicas: int | None = None
    replicas_place: Position | None = None
    workloads: bool = True
    route: Route | None = None
    service: Service | None = None

    @property
    def path(self) -> ComponentPath:
        """The component's path below the root."""
        return self.component.path


@record(frozen=True)
class Service:
    """The service that a unit belongs to: itself or its nearest ancestor with routing."""

    name: str
    path: ComponentPath
    namespace: str | None
    values: Mapping[str, Any]
    route: Route
