"""A peer that has gone is the ordinary end of a socket, and no failure of ours."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any

from structlog.testing import capture_logs

from services.query.feeds import Feeds
from services.query.frames import Watched
from services.query.peer import GoneError
from tests.waiting import eventually


class _Gone:
    async def show(self, *_: Any, **__: Any) -> None:
        raise GoneError

    tell = refuse = show


async def _frames() -> AsyncGenerator[Sequence[Watched], None]:
    yield [Watched(1, {})]


def _none(feeds: Feeds) -> Callable[[], Awaitable[bool]]:
    async def none() -> bool:
        return len(feeds) == 0

    return none


async def test_a_peer_that_goes_in_the_midst_of_a_frame_is_not_logged() -> None:
    """Every browser tab that is closed would write a traceback otherwise."""
    feeds = Feeds(_Gone())  # type: ignore[arg-type]
    with capture_logs() as logs:
        feeds.begin("run_a", _frames())
        await eventually(_none(feeds))
    assert logs == []
