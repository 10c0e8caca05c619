"""The calls by which notices leave: one POST through the guard, short, with a small answer."""

from __future__ import annotations

from collections.abc import Mapping

from weir.ports.node_context import Http, HttpAnswer

TIMEOUT_S = 10.0
ANSWER_BYTES = 64 * 1024


async def posted(http: Http, url: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
    """Whatever it answers, a redirect too; raises as `Http.request`."""
    return await http.request(
        "POST",
        url,
        headers=headers,
        body=body,
        timeout_s=TIMEOUT_S,
        max_bytes=ANSWER_BYTES,
        max_redirects=0,
    )
