"""A listening server around what answers requests; stopping it lets what was begun be answered."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from weir.contract.errors import PortTakenError, SettingsInvalidError
from weir.runtime.http.connection import Connections


class Server:
    """Listens on one address."""

    def __init__(
        self,
        answer: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        host: str,
        port: int,
        *,
        stop_s: float,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._runner = web.ServerRunner(Connections(answer), shutdown_timeout=stop_s)
        self._host = host
        self._port = port
        self._tls = tls

    async def start(self) -> int:
        """Listen and return the port; PortTakenError if somebody else does."""
        await self._runner.setup()
        site = web.TCPSite(
            self._runner, self._host, self._port, backlog=1024, ssl_context=self._tls
        )
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise PortTakenError(
                f"Cannot listen on {self._host}:{self._port} ({error.strerror}): stop what holds "
                "it, or set WEIR_HTTP_PORT."
            ) from None
        address: tuple[str, int] = self._runner.addresses[0][:2]
        self._port = address[1]
        return self._port

    @property
    def url(self) -> str:
        """Where it listens, once started."""
        host = "127.0.0.1" if self._host in {"0.0.0.0", "::"} else self._host  # noqa: S104
        return f"{'https' if self._tls else 'http'}://{host}:{self._port}"

    async def stop(self) -> None:
        """Take no more connections, answer what was begun, close."""
        await self._runner.cleanup()


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.3 and nothing older, with this certificate; SettingsInvalidError if it is none."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise SettingsInvalidError(
            f"The certificate {certificate} with the key {key} cannot be used: {error}. Give "
            "tls_cert_file the whole chain and tls_key_file its key, both as PEM."
        ) from None
    return context
