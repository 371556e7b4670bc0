"""Jinja2 charts: the sandbox, and what a template may cost; whatever exceeds it ends with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.render.base import Run
from generator.render.jinja import JinjaRenderer
from tests.render.charts import unit, write
from tests.render.templates import FILE, HEAD, error, render
from tests.shop import refused


@pytest.mark.parametrize(
    "expression",
    [
        "''.__class__",
        "''.__class__.__mro__[1].__subclasses__()",
        "values.__class__",
        "values['__class__'].__base__",
        "values | attr('__class__')",
        "(values | map(attribute='__class__') | list)[0]",
        "'{0.__class__}'.format(values)",
        "'{a.__class__}'.format_map({'a': values})",
        "self.__init__.__globals__",
        "cycler.__init__.__globals__",
        "lipsum()",
        "values.l.append(1)",
        "values.m.update({'a': 1})",
        "values.m.pop('x')",
        "values.l.sort()",
        "environment.labels.clear()",
        "service",
    ],
)
def test_the_sandbox_lets_nothing_out_and_nothing_be_changed(tmp_path: Path, expression: str) -> None:
    values = {"l": [2, 1], "m": {"x": 1}}
    if expression == "service":
        assert render(tmp_path, "  x: {{ service }}\n", values) == {"x": None}
        return
    found = error(tmp_path, f"  x: {{{{ {expression} }}}}\n", values)
    assert (found.file, found.line) == (FILE, 6)
    assert values == {"l": [2, 1], "m": {"x": 1}}


BIG = "x" * (1024 * 1024)

# In LIMITS: 60 turns over the text `n.x`, and a loop over more than the output may hold.
DOUBLE = "{% set n = namespace(x='x') %}{% for i in range(60) %}"
MANY = "{% for a in range(90000) %}"
LIMITS = {
    "nested loops": "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}"
    "{% endfor %}{% endfor %}{% endfor %}",
    "a long range": "{% for a in range(10**9) %}{% endfor %}",
    "loops in macros": "{% macro m() %}{% for a in range(9999) %}{% endfor %}{% endmacro %}"
    "{% for a in range(9999) %}{{ m() }}{% endfor %}",
    "a recursive macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "two macros that call each other": "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}"
    "{% endmacro %}{{ a() }}",
    "a macro that calls itself twice": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}"
    "{% endmacro %}{{ m(60) }}",
    "a recursive loop": "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "a recursive loop that doubles": "{% for a in [60] recursive %}{% if a %}{{ loop([a - 1, a - 1]) }}"
    "{% endif %}{% endfor %}",
    "a template that includes itself": "{% include 'a.yaml.j2' %}",
    "repeated text": "{{ 'x' * 10**9 }}",
    "repeated text from the left": "{{ 10**9 * 'x' }}",
    "repeated list": "{{ [1] * 10**9 }}",
    "powers": "{{ 10 ** (10 ** 10) }}",
    "powers of powers": "{% set n = namespace(x=2) %}{% for i in range(100) %}"
    "{% set n.x = n.x ** 2 %}{% endfor %}",
    "products": "{% set n = namespace(x=3) %}{% for i in range(100) %}{% set n.x = n.x * n.x %}{% endfor %}",
    "text that doubles with ~": "@DOUBLE@{% set n.x = n.x ~ n.x %}{% endfor %}",
    "text that doubles with +": "@DOUBLE@{% set n.x = n.x + n.x %}{% endfor %}",
    "a list that doubles": "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = n.x + n.x %}"
    "{% endfor %}",
    "text that doubles in a block": "@DOUBLE@"
    "{% set b %}{{ n.x }}{{ n.x }}{% endset %}{% set n.x = b %}{% endfor %}",
    "text that doubles in a macro": "{% macro m(x) %}{{ x }}{{ x }}{% endmacro %}"
    "@DOUBLE@{% set n.x = m(n.x) %}{% endfor %}",
    "text that doubles with format": "@DOUBLE@{% set n.x = '%s%s' | format(n.x, n.x) %}{% endfor %}",
    "text that doubles with join": "@DOUBLE@{% set n.x = [n.x, n.x] | join %}{% endfor %}",
    "text that doubles with replace": "{% set n = namespace(x='xx') %}{% for i in range(60) %}"
    "{% set n.x = n.x | replace('x', 'xx') %}{% endfor %}",
    "a wide format": "{{ '%1000000000d' | format(1) }}",
    "a wide %": "{{ '%1000000000d' % 1 }}",
    "a width as an argument": "{{ '%*d' % (1000000000, 1) }}",
    "a wide str.format": "{{ '{:>1000000000}'.format(1) }}",
    "a nested width": "{{ '{:>{}}'.format(1, 1000000000) }}",
    "center": "{{ 'x' | center(1000000000) }}",
    "str.center": "{{ 'x'.center(1000000000) }}",
    "str.ljust": "{{ 'x'.ljust(1000000000) }}",
    "str.zfill": "{{ 'x'.zfill(1000000000) }}",
    "indent": "{{ 'x\\ny' | indent(1000000000) }}",
    "indent with a text": "{{ ('x\\n' * 100000) | indent(values.big) }}",
    "batch": "{{ [1] | batch(1000000000, 'x') | list }}",
    "slice": "{{ [1] | slice(1000000000) | list }}",
    "tojson": "{{ [1] | tojson(1000000000) }}",
    "replace": "{{ values.big | replace('x', values.big) }}",
    "str.replace": "{{ values.big.replace('x', values.big) }}",
    "join": "{{ ([values.big] * 100000) | join }}",
    "join with a separator": "{{ range(100000) | join(values.big) }}",
    "str.join": "{{ values.big.join(values.big) }}",
    "format": "{{ ('%(a)s' * 100000) | format(a=values.big) }}",
    "wordwrap": "{{ ('x ' * 100000) | wordwrap(1, wrapstring=values.big) }}",
    "to_yaml": "{{ ([values.big] * 100000) | to_yaml }}",
    "to_json": "{{ ([values.big] * 100000) | to_json }}",
    "string": "{{ ([values.big] * 100000) | string }}",
    "a list of lists": "{{ ([[values.big] * 1000] * 1000) | to_json }}",
    "output": "{% for a in range(1000) %}{{ values.big }}{% endfor %}",
    "output of a macro": "{% macro m() %}@MANY@{{ values.big }}{% endfor %}{% endmacro %}{{ m() }}",
    "output of a macro, each piece new": "{% macro m() %}@MANY@{{ values.big ~ a }}{% endfor %}"
    "{% endmacro %}{{ m() }}",
    "output of a block": "{% set b %}@MANY@{{ values.big ~ a }}{% endfor %}{% endset %}{{ b }}",
    "output of a filter block": "{% filter upper %}@MANY@{{ values.big ~ a }}{% endfor %}{% endfilter %}",
    "output of a call": "{% macro m() %}{{ caller() }}{% endmacro %}"
    "{% call m() %}@MANY@{{ values.big ~ a }}{% endfor %}{% endcall %}",
    "many templates' worth of sums": "{{ ([[1] * 1000] * 100000) | sum(start=[]) | length }}",
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_template_that_costs_too_much_ends_with_its_place(tmp_path: Path, name: str) -> None:
    template = LIMITS[name].replace("@DOUBLE@", DOUBLE).replace("@MANY@", MANY)
    found = error(tmp_path, f"  x: 1\n{template}\n", {"big": BIG})
    assert (found.file, found.line) == (FILE, 7)
    assert len(str(found)) < 1000


def test_a_limit_ends_the_run_with_exit_code_3_and_leaves_the_old_output(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {"chart/templates/seen.yaml.j2": "a: 1\n{{ 'x' * 10**9 }}\n"},
        "chart/templates/seen.yaml.j2:2: `*` would make a value of more than 16 MiB",
        "component app, environment prod",
    )


def test_what_one_unit_used_up_is_not_held_against_the_next(tmp_path: Path) -> None:
    text = HEAD + "{% for a in range(600) %}{% for b in range(1000) %}{% endfor %}{% endfor %}  x: 1\n"
    write(tmp_path, {FILE: text})
    renderer = JinjaRenderer()
    for _ in range(2):
        assert renderer.render(unit("jinja", "web"), Run(str(tmp_path))).objects


def test_honest_templates_stay_far_below_the_limits(tmp_path: Path) -> None:
    found = render(
        tmp_path,
        "{% for a in range(2000) %}\n  k{{ a }}: {{ values.big | length }}\n{% endfor %}\n"
        "  joined: {{ range(1000) | join(',') | length }}\n"
        "  wide: {{ 'x' | center(100) | length }}\n"
        "  power: {{ 2 ** 64 }}\n",
        {"big": BIG},
    )
    assert len(found) == 2003


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("values.l | map('upper')", "add `| list`"),
        ("values.s.upper", "call it"),
        ("range", "is no text"),
        ("'a' ~ values.s.upper", "call it"),
        ("values.s.upper | string", "call it"),
        ("[1, 2] | random", "No filter named 'random'"),
    ],
)
def test_what_would_print_an_address_or_chance_is_refused(
    tmp_path: Path, expression: str, message: str
) -> None:
    found = error(tmp_path, f"  x: {{{{ {expression} }}}}\n", {"l": ["a"], "s": "a"})
    assert message in found.message
    assert found.line == 6
    assert "0x" not in found.message
