"""What CEL expressions come to, as the API server evaluates them: Kubernetes' documentation and beyond.

The results were taken from k8s.io/apiserver 0.36.6, with its environment for new expressions.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.cel import CompileError, EvaluationError, environment

OBJECT = {
    "n": 3,
    "f": 1.5,
    "s": "aaa",
    "l": [1, 2, 3],
    "m": {"a": 1},
    "nul": None,
    "objs": [{"a": 1}, {"b": 2}],
    "big": 2**70,
}

COMPILE = CompileError
ERROR = EvaluationError

# An expression, and its value or the kind of its error.
RESULTS: list[tuple[str, Any]] = [
    ("[1,2,3].sum()", 6),
    ("[].sum()", 0),
    ("[1.5,2.0].sum()", 3.5),
    ("[3,1].min()", 1),
    ("[].min()", ERROR),
    ("['b','a'].max()", "b"),
    ("[true,false].max()", True),
    ("[1,2,2].indexOf(2)", 1),
    ("[1,2,2].lastIndexOf(2)", 2),
    ("[1].indexOf(5)", -1),
    ("[1,2].isSorted()", True),
    ("['b','a'].isSorted()", False),
    ("[].isSorted()", True),
    ("object.l.sum()", 6),
    ("object.l.isSorted()", True),
    ("url('https://example.com:80/').getHost()", "example.com:80"),
    ("url('https://example.com:80/').getHostname()", "example.com"),
    ("url('https://example.com:80/').getPort()", "80"),
    ("url('https://example.com/path with spaces/').getEscapedPath()", "/path%20with%20spaces/"),
    ("url('https://[::1]:80/').getHostname()", "::1"),
    ("url('https://[::1]/').getHost()", "[::1]"),
    ("url('/absolute-path').getScheme()", ""),
    ("url('/absolute-path').getHost()", ""),
    ("isURL('https://user:pass@example.com:80/path?query=string#fragment')", True),
    ("isURL('/absolute-path')", True),
    ("isURL('https://a:b:c/')", False),
    ("isURL('../relative-path')", False),
    ("isURL('example.com')", False),
    ("isURL('http://exa mple.com')", False),
    ("isURL('mailto:a@b')", True),
    ("isURL('')", False),
    ("url('https://a/') == url('https://a/')", True),
    ("url('HTTPS://Example.com/').getScheme()", "https"),
    ("url('HTTPS://Example.com/').getHost()", "Example.com"),
    ("url('https://a/%zz')", ERROR),
    ("url('https://a:x/')", ERROR),
    ("quantity('500Mi').isGreaterThan(quantity('1Gi'))", False),
    ("quantity('1Gi') == quantity('1024Mi')", True),
    ("quantity('1.5Gi').compareTo(quantity('1Gi'))", 1),
    ("quantity('50k').sub(quantity('50k')) == quantity('0')", True),
    ("quantity('50k').sub(20000) == quantity('30k')", True),
    ("quantity('50k').add('x')", COMPILE),
    ("quantity('50k').add(20).asInteger()", 50020),
    ("quantity('50k').isInteger()", True),
    ("quantity('50.5').isInteger()", False),
    ("quantity('500m').asApproximateFloat()", 0.5),
    ("quantity('500m').asInteger()", ERROR),
    ("quantity('9999999999999999999999999999999999999G').isInteger()", False),
    ("quantity('-5').sign()", COMPILE),
    ("isQuantity('1.3Gi')", True),
    ("isQuantity('1.3GiB')", False),
    ("isQuantity('1,3G')", False),
    ("isQuantity('10000k')", True),
    ("isQuantity('')", False),
    ("isQuantity('1e3')", True),
    ("isQuantity('1E3')", True),
    ("isQuantity('1E')", True),
    ("isQuantity('.5')", True),
    ("isQuantity('5.')", True),
    ("isQuantity('+5')", True),
    ("isQuantity(' 5')", False),
    ("isQuantity('5 ')", False),
    ("isQuantity('1e3k')", False),
    ("isQuantity('1e-3')", True),
    ("isQuantity('5u')", True),
    ("isQuantity('5n')", True),
    ("isQuantity('5µ')", False),
    ("isQuantity('0x5')", False),
    ("quantity('1e3') == quantity('1k')", True),
    ("quantity('1n') == quantity('0.0000000001')", True),
    ("quantity('0.1n') == quantity('1n')", True),
    ("quantity('abc')", ERROR),
    ("quantity(1)", COMPILE),
    ("ip('127.0.0.1').family()", 4),
    ("ip('::1').isLoopback()", True),
    ("ip('10.0.0.1').isGlobalUnicast()", True),
    ("ip('0.0.0.0').isUnspecified()", True),
    ("ip('224.0.0.1').isLinkLocalMulticast()", True),
    ("ip('169.254.169.254').isLinkLocalUnicast()", True),
    ("ip('255.255.255.255').isGlobalUnicast()", False),
    ("ip('239.0.0.1').isGlobalUnicast()", False),
    ("ip('127.0.0.1').isGlobalUnicast()", False),
    ("ip('0.0.0.0').isGlobalUnicast()", False),
    ("ip('fd00::1').isGlobalUnicast()", True),
    ("ip('fe80::1').isLinkLocalUnicast()", True),
    ("ip('ff02::1').isLinkLocalMulticast()", True),
    ("ip('ff01::1').isLinkLocalMulticast()", False),
    ("ip('::ffff:1.2.3.4')", ERROR),
    ("ip('fe80::1%eth0')", ERROR),
    ("ip('010.0.0.1')", ERROR),
    ("isIP('1.2.3.4')", True),
    ("isIP('1.2.3')", False),
    ("isIP('::ffff:1.2.3.4')", False),
    ("ip.isCanonical('127.0.0.1')", True),
    ("ip.isCanonical('2001:db8::abcd')", True),
    ("ip.isCanonical('2001:DB8::ABCD')", False),
    ("ip.isCanonical('2001:db8::0:0:0:abcd')", False),
    ("ip.isCanonical('x')", ERROR),
    ("string(ip('2001:DB8::1'))", "2001:db8::1"),
    ("ip('2001:DB8::1') == ip('2001:db8::1')", True),
    ("cidr('192.168.0.0/24').containsIP(ip('192.168.0.1'))", True),
    ("cidr('192.168.0.0/24').containsIP('192.168.0.1')", True),
    ("cidr('192.168.0.0/24').containsIP('x')", ERROR),
    ("cidr('192.168.0.0/24').containsCIDR('192.168.0.0/25')", True),
    ("cidr('192.168.0.0/24').containsCIDR(cidr('192.168.0.0/23'))", False),
    ("cidr('192.168.0.0/24').containsCIDR('::/0')", False),
    ("cidr('::/0').containsIP('1.2.3.4')", False),
    ("cidr('192.168.0.1/24').ip() == ip('192.168.0.1')", True),
    ("cidr('192.168.0.1/24').masked() == cidr('192.168.0.0/24')", True),
    ("cidr('192.168.0.1/24') == cidr('192.168.0.0/24')", False),
    ("cidr('192.168.0.1/24').containsCIDR('192.168.0.0/24')", True),
    ("cidr('::1/128').prefixLength()", 128),
    ("string(cidr('192.168.0.1/24'))", "192.168.0.1/24"),
    ("isCIDR('192.168.0.0/24')", True),
    ("isCIDR('192.168.0.0')", False),
    ("isCIDR('192.168.0.0/33')", False),
    ("isCIDR('::ffff:1.2.3.4/120')", False),
    ("isCIDR('1.2.3.4/024')", False),
    ("semver('1.2.3').major()", 1),
    ("semver('1.2.3').isLessThan(semver('1.10.0'))", True),
    ("semver('1.2.3-alpha').compareTo(semver('1.2.3'))", -1),
    ("semver('1.2.3-alpha.1').compareTo(semver('1.2.3-alpha.beta'))", -1),
    ("semver('1.2.3+a') == semver('1.2.3+b')", True),
    ("semver('v1.2.3')", ERROR),
    ("semver('v1.2', true) == semver('1.2.0')", True),
    ("isSemver('1.2')", False),
    ("isSemver('v1.0', true)", True),
    ("isSemver('v01.01', true)", True),
    ("isSemver('01.1.1', true)", True),
    ("isSemver('1.0.0-01')", False),
    ("isSemver('1', true)", True),
    ("isSemver('', true)", False),
    ("isSemver('1.2.3.4', true)", False),
    ("isSemver('v1-alpha', true)", False),
    ("semver('1.2.3').patch() + semver('1.2.3').minor()", 5),
    ("sets.contains([1,2,3],[1,2])", True),
    ("sets.contains([],[1])", False),
    ("sets.equivalent([1,1],[1])", True),
    ("sets.intersects([1,2],[2])", True),
    ("[1,2,3,4].slice(3,1)", ERROR),
    ("cel.bind(x, 1, x)", COMPILE),
    ("math.greatest(1,2)", COMPILE),
    ("base64.encode(b'a')", COMPILE),
    ("strings.quote('a')", '"a"'),
    ("'a'.replace('a','b',1)", "b"),
    ("'abc'.substring(1)", "bc"),
    ("'tacocat'.lastIndexOf('c')", 4),
    ("'tacocat'.charAt(3)", "o"),
    ("['a','b'].join()", "ab"),
    ("' x '.trim()", "x"),
    ("'TacoCat'.lowerAscii() + 'a'.upperAscii()", "tacocatA"),
    ("1 == 1.0", COMPILE),
    ("1 in [1.0]", COMPILE),
    ("object.n == 3.0", True),
    ("object.n < 3.5", True),
    ("object.s < 1", ERROR),
    ("object.n == '3'", False),
    ("object.nope", ERROR),
    ("has(object.nope.x)", ERROR),
    ("has(object.n)", True),
    ("object.nope == 1 || true", True),
    ("object.l.all(x, x > 0)", True),
    ("object.l.exists_one(x, x == 2)", True),
    ("object.m.all(k, k in ['a'])", True),
    ("object.n / 0", ERROR),
    ("object.n", 3),
    ("object.s", "aaa"),
    ("dyn(object.s)", "aaa"),
    ("object.?nope.orValue('x')", "x"),
    ("object.?nope.?x.hasValue()", False),
    ("object.l[?9].orValue(7)", 7),
    ("object.l == [1,2,3]", True),
    ("type(object.n) == int", True),
    ("type(object.f) == double", True),
    ("object.s.matches('^a+$')", True),
    ("object.s.matches('[')", COMPILE),
    ("size(object.s) == 3", True),
    ("'äöü😀'.size()", 4),
    ("int('x')", ERROR),
    ("int(3.7)", 3),
    ("int(object.f)", 1),
    ("string(object.n) + string(object.f)", "31.5"),
    ("string(1e20) + string(1.0) + string(0.1)", "1e+2010.1"),
    ("string(true)", "true"),
    ("bool('True')", True),
    ("bool('yes')", ERROR),
    ("timestamp('2024-01-01T10:00:00Z').getHours('America/New_York')", 5),
    ("timestamp('2024-01-01T10:00:00+01:00').getHours()", 9),
    ("timestamp('2024-03-01T10:00:00Z').getMonth()", 2),
    ("timestamp('2024-03-01T10:00:00Z').getDayOfWeek()", 5),
    ("duration('90m').getHours()", 1),
    ("duration('90m') + duration('1h') > duration('2h')", True),
    ("string(duration('90m'))", "5400s"),
    ("9223372036854775807 + 1", ERROR),
    ("-7 / 2", -3),
    ("-7 % 2", -1),
    ("true ? 1 : 'a'", COMPILE),
    ("object.objs.all(o, has(o.a) && o.a == 1)", False),
    ("object.objs.exists(o, o.a == 1)", True),
    ("object.objs.all(o, o.a == 1)", ERROR),
    ("object.objs.all(o, o.b == 2 || o.a == 1)", True),
    ('"\\d"', COMPILE),
    ("r'\\d'", "\\d"),
    ("1u + 2u", 3),
    ("0x1F", 31),
    ("'a' 'b'", COMPILE),
    ("// comment", COMPILE),
    ('object["n"]', 3),
    ("object.l.size() > 2 && object.m.size() == 1", True),
    ("object.nul == null", True),
    ("object.m == {'a': 1}", True),
    ("has(object.nul)", True),
    ("object.big > 1", True),
    ("object.s.contains('aa') && object.s.endsWith('a')", True),
    ("!object.nope", ERROR),
    ("-object.n", -3),
    ("object.n ? 1 : 2", ERROR),
    ("object.n && true", ERROR),
    ("object.objs.map(o, has(o.a) ? o.a : 0).sum()", 1),
    ("isX()", COMPILE),
    ("undeclared.x", COMPILE),
    ("'a' + 1", COMPILE),
    ("'x'.startsWith(1)", COMPILE),
    ("object.l.exists(x, x == 'a' || x == 3)", True),
    ("object.m.exists(k, object.m[k] == 1)", True),
    ("object.m['zz']", ERROR),
    ("object.l[9]", ERROR),
    ("object.l[-1]", ERROR),
    ("object.l['a']", ERROR),
    ("object.m[1]", ERROR),
    ("'\\u00e9' == 'é'", True),
]


def value(expression: str) -> Any:
    """What an expression comes to, with OBJECT for its `object`."""
    cel = environment(("object", "oldObject"))
    return cel.compile(expression).evaluate(cel.bind({"object": OBJECT, "oldObject": None}))


@pytest.mark.parametrize(("expression", "result"), RESULTS)
def test_an_expression_comes_to_what_it_does_in_the_api_server(expression: str, result: Any) -> None:
    if result in (COMPILE, ERROR):
        with pytest.raises(result):
            value(expression)
    else:
        assert value(expression) == result
        assert isinstance(value(expression), type(result))


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("[1,2].reverse()", [2, 1]),
        ("object.l.map(x, x > 1, x)", [2, 3]),
        ("'a,b,c'.split(',', 2)", ["a", "b,c"]),
        ("[3,1,2].sort()", [1, 2, 3]),
        ("[1,1,2].distinct()", [1, 2]),
        ("[1,2,3,4].slice(1,3)", [2, 3]),
        ("[[1],[2]].flatten()", [1, 2]),
        ("lists.range(3)", [0, 1, 2]),
        ("url('https://example.com/path?a=1&a=2&b=').getQuery()", {"a": ["1", "2"], "b": [""]}),
    ],
)
def test_lists_and_maps(expression: str, result: Any) -> None:
    assert value(expression) == result


# What the API server has and weft's library has not is refused when it is compiled.
@pytest.mark.parametrize(
    "expression",
    [
        "'abc 123'.find('[0-9]+')",
        "'1, 2'.findAll('[0-9]+').size()",
        "format.named('dns1123Label')",
        "[3,1,2].sortBy(x, -x)",
        "{'a':1}.exists(k, v, v == 1)",
        "[1,2].all(i, v, v > i)",
        "{'a':1}.transformList(k, v, v)",
        "authorizer.path('/healthz').check('get').allowed()",
    ],
)
def test_what_is_missing_says_so(expression: str) -> None:
    with pytest.raises(CompileError) as refused:
        value(expression)
    assert "not supported here" in refused.value.message or "is not there" in refused.value.message
    assert refused.value.hint


SUFFIXES = {
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 1000),
    "": Fraction(1),
    **{name: Fraction(1000) ** power for power, name in enumerate("kMGTPE", start=1)},
    **{f"{name}i": Fraction(1024) ** power for power, name in enumerate("KMGTPE", start=1)},
}
amounts = st.tuples(st.integers(0, 10**6), st.integers(0, 99), st.sampled_from(sorted(SUFFIXES)))


@given(amounts, amounts)
def test_quantities_are_ordered_as_the_numbers_they_stand_for(
    left: tuple[int, int, str], right: tuple[int, int, str]
) -> None:
    def text(amount: tuple[int, int, str]) -> str:
        return f"quantity('{amount[0]}.{amount[1]:02}{amount[2]}')"

    def number(amount: tuple[int, int, str]) -> Fraction:
        nanos = (amount[0] + Fraction(amount[1], 100)) * SUFFIXES[amount[2]] * 10**9
        return Fraction(-(-nanos.numerator // nanos.denominator))

    one, other = number(left), number(right)
    expected = (one > other) - (one < other)
    assert value(f"{text(left)}.compareTo({text(right)})") == expected
    assert value(f"{text(left)} == {text(right)}") is (expected == 0)
    assert value(f"{text(left)}.isLessThan({text(right)})") is (expected < 0)


@given(
    st.recursive(st.integers() | st.floats() | st.text() | st.booleans() | st.none(), st.lists, max_leaves=20)
)
def test_any_data_can_be_looked_at(data: Any) -> None:
    cel = environment(("object",))
    bound = cel.bind({"object": {"spec": data}})
    assert cel.compile("has(object.spec)").evaluate(bound) is True
    try:
        assert isinstance(cel.compile("object.spec == object.spec").evaluate(bound), bool)
    except EvaluationError as error:
        raise AssertionError(data) from error
