"""What a publication came to, for one environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from generator.compare import Comparison
from generator.errors import WeftError
from generator.model.finding import Finding
from generator.publish.targets import Target

Status = Literal["published", "unchanged", "removed", "stale", "skipped", "failed"]


@dataclass
class Publication:
    """One environment's result. `commit` is where its branch is now, as far as that is known.

    `tree` is the id of the published tree, what lies beside the manifests aside, by git's algorithm.
    `lasting` are the notes that hold as long as the output is the same.
    """

    environment: str
    status: Status
    target: Target | None = None
    commit: str | None = None
    objects: int = 0
    first: bool = False
    comparison: Comparison | None = None
    tree: Mapping[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    lasting: Sequence[str] = ()
    findings: Sequence[Finding] = ()
    errors: Sequence[WeftError] = ()

    @property
    def succeeded(self) -> bool:
        """Whether the repository holds what it should."""
        return self.status in ("published", "unchanged", "removed")

    def counts(self) -> dict[str, int]:
        """How many objects were added, changed, moved and deleted."""
        if self.comparison is None:
            return {"added": self.objects if self.first else 0, "changed": 0, "moved": 0, "deleted": 0}
        kinds: Sequence[Literal["added", "changed", "moved", "deleted"]] = (
            "added",
            "changed",
            "moved",
            "deleted",
        )
        return {kind: self.comparison.count(kind) for kind in kinds}

    def as_json(self) -> dict[str, Any]:
        """The result as `-o json` has it, without findings and errors."""
        place: dict[str, Any] = {}
        if self.target is not None:
            place = {
                "repository": self.target.address.shown,
                "branch": self.target.branch,
                "path": self.target.path,
            }
        return {
            "environment": self.environment,
            "status": self.status,
            **place,
            "commit": self.commit,
            "objects": self.objects,
            "counts": self.counts(),
            "changes": [item.as_json() for item in self.comparison.objects] if self.comparison else [],
            "notes": list(self.notes),
        }
