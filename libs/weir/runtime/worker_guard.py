"""Which addresses may be called from here, for anybody: nodes, callbacks, sign-in providers.

A workflow's author must not reach what only our own machines can: everything
that is not a public address is refused, after the name was resolved, unless
the installation's allow-list names it. The connection then goes to the very
address that was checked, so a name that changes its answer gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp.abc import AbstractResolver, ResolveResult

from weir.contract.errors import SettingsInvalidError
from weir.ports.node_context import Retryable, Terminal

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Public by the numbers that the library knows, and yet nobody's business.
_INSIDE = (
    ipaddress.ip_network("168.63.129.16/32"),  # tells virtual machines about their host
    ipaddress.ip_network("192.0.0.0/24"),
    ipaddress.ip_network("192.88.99.0/24"),
    ipaddress.ip_network("::/8"),  # of IPv4, translated or compatible
    ipaddress.ip_network("64:ff9b:1::/48"),  # translates into IPv4 by a prefix of our own
    ipaddress.ip_network("100::/64"),
    ipaddress.ip_network("2001::/23"),  # among them Teredo, which carries any address
    ipaddress.ip_network("2001:db8::/32"),
    ipaddress.ip_network("3fff::/20"),
    ipaddress.ip_network("5f00::/16"),
    ipaddress.ip_network("fec0::/10"),
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Allowed:
    """An entry of the allow-list; `port` 0 stands for every port."""

    network: Network
    port: int


def parse_allowed(entries: Iterable[str]) -> tuple[Allowed, ...]:
    """Entries like `127.0.0.1:9000`, `10.0.0.0/8`, `[::1]:80`.

    SettingsInvalidError names one that is none of these.
    """
    return tuple(_entry(entry) for entry in entries)


def _entry(entry: str) -> Allowed:
    host, port = entry, ""
    if entry.startswith("["):
        host, _, rest = entry[1:].partition("]")
        port = rest.removeprefix(":")
    elif entry.count(":") == 1:
        host, _, port = entry.partition(":")
    try:
        return Allowed(ipaddress.ip_network(host, strict=False), int(port or 0))
    except ValueError as error:
        raise SettingsInvalidError(
            f"{entry!r} is no address to allow ({error}): write 10.0.0.0/8, 127.0.0.1:9000 "
            "or [::1]:80"
        ) from None


class Guard:
    """Judges addresses."""

    def __init__(self, allowed: Iterable[Allowed] = ()) -> None:
        self._allowed = tuple(allowed)

    def check(self, host: str, address: str, port: int) -> None:
        """Terminal (ADDRESS_REFUSED) if this is nothing a node may call."""
        found = ipaddress.ip_address(address.partition("%")[0])
        if self.allows(found, port):
            return
        raise Terminal(
            f"{host} leads to an address that is not public, port {port}: an administrator can "
            "allow it with the setting outbound_allow",
            code="ADDRESS_REFUSED",
        )

    def allows(self, address: Address, port: int) -> bool:
        """Whether a node may call this address."""
        seen = _unwrapped(address)
        return any(
            entry.port in {0, port} and seen in entry.network for entry in self._allowed
        ) or (
            seen.is_global
            and not seen.is_multicast
            and not seen.is_reserved
            and not seen.is_unspecified
            and not any(seen in network for network in _INSIDE)
        )


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries, if it does: that is where packets go."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


class GuardedResolver(AbstractResolver):
    """Resolves by the system and lets only checked addresses through; nothing is cached."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name; one that is refused refuses the name."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, family=family, flags=socket.AI_ADDRCONFIG
            )
        except (socket.gaierror, UnicodeError) as error:
            raise Retryable(
                f"the name {host} cannot be resolved: {error}", code="HTTP_UNREACHABLE"
            ) from error
        results: list[ResolveResult] = []
        for kind, _, protocol, _, address in found:
            number = str(address[0])
            self._guard.check(host, number, port)
            results.append(
                ResolveResult(
                    hostname=host,
                    host=number,
                    port=port,
                    family=kind,
                    proto=protocol,
                    flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                )
            )
        return results

    async def close(self) -> None:
        """Nothing is held."""
