"""Audit entries as syslog: RFC 5424 over TCP or TLS, framed by octet counts (RFC 6587, RFC 5425).

Syslog answers nothing. What counts as taken is what the receiver's system has
acknowledged: where the connection breaks before that, all of it is sent again.
"""

from __future__ import annotations

import array
import asyncio
import fcntl
import re
import socket
import ssl
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from weir.contract.errors import SettingsInvalidError, UnavailableError
from weir.ports.receivers import Pushed

CONNECT_S = 5.0
TAKEN_S = 10.0
_LOOK_S = 0.01
_PORTS = {"tcp": 601, "tls": 6514}
_AUDIT = 13 * 8  # facility "log audit"
_SEVERITY = {"allowed": 6, "denied": 4, "failed": 4}
_ID = "weir@32473"
_FIELDS = (
    *("id", "event", "outcome", "tenant_id", "user_id", "resource_id", "request_id"),
    *("ip_address", "reason", "count", "link"),
)
_BOM = b"\xef\xbb\xbf"
_ESCAPED = re.compile(r'(["\\\]])')


class Syslog:
    """See `ports.receivers.Receiver`. The address is tcp://host[:port] or tls://host[:port]."""

    name = "syslog"

    def __init__(self, address: str, authorities: Path | None = None) -> None:
        parts = urlsplit(address)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise SettingsInvalidError(
                f"audit_syslog={address!r} is no address: write tcp://host:601 or tls://host:6514."
            )
        self._host, self._port = parts.hostname, parts.port or _PORTS[parts.scheme]
        self._tls = (
            ssl.create_default_context(cafile=authorities) if parts.scheme == "tls" else None
        )
        self._writer: asyncio.StreamWriter | None = None
        self._reader: asyncio.StreamReader | None = None

    async def deliver(self, entries: Sequence[Pushed]) -> None:
        """Send them and wait until the other system has them."""
        try:
            async with asyncio.timeout(TAKEN_S):
                writer = await self._connected()
                writer.writelines(framed(message(one)) for one in entries)
                await writer.drain()
                while _unacknowledged(writer):  # noqa: ASYNC110 - the kernel wakes nobody
                    await asyncio.sleep(_LOOK_S)
            if self._reader is None or self._reader.at_eof():
                raise ConnectionResetError("the receiver closed the connection")
        except (OSError, TimeoutError) as error:
            await self.close()
            raise UnavailableError(
                f"The syslog receiver {self._host}:{self._port} does not take what it is given "
                f"({type(error).__name__}: {error})."
            ) from None

    async def close(self) -> None:
        """End the connection."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()

    async def _connected(self) -> asyncio.StreamWriter:
        if self._reader is not None and self._reader.at_eof():
            await self.close()
        if self._writer is None:
            async with asyncio.timeout(CONNECT_S):
                self._reader, self._writer = await asyncio.open_connection(
                    self._host, self._port, ssl=self._tls
                )
        return self._writer


def message(pushed: Pushed) -> bytes:
    """One message of RFC 5424; its text is the whole entry as JSON."""
    entry = pushed.entry
    priority = _AUDIT + _SEVERITY.get(str(entry["outcome"]), 6)
    head = (
        f"<{priority}>1 {entry['timestamp']} {_name(socket.gethostname(), 255)} weir - "
        f"{_name(str(entry['event']), 32)} {_structured(entry, pushed.digest)} "
    )
    return head.encode() + _BOM + orjson.dumps(entry)


def framed(data: bytes) -> bytes:
    """With its length before it."""
    return str(len(data)).encode() + b" " + data


def _structured(entry: Mapping[str, Any], digest: str) -> str:
    told = {name: str(entry[name]) for name in _FIELDS if entry[name]} | {"digest": digest}
    return (
        f"[{_ID} "
        + " ".join(f'{name}="{_ESCAPED.sub(_escape, value)}"' for name, value in told.items())
        + "]"
    )


def _escape(found: re.Match[str]) -> str:
    return "\\" + found[1]


def _name(text: str, longest: int) -> str:
    """A field of the head: visible ASCII."""
    return re.sub(r"[^!-~]", "_", text)[:longest] or "-"


def _unacknowledged(writer: asyncio.StreamWriter) -> bool:
    """Whether something is still on its way to the other system."""
    if writer.transport.get_write_buffer_size():
        return True
    connection = writer.get_extra_info("socket")
    waiting = array.array("i", [0])
    try:
        fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, waiting)
    except (OSError, AttributeError):
        return False  # not every system tells
    return waiting[0] > 0
