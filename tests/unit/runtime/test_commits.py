"""What shards decide goes out together, and what is wrong with one of them is its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from weir.contract.errors import ConflictError, OutcomeUnknownError
from weir.ports.log import Append
from weir.runtime.decider.commits import MOST, Commits
from weir.runtime.decider.turn import Turn


class Log:
    """Stores in order what expects no lease that is lost; `gate` lets appends through."""

    def __init__(self) -> None:
        self.lost: set[str | None] = set()
        self.sent: list[list[str]] = []
        self.stored: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.unknown = False

    def _store(self, append: Append) -> int | Exception:
        if append.expect_on in self.lost:
            return ConflictError("another owner")
        self.stored.append(append.subject)
        return len(self.stored)

    async def append_all(self, appends: Sequence[Append]) -> list[int | Exception]:
        """Each alone."""
        self.sent.append([append.subject for append in appends])
        await self.gate.wait()
        return [self._store(append) for append in appends]

    async def append_atomic(self, appends: Sequence[Append]) -> list[int]:
        """All or none."""
        self.sent.append([append.subject for append in appends])
        await self.gate.wait()
        if self.unknown:
            raise OutcomeUnknownError("no answer")
        if any(append.expect_on in self.lost for append in appends):
            raise ConflictError("another owner")
        return [result for append in appends if isinstance(result := self._store(append), int)]


class Shard:
    """An owner that writes down what it is told."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.holds = True
        self.results: list[Any] = []
        self.errors: list[Exception] = []

    def turns(self, *sizes: int) -> list[Turn]:
        """Turns of so many messages."""
        return [
            SimpleNamespace(  # type: ignore[misc]  # nothing else of a turn is looked at
                appends=[
                    Append(f"{self.name}.{place}.{n}", b"", expect=1, expect_on=self.name)
                    for n in range(size)
                ]
            )
            for place, size in enumerate(sizes)
        ]

    def settled(self, turns: Sequence[Turn], results: Sequence[Sequence[Any]]) -> None:
        """What came of its turns."""
        assert [len(turn.appends) for turn in turns] == [len(its) for its in results]
        self.results += results

    def failed(self, error: Exception) -> None:
        """Its turns came to nothing."""
        self.errors.append(error)


async def _settled(commits: Commits) -> None:
    async with asyncio.timeout(5):
        while commits._carrier is not None:
            await commits._carrier


@pytest.mark.parametrize("atomic_from", [None, 4])
async def test_what_is_decided_meanwhile_goes_together(atomic_from: int | None) -> None:
    """One append is under way at a time; each owner gets the results of its own turns."""
    log, one, other = Log(), Shard("one"), Shard("other")
    log.gate.clear()
    commits = Commits(log, atomic_from=atomic_from)  # type: ignore[arg-type]
    commits.add(one, one.turns(1))
    await asyncio.sleep(0)
    commits.add(other, other.turns(2, 1))
    commits.add(one, one.turns(1, 2))
    await asyncio.sleep(0)
    assert len(log.sent) == 1
    log.gate.set()
    await _settled(commits)
    assert [len(part) for part in log.sent] == [1, 6]
    assert one.results == [[1], [5], [6, 7]]
    assert other.results == [[2, 3], [4]]


@pytest.mark.parametrize("atomic_from", [None, 4])
async def test_a_lost_lease_is_lost_alone(atomic_from: int | None) -> None:
    """Whatever the others decided is stored, once."""
    log, shards = Log(), [Shard(name) for name in "abc"]
    log.lost = {"b"}
    commits = Commits(log, atomic_from=atomic_from)  # type: ignore[arg-type]
    for shard in shards:
        commits.add(shard, shard.turns(2, 2))
    await _settled(commits)
    a, b, c = shards
    assert log.stored == ["a.0.0", "a.0.1", "a.1.0", "a.1.1", "c.0.0", "c.0.1", "c.1.0", "c.1.1"]
    assert a.results == [[1, 2], [3, 4]]
    assert c.results == [[5, 6], [7, 8]]
    told = [*b.errors, *(result for its in b.results for result in its)]
    assert told
    assert all(isinstance(error, ConflictError) for error in told)
    assert not a.errors + c.errors


async def test_an_unknown_outcome_concerns_all_that_went_together() -> None:
    """Nothing of it is sent again (P4)."""
    log, shards = Log(), [Shard(name) for name in "ab"]
    log.unknown = True
    commits = Commits(log, atomic_from=4)  # type: ignore[arg-type]
    for shard in shards:
        commits.add(shard, shard.turns(2, 2))
    await _settled(commits)
    assert len(log.sent) == 1
    assert all(isinstance(error, OutcomeUnknownError) for s in shards for error in s.errors)
    assert [len(shard.errors) for shard in shards] == [1, 1]


async def test_nothing_more_is_sent_under_a_lease_that_is_gone() -> None:
    """What waited for the append before it is dropped."""
    log, one, other = Log(), Shard("one"), Shard("other")
    log.gate.clear()
    commits = Commits(log, atomic_from=None)  # type: ignore[arg-type]
    commits.add(one, one.turns(1))
    await asyncio.sleep(0)
    commits.add(one, one.turns(1))
    commits.add(other, other.turns(1))
    one.holds = False
    log.gate.set()
    await _settled(commits)
    assert log.stored == ["one.0.0", "other.0.0"]


async def test_an_owner_that_fails_over_its_results_fails_alone() -> None:
    """The others have theirs."""
    log, one, other = Log(), Shard("one"), Shard("other")

    def broken(*_: Any) -> None:
        raise ValueError("a defect")

    one.settled = broken  # type: ignore[assignment, method-assign]
    commits = Commits(log, atomic_from=None)  # type: ignore[arg-type]
    commits.add(one, one.turns(1))
    commits.add(other, other.turns(1))
    await _settled(commits)
    assert [type(error) for error in one.errors] == [ValueError]
    assert other.results == [[2]]


async def test_no_append_takes_more_than_the_log_does() -> None:
    """A crowd goes in several; a turn is never torn."""
    log, shards = Log(), [Shard(f"s{number}") for number in range(5)]
    commits = Commits(log, atomic_from=4)  # type: ignore[arg-type]
    for shard in shards:
        commits.add(shard, shard.turns(*([1] * 200)))
    await _settled(commits)
    assert [len(part) for part in log.sent] == [400, 400, 200]
    assert all(len(part) <= MOST for part in log.sent)
    assert [len(shard.results) for shard in shards] == [200] * 5
