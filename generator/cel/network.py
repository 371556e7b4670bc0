"""Kubernetes' addresses, address ranges and URLs in CEL: `cidr('10.0.0.0/8').containsIP(object.spec.ip)`."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from typing import Any

from generator.cel.values import tagged, untagged

IP, CIDR, URL = "ip", "cidr", "url"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_PREFIX = re.compile(r"0|[1-9][0-9]{0,2}", re.ASCII)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):", re.ASCII)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\s:\[\]<>\"\\^`{|}/]*)(?::([0-9]*))?", re.ASCII)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9$&+,/:;=@~._!*'()\[\]%-]*", re.ASCII)


def address(text: str) -> Address:
    """The address that `text` says. Raises ValueError."""
    found = ipaddress.ip_address(text)
    if "%" in text:
        raise ValueError("an IP address with a zone is not allowed")
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        raise ValueError("an IPv4-mapped IPv6 address is not allowed")
    return found


def ip(text: str) -> dict[str, Any]:
    """An address. Raises ValueError."""
    return tagged(IP, str(address(text)))


def is_ip(text: str) -> bool:
    """Whether `text` is an address."""
    try:
        address(text)
    except ValueError:
        return False
    return True


def is_canonical(text: str) -> bool:
    """Whether an address is written as it should be. Raises ValueError where it is none."""
    return str(address(text)) == text


def _address(value: Any) -> Address:
    return ipaddress.ip_address(untagged(value, IP))


def family(value: Any) -> int:
    """4 or 6."""
    return int(_address(value).version)


def is_unspecified(value: Any) -> bool:
    """Whether it is 0.0.0.0 or ::."""
    return _address(value).is_unspecified


def is_loopback(value: Any) -> bool:
    """Whether the address is the machine itself."""
    return _address(value).is_loopback


def is_link_local_unicast(value: Any) -> bool:
    """169.254.0.0/16 or fe80::/10."""
    return _address(value).is_link_local


def is_link_local_multicast(value: Any) -> bool:
    """224.0.0.0/24 or ff?2::/16."""
    found = _address(value).packed
    return found[:3] == b"\xe0\0\0" if len(found) == 4 else found[0] == 0xFF and found[1] & 0x0F == 2


def is_global_unicast(value: Any) -> bool:
    """Whether the address is one machine's, and not only on its own link; private ones are."""
    found = _address(value)
    apart = found.is_unspecified or found.is_loopback or found.is_multicast or found.is_link_local
    return not apart and str(found) != "255.255.255.255"


def interface(text: str) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface:
    """The range, with the address that it was written with. Raises ValueError."""
    host, slash, prefix = text.partition("/")
    if not slash or not _PREFIX.fullmatch(prefix):
        raise ValueError("a range is written as address/bits")
    return ipaddress.ip_interface(f"{address(host)}/{prefix}")


def cidr(text: str) -> dict[str, Any]:
    """A range. Raises ValueError."""
    return tagged(CIDR, str(interface(text)))


def is_cidr(text: str) -> bool:
    """Whether `text` is a range."""
    try:
        interface(text)
    except ValueError:
        return False
    return True


def _range(value: Any) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface:
    return ipaddress.ip_interface(untagged(value, CIDR))


def contains_ip(value: Any, wanted: Any) -> bool:
    """Whether an address, or the text of one, is in the range."""
    return (address(wanted) if isinstance(wanted, str) else _address(wanted)) in _range(value).network


def contains_cidr(value: Any, wanted: Any) -> bool:
    """Whether a range, or the text of one, is in the range."""
    inner = (interface(wanted) if isinstance(wanted, str) else _range(wanted)).network
    outer = _range(value).network
    return (
        inner.version == outer.version
        and inner.prefixlen >= outer.prefixlen
        and inner.network_address in outer
    )


def cidr_ip(value: Any) -> dict[str, Any]:
    """The address that the range was written with."""
    return tagged(IP, str(_range(value).ip))


def masked(value: Any) -> dict[str, Any]:
    """The range with its first address."""
    return tagged(CIDR, str(_range(value).network))


def prefix_length(value: Any) -> int:
    """The bits of the range."""
    return int(_range(value).network.prefixlen)


def text(value: Any) -> str:
    """`string()` of an address or a range."""
    return str(_range(value)) if value.get("@type") == CIDR else str(_address(value))


def url(text: str) -> dict[str, Any]:
    """An absolute URL or path. Raises ValueError."""
    if not text or re.search(r"[\x00-\x1f\x7f]", text):
        raise ValueError("is no URL")
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() :] if scheme else text
    # A request has no fragment, so that `#` is part of what it stands in.
    rest, _, query = rest.partition("?")
    if not rest.startswith("/") and scheme is None:
        raise ValueError("invalid URI for request")
    host, path = "", rest
    if rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        path = slash + path
        host = authority.rpartition("@")[2]
        if not _HOST.fullmatch(host):
            raise ValueError("invalid host or port")
    elif not rest.startswith("/"):
        path = ""
    if _BAD_ESCAPE.search(path) or _BAD_ESCAPE.search(host):
        raise ValueError("invalid URL escape")
    return tagged(URL, [scheme[1].lower() if scheme else "", host, path, query])


def is_url(text: str) -> bool:
    """Whether `text` is an absolute URL or path."""
    try:
        url(text)
    except ValueError:
        return False
    return True


def url_scheme(value: Any) -> str:
    """`https`, or the empty string."""
    return str(untagged(value, URL)[0])


def url_host(value: Any) -> str:
    """The host, and the port where there is one."""
    return str(untagged(value, URL)[1])


def _host_port(value: Any) -> tuple[str, str]:
    match = _HOST.fullmatch(url_host(value))
    return (match[1], match[2] or "") if match else ("", "")


def url_hostname(value: Any) -> str:
    """The host without port and brackets."""
    return _host_port(value)[0].strip("[]")


def url_port(value: Any) -> str:
    """The port, or the empty string."""
    return _host_port(value)[1]


def url_path(value: Any) -> str:
    """The path, with escapes where they are needed."""
    path = str(untagged(value, URL)[2])
    if _PLAIN_PATH.fullmatch(path):
        return path
    return urllib.parse.quote(urllib.parse.unquote(path), safe="$&+,/:;=@~")


def url_query(value: Any) -> dict[str, Any]:
    """The lists of values by name."""
    return dict(urllib.parse.parse_qs(untagged(value, URL)[3], keep_blank_values=True))
