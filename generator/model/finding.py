"""Findings: what validation says of the output, and the codes that it says it with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal, NamedTuple

from generator.model.document import Path, Position, dotted
from generator.model.record import record

Severity = Literal["error", "warning", "note"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@record(frozen=True)
class Code:
    """A kind of finding. The page of the code in docs/findings/ is made from these sentences.

    `example` is a manifest that has the finding, `mended` the same without it. `otherwise` says where a
    warning is an error. `beside` are files of the definition that the finding needs, by path.
    """

    name: str
    severity: Severity
    title: str
    meaning: str
    example: str
    mended: str
    mend: str
    otherwise: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)


class Known(NamedTuple):
    """What makes a finding the same finding in a later run; its wording and its line may change."""

    environment: str
    code: str
    component: str
    object: str
    field: str
    about: str = ""


@record(frozen=True)
class Finding:
    """One thing that is wrong with the output of an environment.

    `source` is where in the user's files it comes from, `file` the output file, `field` the place in
    the object, which `component` rendered as its `index`th. `accepted` is why it does not count. `about`
    tells findings apart that have one code at one field: the policy, the name that is missing, the rule
    of the schema.
    """

    environment: str
    code: str
    severity: Severity
    message: str
    source: Position
    component: str = ""
    file: str | None = None
    object: str | None = None
    path: Path = ()
    hint: str | None = None
    index: int | None = None
    accepted: str | None = None
    about: str = ""

    @property
    def field(self) -> str:
        """The place in the object as users write it: `spec.ports[0].name`."""
        return dotted(self.path)

    @property
    def refuses(self) -> bool:
        """Whether the environment's output is refused for it."""
        return self.severity == "error" and self.accepted is None

    @property
    def known(self) -> Known:
        """What a baseline keeps of it."""
        return Known(self.environment, self.code, self.component, self.object or "", self.field, self.about)

    @property
    def order(self) -> tuple[Any, ...]:
        """The key of the one order in which findings are told: worst first, then by place."""
        place = (self.source.file, self.source.line or 0, self.source.column or 0)
        rank = SEVERITIES.index(self.severity)
        return (rank, *place, self.code, self.file or "", self.object or "", self.field, self.message)

    @property
    def text(self) -> str:
        """What is wrong, with the component, the object and the code, but neither place nor hint."""
        about = [f"component {self.component}"] if self.component else []
        if self.object and self.object not in self.message:
            about.append(self.object)
        return f"{self.message}{' (' + ', '.join(about) + ')' if about else ''} [{self.code}]"

    def __str__(self) -> str:
        text = f"{self.source}: {self.text}"
        return f"{text}\n  hint: {self.hint}" if self.hint else text
