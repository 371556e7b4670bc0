"""Finds Ingresses that claim the same host and path, of which only one gets the requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from generator.model.document import Path
from generator.model.finding import Code, Finding
from generator.model.manifest import Placed, mapping, maps
from generator.validate.view import View

_SERVICE = """\
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  selector: {app: shop}
  ports: [{port: 80}]
---
apiVersion: v1
kind: Pod
metadata: {name: shop, labels: {app: shop}}
spec:
  containers: [{name: shop, image: shop:1.0}]
"""
_INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: %s}
spec:
  rules:
  - host: shop.example.com
    http:
      paths:
      - {path: %s, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}
"""

CONFLICT = Code(
    name="ingress-conflict",
    severity="error",
    title="Two Ingress rules claim the same host and path",
    meaning="""\
Two rules of one ingress class have the same host, path and path type. Only one of them gets the
requests, and which one depends on the controller; some refuse the second. Ingresses that
ingress-nginx marks as canary are meant that way and are not counted.""",
    example=_INGRESS % ("shop", "/") + "---\n" + _INGRESS % ("store", "/") + _SERVICE,
    mended=_INGRESS % ("shop", "/") + "---\n" + _INGRESS % ("store", "/store") + _SERVICE,
    mend="Keep one of them, or give the second a host or path of its own.",
)

CODES = (CONFLICT,)

_CANARY = "nginx.ingress.kubernetes.io/canary"
_CLASS = "kubernetes.io/ingress.class"


class _Rule(NamedTuple):
    """What a request must look like for a rule to take it."""

    ingress_class: str
    host: str
    path: str
    kind: str


def check(view: View) -> Iterator[Finding]:
    """A finding for each rule that an earlier one has already."""
    seen: dict[_Rule, Placed] = {}
    for group in ("networking.k8s.io", "extensions"):
        for placed in view.kinds.get((group, "Ingress"), ()):
            if str(mapping(placed.item.metadata, "annotations").get(_CANARY)).lower() == "true":
                continue
            for path, rule in _rules(placed):
                first = seen.setdefault(rule, placed)
                if first is not placed or path != _first_path(placed, rule):
                    yield _finding(view, placed, path, rule, first)


def _rules(placed: Placed) -> Iterator[tuple[Path, _Rule]]:
    spec = mapping(placed.item.data, "spec")
    annotated = mapping(placed.item.metadata, "annotations").get(_CLASS)
    name = str(spec.get("ingressClassName") or annotated or "")
    for index, rule in enumerate(maps(spec, "rules")):
        for number, entry in enumerate(maps(mapping(rule, "http"), "paths")):
            path = str(entry.get("path") or "/")
            at = ("spec", "rules", index, "http", "paths", number)
            yield at, _Rule(name, str(rule.get("host") or "*"), path, str(entry.get("pathType") or ""))


def _first_path(placed: Placed, wanted: _Rule) -> Path:
    return next(path for path, rule in _rules(placed) if rule == wanted)


def _finding(view: View, placed: Placed, path: Path, rule: _Rule, first: Placed) -> Finding:
    where = f"{rule.host}{rule.path}"
    if first is placed:
        message = f"{placed.item.identity} has {where} twice"
    else:
        message = (
            f"{placed.item.identity} claims {where}, which {first.item.identity} ({first.item.source}) has"
        )
    return view.finding(CONFLICT, placed, message, path=path, hint="keep one of them", about=where)
