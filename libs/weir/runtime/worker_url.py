"""Addresses as people write them, and the hosts that a tenant allows.

One way of reading for everybody who calls outside. What different programs
read differently is refused before any name is looked up: backslashes, white
space and control characters, a user before the host, numbers that are no whole
address, ports that belong to other protocols.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Sequence

from yarl import URL

from weir.ports.node_context import Terminal

PORTS = {"http": 80, "https": 443}
LENGTH = 8_000

_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\]|\s")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_DOTS = str.maketrans(dict.fromkeys("\u3002\uff0e\uff61", "."))
# Where a cloud tells its machines their secrets, by name; by number they are refused anyway.
_METADATA = ("metadata.google.internal", "metadata.goog", "instance-data.ec2.internal")
# What speaks another protocol there would read a request as its own commands.
_FOREIGN = frozenset(
    {
        *(1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95),
        *(101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161),
        *(179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563),
        *(587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060),
        *(5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 11211),
    }
)


def parsed(url: str) -> URL:
    """The address of a call; Terminal (URL_INVALID) says what is wrong with it."""
    if len(url) > LENGTH or _UNSAFE.search(url):
        raise _invalid("holds white space, control characters or backslashes, or is too long")
    try:
        found = URL(url)
        host, port = found.raw_host, found.port
    except ValueError:
        raise _invalid("cannot be read") from None
    if found.scheme not in PORTS or not host:
        raise _invalid("must begin with https:// or http:// and name a host")
    if found.raw_user is not None or found.raw_password is not None:
        raise _invalid("names a user: give credentials as such, never in an address")
    if port in _FOREIGN or not port:
        raise _invalid(f"names port {port}, which belongs to another protocol")
    check_host(_authority_host(url))
    check_host(host)
    return found


def check_host(host: str) -> None:
    """Terminal if a host is no name and no whole address, or is one that nobody may call."""
    if ":" in host:
        _whole(host.strip("[]"))
        return
    plain = unicodedata.normalize("NFKC", host.translate(_DOTS)).translate(_DOTS).lower()
    name = plain.removesuffix(".")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        # Programs read 0177.0.0.1, 127.1 and 2130706433 in ways of their own: one way is taken.
        if name != host:
            raise _invalid("writes a number as host in an unusual way")
        _whole(host)
        return
    if host.isascii() and not _HOST.fullmatch(name):
        raise _invalid("names a host that is no name")
    if name in _METADATA or name == "localhost" or name.endswith(".localhost"):
        raise Terminal(
            f"{name} is a name of our own machines: nothing there can be called",
            code="ADDRESS_REFUSED",
        )


def check_allowed(host: str, port: int, allowed: Sequence[str]) -> None:
    """Terminal unless the tenant's list is empty or names this host.

    `*.example.com` stands for every name below example.com, and not for itself;
    `example.com:8443` for that port alone.
    """
    name = host.lower().removesuffix(".")
    if not allowed or any(_names(entry.lower(), name, port) for entry in allowed):
        return
    raise Terminal(
        f"{name} is none of the hosts that the tenant allows: an administrator of the tenant can "
        "add it to allowed_hosts",
        code="ADDRESS_REFUSED",
    )


def _names(entry: str, name: str, port: int) -> bool:
    if entry.count(":") == 1:
        entry, _, only = entry.partition(":")
        if only != str(port):
            return False
    if entry.startswith("*."):
        return name.endswith(entry[1:]) and len(name) > len(entry) - 1
    return entry.removesuffix(".").strip("[]") == name.strip("[]")


def _authority_host(url: str) -> str:
    """The host as it was written, before any library made it another."""
    written = url.partition("://")[2]
    authority = re.split(r"[/?#]", written, maxsplit=1)[0]
    if authority.startswith("["):
        return authority.partition("]")[0] + "]"
    return authority.rpartition(":")[0] or authority


def _whole(number: str) -> None:
    try:
        found = ipaddress.ip_address(number)
    except ValueError:
        raise _invalid("writes a number as host that is no whole address") from None
    if isinstance(found, ipaddress.IPv6Address) and found.scope_id is not None:
        raise _invalid("names a zone of this machine")


def _invalid(problem: str) -> Terminal:
    return Terminal(f"the address {problem}", code="URL_INVALID")
