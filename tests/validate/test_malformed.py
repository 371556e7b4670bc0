"""Manifests with anything anywhere: the checks find what they find, and never fail."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import findings, load
from generator.errors import WeftError
from generator.validate import CODES
from tests.validate import texts

VALID: list[Any] = [
    item
    for text in (
        *(part for code in CODES.values() for part in (code.example, code.mended)),
        texts.SHOP,
        texts.STATEFUL_SET,
        texts.istio("{route: [{destination: {host: shop, subset: a, port: {number: 80}}, weight: 100}]}"),
        texts.gateway("{name: shop, port: 80, weight: 1}"),
        texts.ingress(
            "a", metadata="annotations: {cert-manager.io/issuer: a}", spec="tls: [{secretName: a}]"
        ),
        texts.service_entry("*.example.com"),
        texts.scaler("Deployment/shop"),
        texts.job("batch/v1", "CronJob", "name: c"),
        texts.binding("RoleBinding", "b", "Role/r", "namespace: a"),
        texts.deployment("selector: {matchExpressions: [{key: app, operator: In, values: [shop]}]}"),
    )
    for item in yaml.safe_load_all(text)
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=4),
    st.sampled_from(["shop", "a/b", "*", "$", "~", "[", "1.2.3", "-", "Service", "apps/v1", 10**40, -1]),
)
ODD = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3) | st.sampled_from(["name", "kind", "items"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def nodes(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a value: what holds it and its key there."""
    size = len(value) if isinstance(value, list) else 0
    for key in value if isinstance(value, dict) else range(size):
        yield value, key
        yield from nodes(value[key])


@st.composite
def manifests(draw: st.DrawFn) -> str:
    """Some valid objects, in each of which some nodes are replaced by anything, as JSON."""
    chosen = draw(st.lists(st.sampled_from(VALID), min_size=1, max_size=5))
    objects = copy.deepcopy(chosen)
    for item in objects:
        for _ in range(draw(st.integers(0, 3))):
            holder, key = draw(st.sampled_from(list(nodes(item))))
            holder[key] = draw(ODD)
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})


@settings(max_examples=300)
@given(text=manifests(), version=st.sampled_from([None, "1.15", "1.31", "2.0"]), strict=st.booleans())
def test_the_checks_never_fail(text: str, version: str | None, strict: bool) -> None:
    try:
        objects, places, errors = load.manifests(["-"], text.encode())
    except WeftError:
        # Text that no file could hold.
        return
    partial = bool(errors)
    found = findings.of_manifests(objects, places, version, strict=strict, partial=partial)
    for finding in found:
        assert finding.code in CODES
        assert finding.source.file == "stdin"
        assert str(finding)
    assert found == findings.of_manifests(objects, places, version, strict=strict, partial=partial)


def test_an_object_in_which_every_single_node_is_something_else() -> None:
    for item in VALID:
        for odd in (None, 1, [1], {"a": {"b": []}}):
            for place in range(len(list(nodes(item)))):
                changed = copy.deepcopy(item)
                holder, key = list(nodes(changed))[place]
                holder[key] = odd
                text = json.dumps(changed).encode()
                objects, places, errors = load.manifests(["-"], text)
                findings.of_manifests(objects, places, None, strict=False)
                assert not errors or key in ("apiVersion", "kind", "items")
