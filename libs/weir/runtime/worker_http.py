"""HTTP for nodes: one guarded client per process.

No cookies, no proxies from the environment, no credentials carried to another
origin by a redirect, no body larger than asked for. Every redirect is a new
call and passes the guard again.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import aiohttp
from yarl import URL

from weir.ports.node_context import HttpAnswer, Retryable, Terminal
from weir.runtime.worker_guard import Allowed, Guard, GuardedResolver
from weir.runtime.worker_url import PORTS, check_allowed, check_host, parsed

CONNECTIONS = 256
PER_HOST = 32
CHUNK = 64 * 1024

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_KEEPS_BODY = frozenset({307, 308})
# What may follow a redirect to another origin; all else could be a credential.
_HARMLESS = frozenset(
    {"accept", "accept-language", "content-type", "idempotency-key", "user-agent"}
)


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    url: URL
    headers: Mapping[str, str]
    body: bytes | None
    max_bytes: int
    hosts: Sequence[str]


class OutboundHttp:
    """The `Http` of node contexts. Open it on the loop it is used on."""

    def __init__(self, allowed: Iterable[Allowed] = ()) -> None:
        self._guard = Guard(allowed)
        self._resolver = GuardedResolver(self._guard)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def request(  # noqa: PLR0913 - the port's signature
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        timeout_s: float = 30.0,
        max_bytes: int = 64 * 1024 * 1024,
        max_redirects: int = 5,
        hosts: Sequence[str] = (),
    ) -> HttpAnswer:
        """One call, redirects included; `hosts` are those that a tenant allows, none: all."""
        target = parsed(url)
        if query:
            target = target.extend_query(list(query))
        try:
            async with asyncio.timeout(timeout_s):
                return await self._follow(
                    _Call(method, target, dict(headers or {}), body, max_bytes, hosts),
                    max_redirects,
                )
        except TimeoutError as error:
            raise Retryable(
                f"{target.host} did not answer within {timeout_s:g} s", code="HTTP_TIMEOUT"
            ) from error
        except aiohttp.InvalidURL as error:
            raise Terminal(f"{url!r} is no address to call", code="URL_INVALID") from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise Terminal(
                f"the certificate of {target.host} is not valid for it: {error.certificate_error}",
                code="TLS_REFUSED",
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise Retryable(
                f"{target.host} cannot be reached: {error or type(error).__name__}",
                code="HTTP_UNREACHABLE",
            ) from error
        except ValueError as error:  # a header with a line's end in it, two lengths of one body
            raise Terminal(
                f"the call cannot be made as it is written: {error}", code="CONFIG_INVALID"
            ) from error

    async def address(self, host: str, port: int, *, hosts: Sequence[str] = ()) -> str:
        """An address of the host that may be called; the caller connects to that one."""
        check_host(host)
        check_allowed(host, port, hosts)
        if _is_number(host):
            self._guard.check(host, host, port)
            return host
        found = await self._resolver.resolve(host, port)
        return str(found[0]["host"])

    async def _follow(self, call: _Call, max_redirects: int) -> HttpAnswer:
        for _ in range(max_redirects + 1):
            answer, location = await self._once(call)
            if location is None:
                return answer
            call = _redirected(call, answer.status, location)
        raise Terminal(
            f"{call.url.host} redirected more than {max_redirects} times",
            code="TOO_MANY_REDIRECTS",
        )

    async def _once(self, call: _Call) -> tuple[HttpAnswer, str | None]:
        port = call.url.port or PORTS[call.url.scheme]
        check_allowed(call.url.raw_host or "", port, call.hosts)
        self._check_number(call.url)
        async with self._opened().request(
            call.method, call.url, headers=call.headers, data=call.body, allow_redirects=False
        ) as response:
            location = response.headers.get("Location")
            redirected = response.status in _REDIRECTS and location is not None
            answer = HttpAnswer(
                status=response.status,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=b"" if redirected else await _read(response, call.max_bytes),
                url=str(call.url),
            )
            return answer, location if redirected else None

    def _check_number(self, url: URL) -> None:
        # Hosts written as numbers never reach the resolver.
        host = url.host or ""
        if _is_number(host):
            self._guard.check(host, host, url.port or PORTS[url.scheme])

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=self._resolver,
                    use_dns_cache=False,
                    limit=CONNECTIONS,
                    limit_per_host=PER_HOST,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),  # the call's own time counts
                headers={"User-Agent": "Weir"},
                trust_env=False,
            )
        return self._session


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _redirected(call: _Call, status: int, location: str) -> _Call:
    try:
        # What is relative has nothing to hide; what is not is read as it was written.
        target = location if _SCHEME.match(location) else str(call.url.join(URL(location)))
    except ValueError as error:
        raise Terminal(
            f"{call.url.host} redirects to what is no address: {error}", code="URL_INVALID"
        ) from None
    url = parsed(target)
    method, body, headers = call.method, call.body, dict(call.headers)
    if status not in _KEEPS_BODY and method not in {"GET", "HEAD"}:
        method, body = "GET", None
        headers = {k: v for k, v in headers.items() if not k.lower().startswith("content-")}
    if url.origin() != call.url.origin():
        headers = {k: v for k, v in headers.items() if k.lower() in _HARMLESS}
    return _Call(method, url, headers, body, call.max_bytes, call.hosts)


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    declared = response.content_length or 0
    parts: list[bytes] = []
    size = declared if declared > max_bytes else 0
    while size <= max_bytes:
        chunk = await response.content.read(CHUNK)
        if not chunk:
            return b"".join(parts)
        parts.append(chunk)
        size += len(chunk)
    raise Terminal(
        f"{response.url.host} answers more than {max_bytes} bytes: ask for less",
        code="RESPONSE_TOO_LARGE",
    )
