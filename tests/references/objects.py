"""Objects of known kinds with references in them, well-formed and not."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from generator.model.references import Form, Rule
from generator.model.references.rule import ITEM, SELECTS
from generator.model.references.table import everything, rules

TABLE = everything()

NAMES = st.sampled_from(["a", "web", "web-1", "x0", "shop", "mesh"])
SPACES = st.sampled_from(["shop", "infra", "a"])

TEXTS: dict[Form, st.SearchStrategy[str]] = {
    Form.NAME: NAMES | st.sampled_from(["", "*", ".", "~", "${name}", "we*"]),
    Form.QUALIFIED: st.one_of(NAMES, st.builds("{}/{}".format, SPACES, NAMES), st.just("a/b/c")),
    Form.GATEWAY: st.one_of(NAMES, st.builds("{}/{}".format, SPACES, NAMES)),
    Form.PRINCIPAL: st.builds(
        "{}{}/ns/{}/{}".format,
        st.sampled_from(["", "spiffe://"]),
        st.sampled_from(["cluster.local", "td1", "*"]),
        SPACES,
        st.sampled_from(["sa/web", "sa/*", "*", "sa/we*", "other"]),
    ),
    Form.ACCOUNT: st.one_of(
        st.builds("system:serviceaccount:{}:{}".format, SPACES, NAMES),
        st.builds("system:serviceaccounts:{}".format, SPACES),
        st.sampled_from(["jane", "system:serviceaccounts", "system:nodes"]),
    ),
    Form.PREFIX: st.builds("{}/{}".format, SPACES | st.sampled_from([".", "~", "*"]), NAMES),
}
_ENDS = st.sampled_from(["svc", "svc.cluster.local", "svc.cluster.local:80", "svc.corp.example"])
_LONG = st.builds(
    "{}{}.{}.{}".format, st.sampled_from(["", "shop/", "./"]), NAMES | st.just("*"), SPACES, _ENDS
)
_PUBLIC = st.sampled_from(["shop.example.com", "*.example.com", "10.0.0.1", "*", ""])
TEXTS[Form.HOST] = st.one_of(NAMES, st.builds("{}.{}".format, NAMES, SPACES), _LONG, _PUBLIC)
TEXTS[Form.DNS] = st.one_of(NAMES, _LONG, _LONG.map("outbound|80||{}".format), _PUBLIC)

KINDS = st.sampled_from(["ConfigMap", "Secret", "Service", "Role", "ClusterRole", "Deployment", "User"])
GROUPS = st.sampled_from(["", "apps", "rbac.authorization.k8s.io"])


@st.composite
def objects(draw: st.DrawFn) -> dict[str, Any]:
    """An object with some of the references that its kind may have."""
    group, kind = draw(st.sampled_from(sorted(TABLE)))
    data: dict[str, Any] = {
        "apiVersion": f"{group}/v1" if group else "v1",
        "kind": kind,
        "metadata": {"name": "me"},
    }
    if draw(st.booleans()):
        data["metadata"]["namespace"] = draw(SPACES)
    every = [(path, rule) for path, rule in rules(group, kind) if path != ("metadata", "namespace")]
    for index in draw(st.lists(st.integers(0, len(every) - 1), min_size=1, max_size=6, unique=True)):
        path, rule = every[index]
        data = _filled(draw, data, path, rule, data)
    return data


def _filled(draw: st.DrawFn, value: Any, path: tuple[str, ...], rule: Rule, holder: dict[str, Any]) -> Any:
    """The value with what the rule is about at `path`."""
    if not path:
        _beside(draw, holder, rule)
        if rule.form in SELECTS:
            return value if isinstance(value, dict) else {}
        return draw(TEXTS[rule.form])
    step, rest = path[0], path[1:]
    if step == ITEM:
        items = value if isinstance(value, list) else []
        if not items or draw(st.booleans()):
            return [*items, _filled(draw, None, rest, rule, holder)]
        items[-1] = _filled(draw, items[-1], rest, rule, holder)
        return items
    fields = value if isinstance(value, dict) else {}
    fields[step] = _filled(draw, fields.get(step), rest, rule, fields)
    return fields


def _beside(draw: st.DrawFn, holder: dict[str, Any], rule: Rule) -> None:
    for step, values in (
        (rule.kind_at, KINDS),
        (rule.group_at, GROUPS.map(lambda group: f"{group}/v1" if rule.group_at == "apiVersion" else group)),
        (rule.namespace_at, SPACES),
        (rule.optional_at, st.booleans()),
    ):
        if step and draw(st.booleans()):
            holder[step] = draw(values)
    if rule.when:
        holder[rule.when[0]] = draw(st.sampled_from(rule.when[1]))


JUNK = st.sampled_from([None, True, 7, "x", "a/b", [], {}, ["x", [None]], {"name": ["x"]}, [{"name": 3}]])


@st.composite
def broken(draw: st.DrawFn) -> Any:
    """An object as before in which anything may be replaced by something of another type."""

    def spoiled(value: Any) -> Any:
        if draw(st.integers(0, 9)) == 0:
            return draw(JUNK)
        if isinstance(value, dict):
            return {key: spoiled(child) for key, child in value.items()}
        if isinstance(value, list):
            return [spoiled(child) for child in value]
        return value

    data = draw(objects())
    return {key: spoiled(child) for key, child in data.items()}
