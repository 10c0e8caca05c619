"""Passwords: argon2id, in two threads, with room for few who wait.

A wrong password, an account without one and an unknown account take the same
steps. Who finds the queue full is told to come back; nothing was looked at.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHashError

from weir.contract.errors import OverloadedError
from weir.contract.identity_errors import PasswordRefusedError

SHORTEST = 10
LONGEST = 256
THREADS = 2
QUEUE = 32  # waiting beside those being looked at: two seconds of work
COST = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1, type=Type.ID)

_COMMON = frozenset(
    (Path(__file__).parent / "passwords_common.txt").read_text(encoding="utf-8").split()
)

T = TypeVar("T")


class Passwords:
    """Makes and checks hashes. OverloadedError when too many wait."""

    def __init__(self, cost: PasswordHasher | None = None) -> None:
        self._cost = cost or COST
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
        self._asked = 0
        self._nobodys = ""

    async def hash(self, password: str) -> str:
        """A hash to store."""
        return await self._run(lambda: self._cost.hash(_normal(password)))

    async def fits(self, stored: str, password: str) -> bool:
        """Whether this is the password of the hash; an empty hash is nobody's and costs as much."""
        if not self._nobodys:
            self._nobodys = await self.hash("nobody has this password")
        fits = await self._run(lambda: self._verify(stored or self._nobodys, password))
        return fits and bool(stored)

    def is_old(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than those of today."""
        try:
            return self._cost.check_needs_rehash(stored)
        except InvalidHashError:
            return True

    def stop(self) -> None:
        """Check nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._cost.verify(stored, _normal(password))
        except (Argon2Error, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._asked >= THREADS + QUEUE:
            raise OverloadedError("Too many passwords wait to be looked at: try again in a moment.")
        self._asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._asked -= 1


def acceptable(password: str, email: str, name: str = "") -> str:
    """The password if it may be one, else PasswordRefusedError."""
    plain = _normal(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise PasswordRefusedError(
            f"A password has {SHORTEST} to {LONGEST} characters: take another one."
        )
    known = plain.casefold()
    own = {part.casefold() for part in (email, email.partition("@")[0], name) if part}
    if known in own:
        raise PasswordRefusedError("The address or name is no password: take another one.")
    if known in _COMMON or len(set(known)) < 4:  # noqa: PLR2004 - "aaaaaaaaaa", "abababab…"
        raise PasswordRefusedError("This password is among the first to be guessed: take another.")
    return password


def _normal(password: str) -> str:
    """However a keyboard composes its characters, they are the same password."""
    return unicodedata.normalize("NFC", password)
