"""Finds what the API server refuses though every field by itself follows the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.errors import suggestion
from generator.model.document import Path
from generator.model.finding import Code, Finding
from generator.model.manifest import Placed, items, mapping, maps
from generator.model.sops import hides
from generator.validate.view import Pods, View, pod_path

_MOUNTING = """\
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
  - name: shop
    image: shop:1.0
    volumeMounts: [{name: %s, mountPath: /cache}]
  volumes: [{name: cache, emptyDir: {}}]
"""

VOLUME = Code(
    name="missing-volume",
    severity="error",
    title="A container mounts a volume that the pod does not have",
    meaning="""\
`volumeMounts` or `volumeDevices` of a container names a volume that is neither in `volumes` of the
pod nor among the `volumeClaimTemplates` of its StatefulSet. The API server refuses the workload, or
the pods that a StatefulSet makes.""",
    example=_MOUNTING % "cahce",
    mended=_MOUNTING % "cache",
    mend="Correct the name, or add the volume to `volumes` of the pod.",
)

_ROLLING = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  strategy: %s
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: shop, image: shop:1.0}]}
"""

TOGETHER = Code(
    name="contradiction",
    severity="error",
    title="Fields of the object do not go together",
    meaning="""\
Each field may have its value, and the API server refuses them together: a Job whose pods are always
restarted, or another workload whose pods are not, `minReplicas` above `maxReplicas`, an environment
variable with both `value` and `valueFrom`, or `rollingUpdate` beside the strategy `Recreate`.""",
    example=_ROLLING % "{type: Recreate, rollingUpdate: {maxSurge: 1}}",
    mended=_ROLLING % "{type: RollingUpdate, rollingUpdate: {maxSurge: 1}}",
    mend="""\
Change one of the two that the message names. Where one comes from defaults that are merged, `null`
takes it out.""",
)

CODES = (VOLUME, TOGETHER)

_ALWAYS = frozenset(
    (
        *(("apps", kind) for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")),
        ("", "ReplicationController"),
    )
)
_JOBS = frozenset(("batch", kind) for kind in ("Job", "CronJob"))
_CONTAINERS = ("initContainers", "containers")


def check(view: View) -> Iterator[Finding]:
    """Findings on volumes that are not there, and on fields that exclude each other."""
    for several in view.pods.values():
        for pods in several:
            path = pod_path(pods.owner.item.kind)
            yield from _volumes(view, pods, path)
            yield from _restarts(view, pods, path)
            yield from _variables(view, pods, path)
    for placed in view.kinds.get(("apps", "Deployment"), ()):
        yield from _strategy(view, placed)
    for placed in view.kinds.get(("autoscaling", "HorizontalPodAutoscaler"), ()):
        yield from _bounds(view, placed)


def containers(spec: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Each container of a pod, those that run first before the others, with its path in the pod's spec."""
    for field in _CONTAINERS:
        for index, container in enumerate(items(spec, field)):
            if isinstance(container, dict):
                yield (field, index), container


def _volumes(view: View, pods: Pods, path: Path) -> Iterator[Finding]:
    known = {str(volume.get("name")) for volume in maps(pods.spec, "volumes")}
    claims = maps(mapping(pods.owner.item.data, "spec"), "volumeClaimTemplates")
    known |= {str(mapping(claim, "metadata").get("name")) for claim in claims}
    if hides(pods.owner.item.data, list(known)):
        return
    for at, container in containers(pods.spec):
        for field in ("volumeMounts", "volumeDevices"):
            for index, mount in enumerate(items(container, field)):
                name = mount.get("name") if isinstance(mount, dict) else None
                if isinstance(name, str) and name not in known and not hides(pods.owner.item.data, name):
                    message = f"container `{container.get('name')}` of {pods.owner.item.identity} mounts "
                    message += f"volume `{name}`, which its pods do not have"
                    where = (*path, *at, field, index, "name")
                    hint = suggestion(name, known)
                    yield view.finding(VOLUME, pods.owner, message, path=where, hint=hint, about=name)


def _restarts(view: View, pods: Pods, path: Path) -> Iterator[Finding]:
    item = pods.owner.item
    key = (item.group, item.kind)
    policy = pods.spec.get("restartPolicy") or "Always"
    if hides(item.data, policy):
        return
    expected = "OnFailure or Never" if key in _JOBS else "Always" if key in _ALWAYS else None
    if expected is not None and "containers" in pods.spec and policy not in expected.split(" or "):
        stated = pods.spec.get("restartPolicy") is not None
        message = f"`restartPolicy` of {item.identity} is {policy}{'' if stated else ' by default'}, "
        message += f"expected {expected}"
        where = (*path, "restartPolicy") if stated else path
        yield view.finding(TOGETHER, pods.owner, message, path=where, about="restartPolicy")


def _variables(view: View, pods: Pods, path: Path) -> Iterator[Finding]:
    for at, container in containers(pods.spec):
        for index, entry in enumerate(items(container, "env")):
            if isinstance(entry, dict) and entry.get("value") and entry.get("valueFrom"):
                message = f"variable `{entry.get('name')}` of container `{container.get('name')}` of "
                message += f"{pods.owner.item.identity} has both `value` and `valueFrom`"
                where = (*path, *at, "env", index, "valueFrom")
                hint = "take `value` out"
                yield view.finding(TOGETHER, pods.owner, message, path=where, hint=hint)


def _strategy(view: View, placed: Placed) -> Iterator[Finding]:
    strategy = mapping(mapping(placed.item.data, "spec"), "strategy")
    if strategy.get("type") == "Recreate" and strategy.get("rollingUpdate") is not None:
        message = f"{placed.item.identity} has `rollingUpdate` beside the strategy Recreate"
        path = ("spec", "strategy", "rollingUpdate")
        yield view.finding(TOGETHER, placed, message, path=path, hint="take `rollingUpdate` out")


def _bounds(view: View, placed: Placed) -> Iterator[Finding]:
    spec = mapping(placed.item.data, "spec")
    least, most = spec.get("minReplicas"), spec.get("maxReplicas")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        message = f"`minReplicas` of {placed.item.identity} is {least}, more than its `maxReplicas` {most}"
        yield view.finding(TOGETHER, placed, message, path=("spec", "minReplicas"))
