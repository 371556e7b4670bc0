"""The functions that Kubernetes adds to CEL: names, types, and which are not here and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from generator.cel import lists, named, network, quantity, semver
from generator.cel.values import kind_of

_CLUSTER = "it asks the cluster, and weft evaluates policies without one"
_REGEX = "weft evaluates `matches` and no other regular expressions: rewrite it with `matches`"
_TWO = (
    "weft's CEL library has no macros with two variables: use the form with one, such as `m.all(k, m[k] > 0)`"
)

# What a policy in a cluster may use and weft refuses by name, with the reason.
UNSUPPORTED: Mapping[str, str] = {
    "authorizer": _CLUSTER,
    "authorizer.requestResource": _CLUSTER,
    "params": "weft evaluates policies without parameters: write the values into the expression",
    "find": _REGEX,
    "findAll": _REGEX,
    "format": f"weft knows these alone: {', '.join(f'format.{name}()' for name in named.NAMES)}",
    "sortBy": "weft's CEL library does not have it: sort what `map` gives",
    **dict.fromkeys(
        ("all", "exists", "existsOne", "exists_one", "transformList", "transformMap", "transformMapEntry"),
        _TWO,
    ),
}


class Function(NamedTuple):
    """One overload: types are `map`, `list`, `dyn` or CEL's scalar names; a member has its receiver first."""

    name: str
    parameters: tuple[str, ...]
    result: str
    call: Callable[..., Any]
    member: bool = True


def _compare(left: Any, right: Any) -> int:
    is_version = kind_of(left) == semver.KIND
    return semver.compare(left, right) if is_version else quantity.compare(left, right)


def _greater(left: Any, right: Any) -> bool:
    return _compare(left, right) > 0


def _less(left: Any, right: Any) -> bool:
    return _compare(left, right) < 0


def _free(name: str, parameters: tuple[str, ...], result: str, call: Callable[..., Any]) -> Function:
    return Function(name, parameters, result, call, member=False)


def functions() -> Iterator[Function]:
    """Every function that weft adds to the library's own."""
    yield from _lists()
    yield from _quantities()
    yield from _network()
    yield from _formats()
    text = ("string",)
    normal = ("string", "bool")
    yield _free("semver", text, "map", semver.parse)
    yield _free("semver", normal, "map", semver.parse)
    yield _free("isSemver", text, "bool", semver.is_semver)
    yield _free("isSemver", normal, "bool", semver.is_semver)
    for index, name in enumerate(("major", "minor", "patch")):
        yield Function(name, ("map",), "int", partial(semver.part, index))


def _lists() -> Iterator[Function]:
    one = ("list",)
    yield Function("isSorted", one, "bool", lists.is_sorted)
    yield Function("sum", one, "dyn", lists.total)
    yield Function("min", one, "dyn", partial(lists.extreme, "min"))
    yield Function("max", one, "dyn", partial(lists.extreme, "max"))
    yield Function("indexOf", ("list", "dyn"), "int", lists.index)
    yield Function("lastIndexOf", ("list", "dyn"), "int", lists.last_index)
    yield Function("slice", ("list", "int", "int"), "list", lists.part)
    yield Function("flatten", one, "list", lists.flattened)
    yield Function("flatten", ("list", "int"), "list", lists.flattened)
    yield Function("distinct", one, "list", lists.distinct)
    yield Function("sort", one, "list", lists.sort)
    yield Function("reverse", one, "list", lambda items: items[::-1])
    yield _free("lists.range", ("int",), "list", lists.numbers)
    for name, call in (
        ("contains", lists.contains),
        ("equivalent", lists.equivalent),
        ("intersects", lists.intersects),
    ):
        yield _free(f"sets.{name}", ("list", "list"), "bool", call)


def _quantities() -> Iterator[Function]:
    one, two = ("map",), ("map", "map")
    yield _free("quantity", ("string",), "map", quantity.parse)
    yield _free("isQuantity", ("string",), "bool", quantity.is_quantity)
    yield _free("sign", one, "int", quantity.sign)
    yield Function("isInteger", one, "bool", quantity.is_integer)
    yield Function("asInteger", one, "int", quantity.as_integer)
    yield Function("asApproximateFloat", one, "double", quantity.as_float)
    for name, call in (("add", quantity.add), ("sub", quantity.subtract)):
        yield Function(name, two, "map", call)
        yield Function(name, ("map", "int"), "map", call)
    yield Function("compareTo", two, "int", _compare)
    yield Function("isGreaterThan", two, "bool", _greater)
    yield Function("isLessThan", two, "bool", _less)


def _formats() -> Iterator[Function]:
    for name in named.NAMES:
        yield _free(f"format.{name}", (), "map", partial(named.named, name))
    # Kubernetes gives an optional list, which nothing of ours can make: a list that answers as one does.
    one = ("list",)
    yield Function("validate", ("map", "string"), "list", named.validate)
    yield Function("hasValue", one, "bool", bool)
    yield Function("value", one, "list", named.value)
    yield Function("orValue", ("list", "list"), "list", lambda found, other: found or other)


def _network() -> Iterator[Function]:
    text, one = ("string",), ("map",)
    yield _free("ip", text, "map", network.ip)
    yield _free("isIP", text, "bool", network.is_ip)
    yield _free("ip.isCanonical", text, "bool", network.is_canonical)
    yield Function("family", one, "int", network.family)
    yield Function("isUnspecified", one, "bool", network.is_unspecified)
    yield Function("isLoopback", one, "bool", network.is_loopback)
    yield Function("isLinkLocalMulticast", one, "bool", network.is_link_local_multicast)
    yield Function("isLinkLocalUnicast", one, "bool", network.is_link_local_unicast)
    yield Function("isGlobalUnicast", one, "bool", network.is_global_unicast)
    yield _free("cidr", text, "map", network.cidr)
    yield _free("isCIDR", text, "bool", network.is_cidr)
    for name, call in (("containsIP", network.contains_ip), ("containsCIDR", network.contains_cidr)):
        yield Function(name, ("map", "map"), "bool", call)
        yield Function(name, ("map", "string"), "bool", call)
    yield Function("ip", one, "map", network.cidr_ip)
    yield Function("masked", one, "map", network.masked)
    yield Function("prefixLength", one, "int", network.prefix_length)
    yield _free("string", one, "string", network.text)
    yield _free("url", text, "map", network.url)
    yield _free("isURL", text, "bool", network.is_url)
    yield Function("getScheme", one, "string", network.url_scheme)
    yield Function("getHost", one, "string", network.url_host)
    yield Function("getHostname", one, "string", network.url_hostname)
    yield Function("getPort", one, "string", network.url_port)
    yield Function("getEscapedPath", one, "string", network.url_path)
    yield Function("getQuery", one, "map", network.url_query)
