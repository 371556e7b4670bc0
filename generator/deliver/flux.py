"""The Flux objects that pull one environment: a GitRepository, and Kustomizations that build and apply."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from generator.deliver import parts
from generator.deliver.parts import Part
from generator.deliver.source import Source
from generator.errors import DefinitionError
from generator.model.definition import Component, Environment
from generator.model.formats import Decryption, Flux, HealthCheck
from generator.model.manifest import Manifest
from generator.schema import formats

NAMESPACE = "flux-system"
# kstatus, which Flux asks, knows when these are rolled out.
_ROLLED_OUT = frozenset(("Deployment", "StatefulSet", "DaemonSet"))
# Flux puts the name of a Kustomization into a label of every object, and a label's value ends here.
_LONGEST_NAME = 63


def needs_output(environment: Environment) -> bool:
    """Whether the descriptors depend on what the environment renders, and not on its file alone."""
    return environment.split or _flux(environment).wait is False


def objects(
    environment: Environment, tree: Component, source: Source, files: Mapping[str, bytes]
) -> Sequence[Mapping[str, Any]]:
    """The GitRepository and the Kustomizations, in the order in which they apply.

    `files` are the environment's output; they may be left out where `needs_output` says so. Raises
    DefinitionError for what Flux would ignore or refuse, such as a circle of dependencies.
    """
    flux = _flux(environment)
    if flux.health_checks and flux.wait is not False:
        raise DefinitionError.at(
            environment.deliver_place,
            "`healthChecks` without `wait: false`: Flux waits for all objects and ignores the list",
            hint="add `wait: false`, or take `healthChecks` out",
        )
    if environment.split:
        found = parts.split(environment, tree, files)
        _check_health_checks(environment, flux, found)
    else:
        everything = [item for items in parts.manifests(files).values() for item in items]
        found = [Part("", everything)]
    name = flux.name or environment.name
    return [
        _git_repository(name, flux, source),
        *(_kustomization(name, flux, source, part, split=environment.split) for part in found),
    ]


def _flux(environment: Environment) -> Flux:
    return (environment.deliver.flux if environment.deliver else None) or Flux()


def _git_repository(name: str, flux: Flux, source: Source) -> Mapping[str, Any]:
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"name": name, "namespace": flux.namespace or NAMESPACE},
        "spec": {
            "interval": flux.source_interval or "1m",
            "url": source.url,
            "ref": {"branch": source.branch},
            **_given(secretRef=flux.secret_ref),
        },
    }


def _kustomization(name: str, flux: Flux, source: Source, part: Part, *, split: bool) -> Mapping[str, Any]:
    waits_for = [{"name": _part_name(name, folder)} for folder in part.waits_for]
    checks = _health_checks(flux, part, split=split)
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": _part_name(name, part.folder), "namespace": flux.namespace or NAMESPACE},
        "spec": {
            "interval": flux.interval or "10m",
            **_given(retryInterval=flux.retry_interval),
            "timeout": flux.timeout or "5m",
            "path": "./" + "/".join(filter(None, (source.path, part.folder))),
            "prune": True,
            "wait": flux.wait is not False,
            "sourceRef": {"kind": "GitRepository", "name": name},
            **({"dependsOn": waits_for} if waits_for else {}),
            **({"healthChecks": checks} if checks else {}),
            **_given(
                serviceAccountName=flux.service_account_name,
                decryption=_decryption(flux),
                postBuild=flux.post_build,
            ),
        },
    }


def _decryption(flux: Flux) -> Decryption | None:
    """What is written of it, with the provider: SOPS is the only one that Flux knows."""
    given = flux.decryption
    return dataclasses.replace(given, provider=given.provider or "sops") if given else None


def _part_name(name: str, folder: str) -> str:
    """The name of a Kustomization. Dots keep `a/b-c` and `a-b/c` apart: no component's name has one."""
    full = ".".join(filter(None, (name, *folder.split("/"))))
    if len(full) <= _LONGEST_NAME:
        return full
    digest = hashlib.sha256(full.encode()).hexdigest()[:10]
    return f"{full[: _LONGEST_NAME - 11].rstrip('-.')}-{digest}"


def _health_checks(flux: Flux, part: Part, *, split: bool) -> Sequence[Mapping[str, Any]]:
    """What Flux waits for where it does not wait for everything: what the user lists, or the workloads."""
    if flux.wait is not False:
        return ()
    if flux.health_checks is None:
        return [_reference(item) for item in part.objects if item.kind in _ROLLED_OUT]
    return [_plain(check) for check in flux.health_checks if not split or _holds(part, check)]


def _reference(item: Manifest) -> Mapping[str, Any]:
    found = {"apiVersion": item.data.get("apiVersion"), "kind": item.kind, "name": item.name}
    return {**found, "namespace": item.namespace} if item.namespace else found


def _holds(part: Part, check: HealthCheck) -> bool:
    return any(
        (item.kind, item.name, item.namespace) == (check.kind, check.name, check.namespace or "")
        for item in part.objects
    )


def _check_health_checks(environment: Environment, flux: Flux, found: Sequence[Part]) -> None:
    everything = Part("", [item for part in found for item in part.objects])
    for check in flux.health_checks or ():
        if not _holds(everything, check):
            place = "/".join(filter(None, (check.namespace, check.name)))
            raise DefinitionError.at(
                environment.deliver_place,
                f"`healthChecks` names {check.kind} {place}, which {environment.name} does not render",
            )


def _given(**values: Any) -> dict[str, Any]:
    """The keys that have a value, as Flux spells them."""
    return {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        cls: Any = type(value)
        return _given(**{name: getattr(value, item.name) for name, item, _ in formats.entries(cls)})
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return _given(**value) if isinstance(value, Mapping) else value
