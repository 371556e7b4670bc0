"""Kubernetes' named formats in CEL: `format.dns1123Label().validate(name).hasValue()`."""

from __future__ import annotations

import base64
import binascii
import datetime
import re
from collections.abc import Callable, Mapping
from typing import Any

from generator.cel import network
from generator.cel.values import tagged, untagged

KIND = "format"

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_VALUE = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_MOST, _MOST_IN_DOMAIN = 63, 253


def _label(text: str) -> bool:
    return len(text) <= _MOST and _LABEL.fullmatch(text) is not None


def _label_1035(text: str) -> bool:
    return len(text) <= _MOST and _LABEL_1035.fullmatch(text) is not None


def _subdomain(text: str) -> bool:
    return len(text) <= _MOST_IN_DOMAIN and _SUBDOMAIN.fullmatch(text) is not None


def _value(text: str) -> bool:
    return not text or (len(text) <= _MOST and _VALUE.fullmatch(text) is not None)


def _qualified(text: str) -> bool:
    prefix, slash, name = text.rpartition("/")
    return bool(name) and _value(name) and (not slash or _subdomain(prefix))


def _byte(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return bool(text)


def _date(text: str) -> bool:
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    year, month, day = map(int, match.groups())
    try:
        # Python has no year 0, which is a leap year as the year 4 is.
        datetime.date(year or 4, month, day)
    except ValueError:
        return False
    return True


def _before_more(check: Callable[[str], bool]) -> Callable[[str], bool]:
    """The check of what a generated name begins with: it may end with a dash."""
    return lambda text: check(f"{text[:-2]}a" if len(text) > 1 and text.endswith("-") else text)


_FORMATS: Mapping[str, Callable[[str], bool]] = {
    "dns1123Label": _label,
    "dns1123Subdomain": _subdomain,
    "dns1035Label": _label_1035,
    "qualifiedName": _qualified,
    "labelValue": _value,
    "dns1123LabelPrefix": _before_more(_label),
    "dns1123SubdomainPrefix": _before_more(_subdomain),
    "dns1035LabelPrefix": _before_more(_label_1035),
    "uri": network.is_url,
    "uuid": lambda text: _UUID.fullmatch(text) is not None,
    "byte": _byte,
    "date": _date,
}

NAMES = tuple(_FORMATS)


def named(name: str) -> dict[str, Any]:
    """The format of that name, one of NAMES."""
    return tagged(KIND, name)


def validate(form: Any, text: str) -> list[str]:
    """What is wrong with `text`: nothing, or one sentence."""
    name = untagged(form, KIND)
    return [] if _FORMATS[name](text) else [f"is not in the format {name}"]


def value(found: list[str]) -> list[str]:
    """What `validate` found. Raises ValueError where that is nothing."""
    if not found:
        raise ValueError("optional.none() dereference")
    return found
