"""Where each environment is published to: repository, branch and path; no two may overlap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from generator.errors import DefinitionError, WeftError
from generator.gitcmd import Address, Source
from generator.model.definition import Definition, Environment, Failure
from generator.model.document import Position
from generator.model.formats import Publish
from generator.model.record import record

PLACEHOLDER = "{environment}"
_DEFAULT_BRANCH = "environment/{environment}"
# What git-check-ref-format refuses.
_BAD_REF = re.compile(r"[\0-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^/|/$|\.$|^-|(^|/)\.|\.lock(/|$)|^@$")
_BAD_FOLDER = re.compile(r"[\0-\x1f\x7f\\]|(^|/)(\.git|git~1)(/|$)|(^|/)\s|\s(/|$)", re.IGNORECASE)


@record(frozen=True)
class Overrides:
    """What the command line says instead of the environments' files."""

    repository: str | None = None
    branch: str | None = None
    path: str | None = None

    def laid_over(self, publish: Publish | None) -> Publish | None:
        """The environment's own target with the overrides; None where neither says anything."""
        given = {name: value for name, value in self.__dict__.items() if value is not None}
        return replace(publish or Publish(), **given) if given else publish


@record(frozen=True)
class Target:
    """A folder (the root, where `path` is empty) of a branch of a repository.

    `active` is the branch that is pulled: another one only where `branch` proposes changes to it.
    `patterns` are branch and path as they were written, with `{environment}`.
    """

    environment: str
    address: Address
    branch: str
    path: str
    active: str
    patterns: tuple[str, str]
    place: Position | None = None

    def __str__(self) -> str:
        return f"{self.path} on {self.branch}" if self.path else self.branch

    def overlaps(self, other: Target) -> bool:
        """Whether one path lies within the other, on the same branch."""
        one, two = f"{self.path}/".lstrip("/"), f"{other.path}/".lstrip("/")
        return one.startswith(two) or two.startswith(one)


def targets(
    definition: Definition, source: Source, chosen: Iterable[str], overrides: Overrides, *, proposed: bool
) -> Mapping[str, Target | WeftError | None]:
    """The target of each chosen environment; the error that refuses it; None where it has none.

    The targets of all other environments are looked at too: they are not to be overwritten either.
    """
    names = set(chosen)
    found: dict[str, Target | WeftError | None] = {}
    for name, environment in definition.environments.items():
        if isinstance(environment, Failure):
            found[name] = environment.error
            continue
        wanted = overrides.laid_over(environment.publish) if name in names else environment.publish
        try:
            found[name] = _target(environment, wanted, source) if wanted else None
        except WeftError as error:
            found[name] = error
    rivals: dict[tuple[str, str], list[Target]] = {}
    for target in found.values():
        if isinstance(target, Target):
            rivals.setdefault((target.address.key, target.active), []).append(target)
    return {name: _checked(found.get(name), rivals, proposed) for name in sorted(names)}


def _checked(
    target: Target | WeftError | None, rivals: Mapping[tuple[str, str], list[Target]], proposed: bool
) -> Target | WeftError | None:
    if not isinstance(target, Target):
        return target
    for other in rivals[target.address.key, target.active]:
        if other is not target and target.overlaps(other):
            return _clash(target, other)
    return _proposal(target) if proposed else target


def _target(environment: Environment, publish: Publish, source: Source) -> Target:
    address = source.repository(publish.repository)
    if address is None:
        raise DefinitionError.at(
            environment.place,
            f"`{environment.name}` names no repository to publish to, and the definitions have no origin",
            hint="write publish.repository, or add a remote: git remote add origin URL",
        )
    if publish.path and not publish.branch:
        raise DefinitionError.at(
            environment.place,
            f"`{environment.name}` names a path to publish to, but not its branch",
            hint="write publish.branch too, such as main",
        )
    patterns = (publish.branch or _DEFAULT_BRANCH, publish.path or "")
    branch, path = (pattern.replace(PLACEHOLDER, environment.name) for pattern in patterns)
    branch = branch.removeprefix("refs/heads/")
    if not branch or _BAD_REF.search(branch):
        raise DefinitionError.at(environment.place, f"`{branch}` is no name for a branch")
    return Target(
        environment=environment.name,
        address=address,
        branch=branch,
        path=_folder(path, environment),
        active=branch,
        patterns=patterns,
        place=environment.place,
    )


def _folder(path: str, environment: Environment) -> str:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts or _BAD_FOLDER.search(path):
        raise DefinitionError.at(
            environment.place,
            f"`{path}` is no path to publish to",
            hint="write a folder of the branch, such as clusters/{environment}",
        )
    return "/".join(parts)


def _proposal(target: Target) -> Target:
    """The branch from which GitOps Promoter proposes: the suffix is its own, a path comes after it."""
    return replace(target, branch=f"{target.active}-next" + (f"/{target.path}" if target.path else ""))


def _clash(target: Target, other: Target) -> WeftError:
    how = "the same place as" if target.path == other.path else "a place that overlaps that of"
    return DefinitionError.at(
        target.place,
        f"`{target.environment}` would be published to {how} `{other.environment}` ({target}; {other})",
        hint="give each a branch or a path of its own: {environment} stands for the name",
    )
