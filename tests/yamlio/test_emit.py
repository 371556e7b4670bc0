"""The canonical form of what weft writes, and what it refuses to write."""

from __future__ import annotations

from typing import Any

import pytest

from generator import yamlio


def test_form() -> None:
    value = {
        "b": {"image": "nginx:1.2", "cpu": "100m", "memory": "128Mi", "share": "50%", "wait": "10s"},
        "a": [{"name": "x", "args": ["--port=80", "/etc/x", "-v"], "env": []}, ["p", ["q"]], {}],
        "yes": "no",
        "n": 1,
        "f": [1000.0, 1e16, 1e-7, -0.5],
        "flags": [True, False, None],
        "script": "#!/bin/sh\necho hello\n\n  done\n",
        "open": "a\nb",
        "odd": "a\n\n",
        "version": "1.10",
        "emoji": "\U0001f600",
    }
    assert yamlio.emit(value) == (
        "b:\n  image: nginx:1.2\n  cpu: 100m\n  memory: 128Mi\n  share: 50%\n  wait: 10s\n"
        'a:\n- name: x\n  args:\n  - --port=80\n  - /etc/x\n  - "-v"\n  env: []\n- - p\n  - - q\n- {}\n'
        '"yes": "no"\n"n": 1\nf:\n- 1000.0\n- 1.0e+16\n- 1.0e-07\n- -0.5\n'
        "flags:\n- true\n- false\n- null\n"
        'script: |\n  #!/bin/sh\n  echo hello\n\n    done\nopen: |-\n  a\n  b\nodd: "a\\n\\n"\n'
        'version: "1.10"\nemoji: "\U0001f600"\n'
    )


def test_long_key_takes_the_explicit_form() -> None:
    key = "k" * 1001
    assert yamlio.emit({"a": {key: {"b": [1]}, "c": 2}}) == f"a:\n  ? {key}\n  :\n    b:\n    - 1\n  c: 2\n"
    assert yamlio.emit({"k" * 1000: 1}) == "k" * 1000 + ": 1\n"


def test_long_texts_are_not_folded() -> None:
    assert yamlio.emit({"a": "x y " * 1000 + "z", "b": "x: y " * 1000}).count("\n") == 2


def test_a_thousand_levels() -> None:
    value: Any = "x"
    for level in range(1000):
        value = [value] if level % 2 else {"a": value}
    text = yamlio.emit(value)
    assert yamlio.emit(yamlio.read(text, "f")[0].value) == text
    assert yamlio.read_json(yamlio.to_json(value).encode(), "f").value is not None


def test_to_json() -> None:
    value = {
        "b": [1, 1e16, None, True, "<&>'\"\\/\n\x00"],
        "a": {},
        "c": [[], "\x85\u2028\ufeff\x7f\U0001f600é"],
    }
    assert yamlio.to_json(value) == (
        r"""{"b": [1, 1.0e+16, null, true, "<&>'\"\\/\n\u0000"], "a": {}, """
        '"c": [[], "\\u0085\\u2028\\ufeff\\u007f\U0001f600é"]}'
    )
    assert (
        yamlio.to_json({"b": {"d": 1, "c": 2}, "a": 3}, sort_keys=True) == '{"a": 3, "b": {"c": 2, "d": 1}}'
    )


@pytest.mark.parametrize("write", [yamlio.emit, yamlio.to_json])
@pytest.mark.parametrize(
    ("value", "error"),
    [
        (float("inf"), ValueError),
        (float("nan"), ValueError),
        ("\ud800", ValueError),
        ({"\udc00": 1}, ValueError),
        ({1: "a"}, TypeError),
        ({None: "a"}, TypeError),
        (object(), TypeError),
        (b"a", TypeError),
        ({1, 2}, TypeError),
    ],
)
def test_refused(write: Any, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        write({"a": [value]})


def test_json_with_a_long_key_is_refused() -> None:
    with pytest.raises(ValueError, match="1,000 characters"):
        yamlio.to_json({"k" * 1000: 1})
