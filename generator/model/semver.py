"""Semantic versions and ranges of them by Helm's rules, which are those of Masterminds/semver."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable

from generator.model.record import record

# The shapes are the library's own, so that what it takes for a range is one here too.
_PART = r"[0-9|xX*]+"
_MORE = r"(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
_LOOSE = rf"v?({_PART})(\.{_PART})?(\.{_PART})?{_MORE}"
_OPS = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^"
_VERSION = re.compile(rf"v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?{_MORE}", re.ASCII)
_ONE = re.compile(rf"\s*({_OPS})\s*({_LOOSE})\s*", re.ASCII)
_SPAN = re.compile(rf"\s*({_LOOSE})\s+-\s+({_LOOSE})\s*", re.ASCII)
_FIND = re.compile(rf"({_OPS})\s*({_LOOSE})", re.ASCII)
_ALL = re.compile(rf"(\s*({_OPS})\s*({_LOOSE})\s*)((?:\s+|,\s*)({_OPS})\s*({_LOOSE})\s*)*", re.ASCII)
_LARGEST = 2**64 - 1
# Nobody writes a longer one; it bounds what matching may cost.
_LONGEST = 256


@record(frozen=True)
class Version:
    """A version; build metadata counts for nothing. `text` is how it was written."""

    major: int
    minor: int
    patch: int
    before: str
    text: str

    @property
    def key(self) -> tuple[object, ...]:
        """What versions are ordered by; a pre-release comes before its release."""
        return (self.major, self.minor, self.patch, *_order(self.before))


def parse(text: str) -> Version:
    """The version that `text` says, also `v1.2`; raises ValueError where it says none."""
    found = _VERSION.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise ValueError(f"`{text[:60]}` is no version such as 1.2.3")
    numbers = [int((part or "0").removeprefix(".")) for part in found.group(1, 2, 3)]
    before = found[5] or ""
    zeros = any(part.isdecimal() and len(part) > 1 and part[0] == "0" for part in before.split("."))
    if zeros or max(numbers) > _LARGEST:
        raise ValueError(f"`{text[:60]}` is no version such as 1.2.3")
    return Version(numbers[0], numbers[1], numbers[2], before, text)


def is_version(text: str) -> bool:
    """Whether `parse` takes `text`."""
    try:
        parse(text)
    except ValueError:
        return False
    return True


def best(candidates: Iterable[str], wanted: str) -> str | None:
    """Which of `candidates` Helm takes for `wanted`: the one written so, else the newest within the range.

    `wanted` may be empty: the newest release. Candidates that are no versions are passed over. None where
    none fits; raises ValueError where `wanted` is no range.
    """
    names = list(candidates)
    if wanted and wanted in names:
        return wanted
    inside = within(wanted or "*")
    versions = [parse(name) for name in names if is_version(name)]
    fitting = [version for version in versions if inside(version)]
    # Of equal ones, which differ in build metadata alone, the first that is listed.
    return max(fitting, key=lambda version: version.key).text if fitting else None


@functools.lru_cache(maxsize=256)
def within(wanted: str) -> Callable[[Version], bool]:
    """Whether a version is in the range `wanted`: `^1.2`, `>=1 <2`, `1.2 - 1.4`, `1.x || 3.x`.

    Raises ValueError where `wanted` is no range.
    """
    refused = ValueError(f"`{wanted[:60]}` is no version range; write it like `1.2.3`, `^1.2` or `>=1.2 <2`")
    if len(wanted) > _LONGEST:
        raise refused
    # One blank means as much as several, and the expressions take long over several.
    text = re.sub(r"\s*,\s*", ",", re.sub(r"\s+", " ", wanted, flags=re.ASCII), flags=re.ASCII)
    for span in _SPAN.finditer(text):
        text = text.replace(span[0], f">= {span[1]},<= {span[11]} ", 1)
    choices = []
    for part in text.split("||"):
        if not _ALL.fullmatch(part):
            raise refused
        try:
            choices.append([_constraint(found[0]) for found in _FIND.finditer(part)])
        except ValueError:
            raise refused from None
    return lambda version: any(all(one.allows(version) for one in choice) for choice in choices)


@record(frozen=True)
class _Constraint:
    """One comparison. `any_minor` and `any_patch`: from there on the version was left out or a wildcard."""

    op: str
    than: Version
    any_minor: bool = False
    any_patch: bool = False
    loose: bool = False

    def allows(self, version: Version) -> bool:
        if self.op == "!=":
            return self._other(version)
        if version.before and not self.than.before:
            # Only who writes a pre-release wants one.
            return False
        return _COMPARISONS[self.op](self, version)

    def _other(self, version: Version) -> bool:
        than = self.than
        if not self.loose:
            return version.key != than.key
        if version.before and not than.before:
            return False
        if version.major != than.major:
            return True
        if self.any_minor:
            return False
        if version.minor != than.minor:
            return True
        if self.any_patch:
            return bool(version.before or than.before) and version.before != than.before
        return version.patch != than.patch or version.key != than.key

    def _greater(self, version: Version) -> bool:
        than = self.than
        if not self.loose:
            return version.key > than.key
        if version.major != than.major:
            return version.major > than.major
        if self.any_minor or self.any_patch:
            # Nothing of 11 is greater than 11, and nothing of 11.1 than 11.1.
            return self.any_patch and version.minor > than.minor
        return version.key > than.key

    def _at_most(self, version: Version) -> bool:
        than = self.than
        if not self.loose:
            return version.key <= than.key
        if version.major != than.major:
            return version.major < than.major
        return version.minor <= than.minor or self.any_minor

    def _tilde(self, version: Version) -> bool:
        than = self.than
        if version.key < than.key:
            return False
        if not (than.major or than.minor or than.patch or self.any_minor or self.any_patch):
            return True
        return version.major == than.major and (version.minor == than.minor or self.any_minor)

    def _equal(self, version: Version) -> bool:
        return self._tilde(version) if self.loose else version.key == self.than.key

    def _caret(self, version: Version) -> bool:
        than = self.than
        if version.key < than.key or version.major != than.major:
            return False
        if than.major or self.any_minor:
            return True
        if version.minor != than.minor:
            return False
        return bool(than.minor) or self.any_patch or version.patch == than.patch


_COMPARISONS: dict[str, Callable[[_Constraint, Version], bool]] = {
    "": _Constraint._equal,
    "=": _Constraint._equal,
    ">": _Constraint._greater,
    "<": lambda one, version: version.key < one.than.key,
    ">=": lambda one, version: version.key >= one.than.key,
    "=>": lambda one, version: version.key >= one.than.key,
    "<=": _Constraint._at_most,
    "=<": _Constraint._at_most,
    "~": _Constraint._tilde,
    "~>": _Constraint._tilde,
    "^": _Constraint._caret,
}


def _constraint(text: str) -> _Constraint:
    found = _ONE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    op, whole, major, minor, patch, before = found.group(1, 2, 3, 4, 5, 6)
    before = before or ""
    if major in ("x", "X", "*"):
        return _Constraint(op, parse(f"0.0.0{before}"), loose=True)
    if minor in (None, ".x", ".X", ".*"):
        return _Constraint(op, parse(f"{major}.0.0{before}"), any_minor=True, loose=True)
    if patch in (None, ".x", ".X", ".*"):
        return _Constraint(op, parse(f"{major}{minor}.0{before}"), any_patch=True, loose=True)
    return _Constraint(op, parse(whole))


def _order(before: str) -> tuple[object, ...]:
    if not before:
        return (1, ())
    # Numbers come before names; what is too large for a number is a name.
    parts = [
        (1, int(part), "") if part.isdecimal() and int(part) <= _LARGEST else (2, 0, part)
        for part in before.split(".")
    ]
    return (0, tuple(parts))
