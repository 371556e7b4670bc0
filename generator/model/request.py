"""What a user asks of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from generator.model.record import record


@record(frozen=True)
class Request:
    """Which environments, which part of the tree, and how."""

    root: str = "."
    environments: Sequence[str] = ()
    everything: bool = False
    selectors: Sequence[str] = ()
    # The how-manieth of how many parts of the chosen environments, from 1.
    shard: tuple[int, int] = (1, 1)
    component: str | None = None
    layers: Sequence[str] = ()
    dialect: str | None = None
    validate: bool = True
    strict: bool = False
    # Whether every finding is told with its line, also those of which a run tells but the number.
    thorough: bool = False
    jobs: int = 1
    # The folder in which the output of programs stays for later runs.
    kept: str | None = None
    # Whether the commands of components run, and how long each may take.
    hooks: bool = False
    hook_seconds: float = 600

    @property
    def names_any(self) -> bool:
        """Whether environments are chosen in some way."""
        return bool(self.environments or self.everything or self.selectors)


@record(frozen=True)
class Progress:
    """What a run tells while it goes on: how many units there are, and each that is done.

    `said` gets what hooks print, line by line.
    """

    started: Callable[[int], None] = lambda units: None
    unit: Callable[[str], None] = lambda label: None
    said: Callable[[str], None] = lambda line: None
