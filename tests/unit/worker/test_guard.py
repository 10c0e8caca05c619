"""Which addresses nodes may call."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any

import pytest

from weir.contract.errors import SettingsInvalidError
from weir.ports.node_context import Retryable, Terminal
from weir.runtime.worker_guard import Guard, GuardedResolver, parse_allowed


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",  # noqa: S104 - an example
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.8",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:db8::1",
    ],
)
def test_what_is_not_public_is_refused(address: str) -> None:
    """Loopback, private, link-local, metadata and every disguise of them."""
    assert not Guard().allows(ipaddress.ip_address(address), 80)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111"])
def test_public_addresses_are_allowed(address: str) -> None:
    """The outside world can be called."""
    assert Guard().allows(ipaddress.ip_address(address), 443)


def test_the_allow_list_opens_what_it_names_and_no_more() -> None:
    """A network, or one port of it."""
    guard = Guard(parse_allowed(["10.1.0.0/16", "127.0.0.1:9000", "[::1]:80"]))
    allowed = [("10.1.200.3", 5), ("127.0.0.1", 9000), ("::1", 80), ("::ffff:127.0.0.1", 9000)]
    refused = [("10.2.0.1", 5), ("127.0.0.1", 9001), ("::1", 81), ("127.0.0.2", 9000)]
    assert all(guard.allows(ipaddress.ip_address(host), port) for host, port in allowed)
    assert not any(guard.allows(ipaddress.ip_address(host), port) for host, port in refused)


@pytest.mark.parametrize("entry", ["localhost", "10.0.0.0/99", "1.2.3.4:http", ""])
def test_an_entry_that_cannot_be_read_is_named(entry: str) -> None:
    """The start fails with the entry instead of ignoring it."""
    with pytest.raises(SettingsInvalidError, match="no address to allow"):
        parse_allowed([entry])


async def test_a_name_with_one_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that mixes public and private answers gets nobody inside."""
    _answers(monkeypatch, "1.1.1.1", "10.0.0.1")
    with pytest.raises(Terminal) as refused:
        await GuardedResolver(Guard()).resolve("mixed.example", 80)
    assert refused.value.error_code == "ADDRESS_REFUSED"
    assert "10.0.0.1" not in refused.value.message


async def test_the_connection_goes_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The resolver hands on numbers, so nothing is resolved a second time."""
    _answers(monkeypatch, "1.1.1.1")
    (result,) = await GuardedResolver(Guard()).resolve("one.example", 443)
    assert (result["host"], result["port"]) == ("1.1.1.1", 443)
    assert result["flags"] & socket.AI_NUMERICHOST


async def test_a_name_that_cannot_be_resolved_may_be_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Name servers fail for a while."""

    async def fails(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-3, "temporary failure")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", fails)
    with pytest.raises(Retryable) as failed:
        await GuardedResolver(Guard()).resolve("gone.example", 443)
    assert failed.value.error_code == "HTTP_UNREACHABLE"


def _answers(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    async def resolves(*_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 0)) for one in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolves)
