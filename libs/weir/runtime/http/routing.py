"""Which route a request is for: aiohttp's table of paths, without its application around it.

An application builds layers around each request that nothing here needs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import hdrs, web

from weir.runtime.http.edge import Bounds, Edge
from weir.runtime.http.page import Pages
from weir.runtime.http.route import Route

KNOWN = 1_000


class Routing:
    """Answers requests by these routes, and what none takes by `pages`.

    ValueError if two routes claim the same method and pattern.
    """

    def __init__(
        self, routes: Sequence[Route], edge: Edge, bounds: Bounds, pages: Pages | None = None
    ) -> None:
        self._edge = edge
        self._pages = pages
        self._paths = web.UrlDispatcher()
        # The same webhooks are called again and again.
        self._known: dict[tuple[str, str], web.UrlMappingMatchInfo] = {}
        taken: set[tuple[str, str]] = set()
        for route in routes:
            if (route.method, route.pattern) in taken:
                raise ValueError(f"{route.method} {route.pattern} is claimed by two routes")
            taken.add((route.method, route.pattern))
            limit = bounds.body if route.body_limit is None else route.body_limit
            answer: Any = edge.handler(route)  # called below with what the path said
            self._paths.add_route(
                route.method, route.pattern, answer, expect_handler=_expect(limit)
            )
            if route.method == hdrs.METH_GET:
                self._paths.add_route(hdrs.METH_HEAD, route.pattern, answer)

    async def __call__(self, request: Any) -> web.StreamResponse:
        """The answer to a request."""
        path = request.method, request.rel_url.raw_path
        match = self._known.get(path)
        if match is None:
            match = await self._paths.resolve(request)
            if match.http_exception is None:
                if len(self._known) == KNOWN:
                    self._known.clear()
                self._known[path] = match
        if request.headers.get(hdrs.EXPECT):
            refused = await match.expect_handler(request)
            await request.writer.drain()
            if refused is not None:
                return refused
        missing = match.http_exception
        if missing is not None:
            if self._pages is not None and isinstance(missing, web.HTTPNotFound):
                page = await self._pages.answer(request)
                if page is not None:
                    return page
            return await self._edge.unrouted(request, missing)
        answer: Any = match.handler
        response: web.StreamResponse = await answer(request, match)
        return response


def _expect(limit: int) -> Callable[[web.Request], Awaitable[web.StreamResponse | None]]:
    """Says "100 Continue" only to who announces a body that would be taken."""

    async def expect(request: web.Request) -> web.StreamResponse | None:
        if (request.content_length or 0) <= limit and request.transport is not None:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return None

    return expect
