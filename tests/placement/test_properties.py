"""What holds of every placement: who has a component, and that its shares add up, however placements nest."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from generator import load, resolve
from generator.errors import WeftError
from generator.model import selector

NAMES = ("cloud", "milan", "paris", "rome", "turin")
LABELS = st.dictionaries(st.sampled_from(["tier", "region"]), st.sampled_from(["a", "b"]))
SELECTORS = st.sampled_from(["", "tier", "!tier", "tier=a", "tier!=a", "region in (a,b)", "tier=b,region"])
SOME = st.lists(st.sampled_from(NAMES), unique=True, max_size=3)
REPLICAS = st.one_of(
    st.builds(lambda number: {"each": number}, st.integers(1, 5)),
    st.builds(lambda number: {"split": number}, st.integers(1, 12)),
)
PLACEMENT = st.fixed_dictionaries(
    {},
    optional={
        "selector": SELECTORS | st.lists(SELECTORS, max_size=2),
        "environments": SOME,
        "exclude": SOME,
        "replicas": REPLICAS,
    },
)
PODS = st.fixed_dictionaries({"pods": st.sampled_from(["remote", "local"]), "origin": st.sampled_from(NAMES)})
ORIGIN = st.one_of(st.just({}), PODS)


@st.composite
def placements(draw: st.DrawFn) -> dict[str, Any]:
    placement = {**draw(PLACEMENT), **draw(ORIGIN)}
    if placement.get("pods") == "local":
        # Without its origin it is refused.
        placement["exclude"] = [name for name in placement.get("exclude", ()) if name != placement["origin"]]
    return placement


def chosen(placement: Mapping[str, Any], labels: Mapping[str, Mapping[str, str]]) -> set[str]:
    """The environments that a placement chooses, as its documentation says it."""
    names = set(placement.get("environments", ()))
    if "selector" in placement or "environments" not in placement:
        wanted = selector.parse(selector.texts(placement.get("selector")))
        names |= {name for name in labels if wanted.matches(labels[name])}
    names |= {placement["origin"]} if "origin" in placement else set()
    return names - set(placement.get("exclude", ()))


@settings(max_examples=60, deadline=None)
@given(
    labels=st.fixed_dictionaries(dict.fromkeys(NAMES, LABELS)),
    outer=placements(),
    inner=placements(),
    disabled=SOME,
)
def test_who_has_what(
    labels: dict[str, dict[str, str]], outer: dict[str, Any], inner: dict[str, Any], disabled: list[str]
) -> None:
    units = resolved(labels, outer, inner, disabled)
    outside = chosen(outer, labels)
    inside = (outside & chosen(inner, labels)) - set(disabled)
    idle = {name for name in NAMES for one in (outer, inner) if is_idle(one, name)}
    alone = {name for name in NAMES if is_idle(outer, name)}
    fewer = outer.get("replicas", {}).get("split", len(NAMES)) < len(outside - alone)
    split = any("split" in placement.get("replicas", {}) for placement in (outer, inner))
    if units is None:
        # What is placed has no environment for its pods; which ones are left to it may depend on shares.
        assert (outside and outside <= alone) or outside & chosen(inner, labels) & idle
        assert outside <= alone or fewer or outside & chosen(inner, labels) <= idle
        return
    assert not outside or not outside <= alone
    group = {name for name, found in units.items() if "group" in found}
    app = {name for name, found in units.items() if "group/app" in found}
    both = group & chosen(inner, labels)
    if both <= idle and ({"pods", "replicas"} & inner.keys() or split):
        assert both <= set(disabled)
    assert group <= outside
    assert app <= inside & group
    if not split:
        assert (group, app) == (outside, inside)
    rule = inner.get("replicas") or outer.get("replicas")
    running = [name for name in app if units[name]["group/app"].workloads]
    idle = {name for name in NAMES for one in (outer, inner) if is_idle(one, name)}
    assert set(running) == app - idle
    shares = {name: units[name]["group/app"].replicas for name in running}
    if rule is None:
        assert set(shares.values()) <= {None}
    elif "each" in rule:
        assert set(shares.values()) <= {rule["each"]}
    else:
        assert sum(shares.values()) == (rule["split"] if running else 0)
        assert not shares or max(shares.values()) - min(shares.values()) <= 1
        assert all(shares.values())
        if rule is inner.get("replicas") and not outer.get("replicas"):
            assert len(shares) == min(rule["split"], len(inside - idle))


def is_idle(placement: Mapping[str, Any], name: str) -> bool:
    pods = placement.get("pods")
    return (pods == "remote") == (name == placement.get("origin")) if pods else False


def resolved(
    labels: Mapping[str, Mapping[str, str]], outer: Any, inner: Any, disabled: list[str]
) -> dict[str, dict[str, Any]] | None:
    """The units of each environment by the component's label; None where it is refused."""
    tree = {
        "subcomponents": [
            {
                "name": "group",
                "placement": outer,
                "subcomponents": [
                    {"name": "app", "type": "static", "path": "app", "placement": inner},
                ],
            }
        ]
    }
    off = {"subcomponents": {"group/app": {"disabled": True}}}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "environments").mkdir()
        (root / "component.yaml").write_text(json.dumps(tree))
        for name, said in labels.items():
            text = {"labels": said, **(off if name in disabled else {})}
            (root / "environments" / f"{name}.yaml").write_text(json.dumps(text))
        definition = load.load(folder)
    resolver = resolve.Resolver(definition)
    try:
        return {
            name: {unit.component.label: unit for unit in resolver.units(environment)}  # type: ignore[arg-type]
            for name, environment in definition.environments.items()
        }
    except WeftError:
        return None
