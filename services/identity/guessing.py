"""How often somebody may guess: counted before the guess is looked at, exactly.

An account has a few guesses free, then each one doubles the pause before the
next, up to 15 minutes; an hour without any forgets them. An address has a
hundred an hour. Counts are changed on top of what was read, so any number of
guesses at the same time, at any number of processes, count each for one. Of one
account one guess at a time is looked at, so whoever guesses at an account takes
nothing from others.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from weir.contract import subjects, times
from weir.contract.errors import ConflictError, UnavailableError
from weir.contract.identity_errors import (
    ProofRequiredError,
    SecondFactorWrongError,
    SignInWrongError,
    TooManyGuessesError,
)
from weir.contract.messages import AccountRecord, GuessesCounted
from weir.runtime.access import Principal
from weir.runtime.changes import Writer
from weir.runtime.http.address import whole_network

FREE = 5  # of an account
FREE_OF_ADDRESS = 100  # in an hour
LONGEST_MS = 900_000
KEPT_S = 3_600
WAITING = 4  # for the guess at the same account that is looked at
_HOUR_MS = 3_600_000
_TRIES = 50
_NOBODY = Principal(id="installation", tenant="-", role="")
WRONG = (SignInWrongError, SecondFactorWrongError, ProofRequiredError)


class Counted(NamedTuple):
    """One count: under which key, how many are free there, and whether no more may follow."""

    subject: str
    free: int
    last: bool = False


class Guesses:
    """Counts them."""

    def __init__(self, accounts: Writer[AccountRecord]) -> None:
        self._accounts = accounts
        self._at_work: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def guarded(self, account: str, address: str = "") -> AsyncIterator[None]:
        """Around the look at a guess at this account, from this address if one is given.

        Raises TooManyGuessesError before anything may be looked at. What ends
        without an error was right; one of `WRONG` is a wrong guess; any other
        error means that nothing was looked at, and the guess is taken back.
        """
        own = Counted(_subject("account", account), FREE)
        async with self._alone(own.subject):
            counted = [own]
            await self._count(own)
            try:
                if address:
                    counted.append(await self._count_address(address))
                yield
            except WRONG:
                raise
            except BaseException:
                for one in counted:
                    await self._take_back(one)
                raise
            await self._put(own, GuessesCounted(count=0, until=self._accounts.now()), None)
            for one in counted[1:]:
                await self._take_back(one)

    async def _count_address(self, address: str) -> Counted:
        hour = self._accounts.now_ms() // _HOUR_MS
        place = f"{whole_network(address)} {hour}"
        counted = Counted(_subject("address", place), FREE_OF_ADDRESS)
        await self._count(counted)
        return counted

    async def ask(self, what: str, free: int) -> None:
        """Count something that is no guess but may not be done without end either.

        TooManyGuessesError once it was done `free` times, until an hour has passed.
        """
        await self._count(Counted(_subject("ask", what), free, last=True))

    async def forget(self, account: str) -> None:
        """Begin anew: they proved in another way who they are."""
        own = Counted(_subject("account", account), FREE)
        await self._put(own, GuessesCounted(count=0, until=self._accounts.now()), None)

    @asynccontextmanager
    async def _alone(self, subject: str) -> AsyncIterator[None]:
        lock, waiting = self._at_work.get(subject, (asyncio.Lock(), 0))
        if waiting > WAITING:
            raise _too_many(1)
        self._at_work[subject] = lock, waiting + 1
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._at_work[subject]
            if waiting > 1:
                self._at_work[subject] = lock, waiting - 1
            else:
                del self._at_work[subject]

    async def _count(self, counted: Counted) -> None:
        for _ in range(_TRIES):
            now = self._accounts.now_ms()
            revision, before = await self._now(counted)
            left_ms = (times.to_ms(before.until) - now) if before.until else 0
            if left_ms > 0:
                raise _too_many(-(-left_ms // 1000))
            count = before.count + 1
            closed = counted.last and count >= counted.free
            pause = _HOUR_MS if closed else pause_ms(count, counted.free)
            until = times.from_ms(now + pause)
            with suppress(ConflictError):
                await self._put(counted, GuessesCounted(count=count, until=until), revision)
                return
        raise UnavailableError("Too many sign in to this account at the same time: try again.")

    async def _take_back(self, counted: Counted) -> None:
        for _ in range(_TRIES):
            revision, before = await self._now(counted)
            less = GuessesCounted(count=max(0, before.count - 1), until=self._accounts.now())
            with suppress(ConflictError):
                await self._put(counted, less, revision)
                return

    async def _now(self, counted: Counted) -> tuple[int, GuessesCounted]:
        entry = await self._accounts.records.fresh(counted.subject)
        found = entry.record.guesses_counted if entry else None
        return (entry.revision if entry else 0), found or GuessesCounted()

    async def _put(self, counted: Counted, kind: GuessesCounted, expect: int | None) -> None:
        record = self._accounts.record(kind, _NOBODY)
        await self._accounts.records.put(counted.subject, record, expect=expect, ttl_s=KEPT_S)


def pause_ms(count: int, free: int) -> int:
    """How long nothing is looked at after so many wrong guesses, so many being free."""
    if count < free:
        return 0
    return int(min(LONGEST_MS, 1000 * 2 ** min(count - free, 20)))


def _too_many(retry_s: int) -> TooManyGuessesError:
    return TooManyGuessesError(
        "Too many wrong attempts: the next one is looked at after as long as Retry-After says.",
        retry_s=retry_s,
        details={"retry_after_s": retry_s},
    )


def _subject(kind: str, key: str) -> str:
    return subjects.guesses(hashlib.sha256(f"{kind}\n{key}".encode()).hexdigest())
