"""What is to be rendered: services and environments with their values, the same on every machine."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# Objects of one unit: two Deployments, Service, ConfigMap, VirtualService, DestinationRule.
OBJECTS = 6
NAMESPACE = "shop"
VARIANTS = ("stable", "canary")
SPLIT = {"stable": 90, "canary": 10}

COMMON: dict[str, Any] = {
    "global": {
        "registry": "registry.example.com/shop",
        "logFormat": "json",
        "logLevel": "info",
        "tracing": "http://otel-collector.observability:4317",
        "user": 10001,
        "cpu": "100m",
        "memory": "128Mi",
        "memoryLimit": "512Mi",
        "probePeriod": 10,
        "drainSeconds": 15,
    }
}


@dataclass(frozen=True)
class Size:
    """How many services in how many environments; written `200x5`."""

    services: int
    environments: int

    @staticmethod
    def of(text: str) -> Size:
        """The size that `text` names; raises ValueError where it names none."""
        found = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", text)
        if not found:
            raise ValueError(f"`{text}` is no size; one is written 200x5: services x environments")
        return Size(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.services}x{self.environments}"

    @property
    def units(self) -> int:
        """One unit is one service in one environment."""
        return self.services * self.environments

    @property
    def objects(self) -> int:
        """What every runner has to make."""
        return self.units * OBJECTS

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every environment with every service, by name."""
        for environment in self.environment_names():
            for service in self.service_names():
                yield environment, service

    def service_names(self) -> list[str]:
        """`s0001` and so on."""
        return [f"s{number:04}" for number in range(1, self.services + 1)]

    def environment_names(self) -> list[str]:
        """`e01` and so on."""
        return [f"e{number:02}" for number in range(1, self.environments + 1)]


def environment(name: str) -> dict[str, Any]:
    """The values of the environment `name`: its labels, and what it says over the common ones."""
    number = int(name[1:])
    return {
        "environment": {
            "name": name,
            "labels": {"region": ("eu", "us", "ap")[number % 3], "tier": ("core", "edge")[number % 2]},
        },
        "global": {
            "domain": f"{name}.example.com",
            "storageAccount": f"storage{number:02}",
            "logLevel": ("info", "warn")[number % 2],
        },
    }


def service(name: str, revision: int = 0) -> dict[str, Any]:
    """The values of the service `name`; another `revision` is what changes when it is edited."""
    number = int(name[1:])
    digest = hashlib.sha256(name.encode()).hexdigest()
    return {
        "name": name,
        "team": f"team-{number % 17:02}",
        "port": 8000 + number % 1000,
        "revision": f"r{revision}-{digest[:12]}",
        "env": {f"FEATURE_{i}": digest[4 * i :] for i in range(4)},
        "settings": {f"setting-{i:02}": f"{digest[i:]}{digest[:i]}" for i in range(14)},
        "stable": {"image": f"{name}:1.{number % 10}.0", "replicas": 3 + number % 3},
        "canary": {"image": f"{name}:1.{number % 10 + 1}.0-rc1", "replicas": 1},
        "split": SPLIT,
    }


def merged(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """The layers key by key, the last the strongest."""
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            old = result.get(key)
            result[key] = (
                merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
            )
    return result
