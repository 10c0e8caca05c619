"""One by its id, or all that filters take: how commands that deal with either are asked and told.

Nothing is done to many because nobody said to which: a command without an id
and without a filter is refused, and so is one with both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from weir.cli.exits import Code
from weir.cli.output import console, tell
from weir.cli.place import Named, platform
from weir.client import API, TIMEOUT_S, Client
from weir.contract.errors import InvalidParameterError


class Which(Protocol):
    """Filters, as the command line has them."""

    @property
    def is_anything(self) -> bool:
        """Whether they leave anything out."""
        ...

    async def query(self, client: Client) -> dict[str, str | int]:
        """As the API takes them."""
        ...


@dataclass(frozen=True, slots=True)
class Meant:
    """What a command is about."""

    one: str
    which: Which
    limit: int
    dry_run: bool

    def is_one(self, kind: str, filters: str, *, tries: bool = False) -> bool:
        """Whether it is one by its id; InvalidParameterError if neither or both are named.

        `tries`: also about one it can be told what would be done.
        """
        if bool(self.one) == self.which.is_anything:
            said = "not both" if self.one else "nothing is done to all there are"
            raise InvalidParameterError(
                f"Name one {kind}, or say by {filters} which are meant; {said}."
            )
        if self.one and self.dry_run and not tries:
            raise InvalidParameterError(f"--dry-run is for filters, not for one {kind}.")
        return bool(self.one)


async def deal_with_all(  # noqa: PLR0913 - what is done to which, and how it is told
    where: Named,
    path: str,
    meant: Meant,
    body: Mapping[str, Any],
    shows: Callable[[dict[str, Any]], str],
    *,
    key: str = "",
    as_json: bool,
) -> Code:
    """Do it to all that the filters take; FAILED if one was refused.

    `shows` tells in a line what became of one; its error, if it has one, follows.
    """
    async with platform(where) as client:
        answer = await client.ask(
            "POST",
            f"{API}{path}",
            query=await meant.which.query(client),
            body={**body, "dry_run": meant.dry_run, "limit": meant.limit},
            headers={"Idempotency-Key": key} if key else {},
            timeout_s=TIMEOUT_S * 4,
        )
    told = answer.body
    if as_json:
        tell(told)
    else:
        out = console()
        for item in told["items"]:
            error = item.get("error")
            why = f" refused: {error['code']}: {error['message']}" if error else ""
            out.print(f"{shows(item)}{why}")
        more = "; there are more" if told["more"] else ""
        out.print(
            f"{told['matched']} matched, {told['done']} done, {told['refused']} refused{more}"
        )
    return Code.FAILED if told["refused"] else Code.OK
