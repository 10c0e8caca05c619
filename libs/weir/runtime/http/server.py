"""A listening server around what answers requests; stopping it lets what was begun be answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from weir.contract.errors import PortTakenError

_LINE = 8190
_KEEPALIVE_S = 75.0


class Server:
    """Listens on one address."""

    def __init__(
        self,
        answer: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        host: str,
        port: int,
        *,
        stop_s: float,
    ) -> None:
        server = web.Server(
            answer,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=_KEEPALIVE_S,
            lingering_time=1.0,
            max_line_size=_LINE,
            max_field_size=_LINE,
        )
        self._runner = web.ServerRunner(server, shutdown_timeout=stop_s)
        self._host = host
        self._port = port

    async def start(self) -> int:
        """Listen and return the port; PortTakenError if somebody else does."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=1024)
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
        return f"http://{host}:{self._port}"

    async def stop(self) -> None:
        """Take no more connections, answer what was begun, close."""
        await self._runner.cleanup()
