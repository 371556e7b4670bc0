"""The Jinja2 environment of a chart: sandboxed, strict, bounded, mapping keys before attributes."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from generator import yamlio
from generator.errors import suggestion
from generator.render import guards, limits

_PRINTED = {None: "null", True: "true", False: "false"}
_COUNTED, _SIZED, _JOINED = "weft_counted", "weft_sized", "weft_joined"


class Missing(jinja2.StrictUndefined):
    """StrictUndefined that names the nearest key there is."""

    @property
    def _undefined_message(self) -> str:
        known = self._undefined_obj
        if self._undefined_hint is None and isinstance(known, Mapping):
            hint = suggestion(str(self._undefined_name), [str(key) for key in known])
            return f"there is no `{self._undefined_name}` here" + (f": {hint}" if hint else "")
        return str(super()._undefined_message)


class ChartEnvironment(ImmutableSandboxedEnvironment):
    """Compiles a chart's templates once and counts what each rendering costs."""

    budget: limits.Budget
    intercepted_binops = frozenset(("*", "**", "+", "%"))

    def __init__(self, loader: jinja2.BaseLoader) -> None:
        super().__init__(
            loader=loader,
            undefined=Missing,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            cache_size=-1,
            finalize=self._finalized,
        )
        self.budget = limits.Budget()
        self.filters.update(_FILTERS)
        # The same definition gives the same bytes.
        del self.filters["random"], self.globals["lipsum"]
        self.filters = guards.guarded(self.filters, lambda: self.budget)
        self.filters[_COUNTED] = lambda value: self.budget.counted(value)
        self.filters[_SIZED] = lambda value: self.budget.sized(value)
        self.filters[_JOINED] = lambda values: self.budget.joined(values)

    def _finalized(self, value: Any) -> Any:
        """What `{{ }}` prints, counted."""
        if value is None or value is True or value is False:
            # As YAML has them, not as Python.
            value = _PRINTED[value]
        return self.budget.output(value)

    def concat(self, parts: Iterable[str]) -> str:
        """What a macro or a block wrote, as one text."""
        pieces = list(parts)
        if sum(map(len, pieces)) > limits.MAX_TEXT:
            raise limits.LimitExceeded("a macro or block writes too much")
        return str(self.budget.sized("".join(pieces)))

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`values.items` is the key where there is one; methods come after."""
        # Asking for the class first costs a tenth of asking an abstract one.
        if obj.__class__ is dict or isinstance(obj, Mapping):
            if attribute in obj:
                return obj[attribute]
            if not attribute.startswith("_") and not hasattr(obj, attribute):
                return self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def call_binop(self, context: jinja2.runtime.Context, operator: str, left: Any, right: Any) -> Any:
        """The operator, unless its result would be beyond the limits."""
        limits.binary(operator, left, right)
        return self.budget.sized(super().call_binop(context, operator, left, right))

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """The call, counted; a recursive loop counts what it is called with."""
        if isinstance(__obj, LoopContext) and args:
            args = (__self.budget.counted(args[0]), *args[1:])
        __self.budget.spend(limits.CALL_STEPS)
        limits.call(__obj, args, kwargs)
        return __self.budget.sized(super().call(__context, __obj, *args, **kwargs))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        for loop in template.find_all(nodes.For):
            loop.iter = _filter(loop.iter, _COUNTED)
        for block in template.find_all(nodes.AssignBlock):
            block.filter = _filter(block.filter, _SIZED)
        _bound(template)
        return template


def _filter(node: Any, name: str) -> nodes.Filter:
    line = node.lineno if node is not None else 1
    return nodes.Filter(node, name, [], [], None, None, lineno=line)


def _bound(node: nodes.Node) -> None:
    """Has `a ~ b` and slices, which the sandbox does not see, go through the budget too."""
    for field, value in list(node.iter_fields()):
        if isinstance(value, nodes.Node):
            _bound(value)
            setattr(node, field, _bounded(value))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, nodes.Node):
                    _bound(item)
                    value[index] = _bounded(item)


def _bounded(node: nodes.Node) -> nodes.Node:
    if isinstance(node, nodes.Concat):
        return _filter(nodes.List(node.nodes, lineno=node.lineno), _JOINED)
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Slice):
        return _filter(node, _SIZED)
    return node


def _defined(value: Any) -> Any:
    """Fails for a missing value: json and hashes would swallow it."""
    if isinstance(value, jinja2.Undefined):
        str(value)
    if isinstance(value, dict):
        return {str(key): _defined(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_defined(item) for item in value]
    return value


def _to_yaml(value: Any) -> str:
    return yamlio.emit(_defined(value)).rstrip("\n")


def _to_json(value: Any) -> str:
    return yamlio.to_json(_defined(value))


def _quote(value: Any) -> str:
    """A string in double quotes; other scalars are turned into their text first, as Helm's quote does."""
    if value.__class__ is str:
        return yamlio.to_json(value)
    value = _defined(value)
    if value is None:
        return '""'
    if not isinstance(value, str):
        value = json.dumps(value)
    return yamlio.to_json(value)


def _bytes(value: Any) -> bytes:
    value = _defined(value)
    return (value if isinstance(value, str) else json.dumps(value)).encode()


def _b64encode(value: Any) -> str:
    return base64.b64encode(_bytes(value)).decode()


def _sha256(value: Any) -> str:
    return hashlib.sha256(_bytes(value)).hexdigest()


_FILTERS: dict[str, Callable[..., Any]] = {
    "to_yaml": _to_yaml,
    "to_json": _to_json,
    "quote": _quote,
    "b64encode": _b64encode,
    "sha256": _sha256,
}
