"""JSON patch, RFC 6902: the library applies one operation after the other, and faults name the operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.errors import suggestion
from generator.overlay.patches.fault import Fault, copied


def patched(data: Any, operations: Sequence[Any]) -> Any:
    """`data` after the operations; it stays as it is. Raises Fault at the operation that cannot be done."""
    import jsonpatch

    data, operations = copied(data), copied(operations)
    for index, operation in enumerate(operations):
        try:
            # Each alone: an error of the library does not say which of several it was in.
            data = jsonpatch.apply_patch(data, [operation], in_place=True)
        except jsonpatch.JsonPatchTestFailed:
            raise _untrue(data, operation, index) from None
        except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as problem:
            raise _impossible(data, operation, index, problem) from None
    return data


def _untrue(data: Any, operation: Any, index: int) -> Fault:
    # The values stay out of the message: they may be those of a Secret.
    fault = _missing(data, operation["path"], (index, "path"))
    return fault or Fault(f"the test of `{operation['path']}` fails: another value is there", (index,))


def _impossible(data: Any, operation: Any, index: int, problem: Exception) -> Fault:
    name, path = operation["op"], operation["path"]
    source = operation.get("from")
    if isinstance(source, str) and (fault := _missing(data, source, (index, "from"))):
        return fault
    # What `add` makes need not be there, but what it is made in.
    needed = path if name in ("remove", "replace", "test") else path.rpartition("/")[0]
    fault = _missing(data, needed, (index, "path"))
    return fault or Fault(f"`{name}` at `{path}` cannot be done: {_words(problem)}", (index, "path"))


def _missing(data: Any, path: str, place: tuple[int, str]) -> Fault | None:
    """What is not there on the way along `path`, or None where all of it is."""
    node = data
    gone = ""
    for step in path.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        here = f"{gone}/{step}"
        if isinstance(node, dict):
            if name not in node:
                return Fault(f"`{here}` does not exist", place, hint=suggestion(name, map(str, node)))
            node = node[name]
        elif isinstance(node, list):
            if not (name.isascii() and name.isdigit() and int(name) < len(node)):
                return Fault(f"`{here}` does not exist", place, hint=_items(gone, node))
            node = node[int(name)]
        else:
            return Fault(f"`{here}` does not exist: there is no map and no list at `{gone}`", place)
        gone = here
    return None


def _items(path: str, node: Sequence[Any]) -> str:
    return f"`{path}` has {len(node)} item{'' if len(node) == 1 else 's'}, the first is 0"


def _words(problem: Exception) -> str:
    return str(problem.args[0] if problem.args else problem).partition("\n")[0]
