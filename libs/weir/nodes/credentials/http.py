"""What the types for HTTP share: an address that the credential opens, to try it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from weir.nodes.credentials.base import Address, FieldsModel, untested
from weir.ports.credential_types import Probe
from weir.ports.node_context import Terminal

BYTES = 64 * 1024
TIMEOUT_S = 15.0
_GOOD = range(200, 400)


class TestedOverHttp(FieldsModel):
    """Base of fields."""

    __test__ = False  # no test of pytest's

    test_url: Address | None = Field(
        None, description="Read with GET by the test button; any answer below 400 is good."
    )


async def get(
    probe: Probe,
    url: str | None,
    *,
    headers: Mapping[str, str] | None = None,
    query: Sequence[tuple[str, str]] = (),
) -> str:
    """Read an address, and say how it answered."""
    if not url:
        raise untested("`test_url`, an address that it opens")
    answer = await probe.http.request(
        "GET",
        url,
        headers=headers,
        query=query,
        timeout_s=TIMEOUT_S,
        max_bytes=BYTES,
        # A redirect is an answer: what it leads to would be asked without the credential.
        max_redirects=0,
    )
    if answer.status not in _GOOD:
        raise Terminal(
            f"{url.partition('?')[0]} answered {answer.status}", code=f"HTTP_{answer.status}"
        )
    return f"{url.partition('?')[0]} answered {answer.status}"
