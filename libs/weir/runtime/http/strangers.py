"""Addresses that send keys and webhook addresses which nobody knows: so many a minute, no more.

Each process counts for itself, for the last addresses only. An address that has
used up its share is refused before anything is looked up for it; what passed
from anywhere a while ago passes still, so that one wrong caller behind a
shared address does not shut out the others.
"""

from __future__ import annotations

from time import monotonic

from weir.core.rates import Paced, Rate, next_ms
from weir.runtime.http.address import whole_network

ADDRESSES = 10_000
KNOWN = 10_000


class Strangers:
    """Counts failures by address. Without a rate nothing is counted."""

    def __init__(self, rate: Rate | None) -> None:
        self._rate = rate
        self._full_at_ms: dict[str, float] = {}
        # Hashes, which differ from process to process: no secret is kept here.
        self._known: dict[int, None] = {}

    @property
    def any(self) -> bool:
        """Whether some address failed of late."""
        return bool(self._full_at_ms)

    def passed(self, shown: str) -> None:
        """Who showed this (a key, a path) was let in."""
        known = hash(shown)
        if known not in self._known:
            if len(self._known) >= KNOWN:
                self._known.clear()
            self._known[known] = None

    def retry_s(self, address: str, shown: str) -> float:
        """For how long this address is refused; 0: it may be looked at."""
        full_at_ms = self._full_at_ms.get(whole_network(address))
        if self._rate is None or full_at_ms is None or hash(shown) in self._known:
            return 0.0
        return next_ms(self._rate, full_at_ms, monotonic() * 1000) / 1000

    def failed(self, address: str) -> None:
        """What came from there was not known."""
        if self._rate is None:
            return
        now_ms = monotonic() * 1000
        whose = whole_network(address)
        before = self._full_at_ms.pop(whose, 0.0)
        if len(self._full_at_ms) >= ADDRESSES:
            self._make_room(now_ms)
        self._full_at_ms[whose] = Paced(self._rate, before, 1).full_after_ms(now_ms)

    def _make_room(self, now_ms: float) -> None:
        self._full_at_ms = {
            address: full for address, full in self._full_at_ms.items() if full > now_ms
        }
        while len(self._full_at_ms) >= ADDRESSES:
            del self._full_at_ms[next(iter(self._full_at_ms))]
