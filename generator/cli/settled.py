"""What publishing came to, kept for the next run: where nothing changed, nothing has to be rendered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator import cache
from generator.cache import Finished, Question
from generator.cli.results import as_data, from_data
from generator.model.definition import Definition
from generator.publish import Publication

# What the options say of the output and what is told of it; where it goes to is compared each time.
_DECIDING = ("environments", "all", "selector", "strict", "no_plain_secrets")
# Its folder is no input, whatever `weft generate` left there.
_OUTPUT = "generated"


def asked(options: Mapping[str, Any]) -> Question | None:
    """The run as the cache asks for it; None where there is no cache, or nobody knows what is read."""
    if not cache.enabled() or options["allow_hooks"]:
        return None
    deciding = {"command": "publish", **{name: options[name] for name in _DECIDING}}
    return Question(".", _OUTPUT, deciding, writes=False)


def recall(question: Question) -> Mapping[str, Publication]:
    """What each environment came to last time, if nothing that its output depends on has changed since."""
    finished = question.answer()
    if finished is None:
        return {}
    try:
        return {item["environment"]: _recalled(item) for item in finished.results}
    except (KeyError, TypeError, ValueError):
        # A record that another version wrote, or nobody.
        return {}


def remember(question: Question, definition: Definition, results: Sequence[Publication]) -> None:
    """Keeps what a run came to, but for one in which something failed."""
    ended = [result for result in results if result.environment in definition.environments]
    if all(result.status == "skipped" or (result.succeeded and result.tree) for result in ended):
        question.keep(Finished((), [_remembered(result) for result in ended]), (), definition.folders)


def _remembered(result: Publication) -> Mapping[str, Any]:
    return {
        "environment": result.environment,
        "objects": result.objects,
        "tree": dict(result.tree),
        "notes": list(result.lasting),
        "findings": as_data(result.findings),
    }


def _recalled(data: Mapping[str, Any]) -> Publication:
    return Publication(
        data["environment"],
        "unchanged",
        objects=data["objects"],
        tree=dict(data["tree"]),
        lasting=tuple(data["notes"]),
        findings=from_data(data["findings"]),
    )
