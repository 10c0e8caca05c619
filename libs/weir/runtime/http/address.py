"""Whose request it is: the address of the caller, also behind proxies that are trusted."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from aiohttp import hdrs, web

from weir.contract.errors import SettingsInvalidError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
_HOPS = 20


def parse_proxies(entries: Iterable[str]) -> tuple[Network, ...]:
    """Networks like `10.0.0.0/8`; SettingsInvalidError names one that is none."""
    found: list[Network] = []
    for entry in entries:
        try:
            found.append(ipaddress.ip_network(entry, strict=False))
        except ValueError as error:
            raise SettingsInvalidError(
                f"{entry!r} is no network of proxies ({error}): write 10.0.0.0/8 or 192.0.2.7"
            ) from None
    return tuple(found)


def client_address(request: web.BaseRequest, proxies: Sequence[Network] = ()) -> str:
    """Where the request comes from: who connected, or whom a trusted proxy names.

    `X-Forwarded-For` is read from its end, for as long as trusted proxies wrote
    it: what callers put before that is theirs.
    """
    address = request.remote or ""
    if not proxies or not _within(address, proxies):
        return address
    told = ",".join(request.headers.getall(hdrs.X_FORWARDED_FOR, ())).split(",")
    for hop in reversed(told[-_HOPS:]):
        try:
            named = str(ipaddress.ip_address(hop.strip()))
        except ValueError:
            return address
        address = named
        if not _within(address, proxies):
            return address
    return address


def is_loopback(request: web.BaseRequest) -> bool:
    """Whether this machine asks, for itself and not for somebody whose proxy it is."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


def whole_network(address: str) -> str:
    """What one caller has of addresses: one of IPv4, a /64 of IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _within(address: str, networks: Sequence[Network]) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in networks)
