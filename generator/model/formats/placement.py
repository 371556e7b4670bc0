"""`placement`: the environments that a component goes to, and how many replicas each gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from generator.model.formats.base import key
from generator.model.record import record

# Kubernetes counts replicas in 32 bits.
_MOST = 2**31 - 1
# Nobody divides more; so a mistyped number is refused at once.
_MOST_SPLIT = 100_000


@record(frozen=True, kw_only=True)
class Replicas:
    """How many replicas each workload of the component has: `each` or `split`, and what goes with `split`."""

    each: int | None = key("So many in every environment.", minimum=1, maximum=_MOST)
    split: int | None = key("So many in all environments together.", minimum=1, maximum=_MOST_SPLIT)
    max_skew: int | None = key(
        "With `split`: the most by which two shares may differ; `1`, or what `weights` come to.", minimum=1
    )
    weights: Mapping[str, int] | None = key(
        "With `split`: shares in proportion to these, by environment; `1` for one that is not named.",
        additionalProperties={"type": "integer", "minimum": 0, "maximum": _MOST},
    )
    min: int | None = key("With `split`: the fewest that an environment gets.", minimum=0, maximum=_MOST)
    max: int | None = key("With `split`: the most that an environment gets.", minimum=1, maximum=_MOST)


@record(frozen=True, kw_only=True)
class Placement:
    """Where a component goes, with all below it; without `selector` and `environments`, everywhere."""

    selector: str | tuple[str, ...] | None = key(
        "A selector of environments by their labels, as kubectl has it; of a list, one has to match."
    )
    environments: tuple[str, ...] | None = key("Environments by name, beside those that `selector` selects.")
    exclude: tuple[str, ...] | None = key("Environments that it does not go to in any case.")
    replicas: Replicas | None = key("Replicas of each workload, in place of what its manifest says.")
    pods: Literal["all", "remote", "local"] | None = key(
        "Where its pods run: `all` environments, or all but the `origin` (`remote`), or only there (`local`);"
        " the others get everything but workloads."
    )
    origin: str | None = key(
        "The environment that `remote` and `local` speak of, and `mapping: default` of namespaces, too."
    )
