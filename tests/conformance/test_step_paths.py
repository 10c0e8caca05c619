"""A step's path is one token of a subject, however deep its step stands in loops."""

from __future__ import annotations

import pytest

from tests.conformance.conftest import Ports
from tests.waiting import everything, take
from weir.adapters.wire import MAX_SUBJECT
from weir.contract import subjects
from weir.contract.errors import ConflictError
from weir.ports.log import Append, Log, Schedule

# The longest that there can be: ids of nodes have 63 characters, an index ten digits.
DEEPEST = "/".join([f"{'n' * 63}[4294967295]"] * subjects.NESTING + ["n" * 63])
PATHS = ["each[3]/notify", "guard/each[0]/inner[12]/notify", "each[3]", DEEPEST]
KEY = subjects.RunKey(31, "t" * 40, "run_" + "a" * 26)
REQUEST = "req_" + "a" * 26

paths = pytest.mark.parametrize("path", PATHS, ids=["loop", "loops", "scope", "deepest"])


def facts(path: str) -> list[str]:
    """The facts whose subjects hold a path."""
    names = (
        subjects.result_fact(path, 2_147_483_647),
        subjects.timer_fact(f"compensate/{path}/1772455308288"),
        subjects.child_fact(path),
        subjects.decision_fact(path, REQUEST),
    )
    return [KEY.fact(name) for name in names]


def neighbour(subject: str) -> str:
    """The same of another iteration, or of a step beside it."""
    return subject.replace("]", "1]")


@paths
async def test_a_fact_on_a_path_is_stored_once(log: Log, path: str) -> None:
    """The second one is refused, alone and in a batch; the neighbour's is not."""
    for subject in facts(path):
        seq = await log.append(Append(subject, b"first", expect=0))
        with pytest.raises(ConflictError) as refused:
            await log.append(Append(subject, b"second", expect=0))
        assert refused.value.current == seq
        with pytest.raises(ConflictError):
            await log.append_atomic([Append(KEY.events, b""), Append(subject, b"", expect=0)])
        assert await log.append(Append(neighbour(subject), b"other", expect=0)) == seq + 1


@paths
async def test_a_fact_on_a_path_is_found(log: Log, path: str) -> None:
    """By its literal subject, by the filters of readers, and by no other iteration's."""
    for subject in facts(path):
        seq = await log.append(Append(subject, b"this", expect=0))
        await log.append(Append(neighbour(subject), b"other", expect=0))
        last = await log.last(subject)
        assert last is not None
        assert (last.seq, last.subject, last.data) == (seq, subject, b"this")
        assert [m.seq for m in await everything(log.read(subject))] == [seq]
        following = log.follow(subjects.shard_facts(KEY.shard), after=seq - 1)
        (found, *_) = await take(aiter(following), 1)
        assert found.subject == subject
        await following.close()
        key, kind, name = subjects.parse_run(subject)
        assert (key, kind, key.fact(name)) == (KEY, "in", subject)


@paths
async def test_a_fact_on_a_path_is_purged_alone(log: Log, path: str) -> None:
    """Brackets are no pattern: what is beside it stays."""
    for subject in facts(path):
        await log.append(Append(subject, b"this"))
        await log.append(Append(neighbour(subject), b"other"))
        await log.purge(subject)
        assert await log.last(subject) is None
        assert await log.last(neighbour(subject)) is not None


@paths
async def test_a_timer_of_a_path_fires_into_its_fact(ports: Ports, path: str) -> None:
    """Both the schedule's own subject and its target hold the path."""
    timer = f"compensate/{path}/1772455308288"
    target = KEY.fact(subjects.timer_fact(timer))
    due = Schedule(ports.clock.now_ms() + 30, target)
    await ports.log.append(Append(KEY.timer(timer), b"due", schedule=due))
    following = ports.log.follow(subjects.shard_facts(KEY.shard))
    (fired,) = await take(aiter(following), 1)
    await following.close()
    assert (fired.subject, fired.data) == (target, b"due")
    assert fired.headers["Nats-Scheduler"] == KEY.timer(timer)


@paths
async def test_a_path_is_part_of_a_message_id(log: Log, path: str) -> None:
    """A task sent again is known by it, and that of another iteration is not taken for it."""
    task = KEY.task("default")
    first = await log.append(Append(task, b"task", msg_id=f"{KEY.run_id}/{path}/1"))
    again = await log.append(Append(task, b"task", msg_id=f"{KEY.run_id}/{path}/1"))
    other = await log.append(Append(task, b"task", msg_id=f"{KEY.run_id}/{path}[0]/1"))
    assert (again, other) == (first, first + 1)


def test_the_deepest_path_fits_into_every_subject() -> None:
    """With the longest tenant and ids there is room left below the adapters' limit."""
    longest = max(map(len, [*facts(DEEPEST), KEY.timer(f"compensate/{DEEPEST}/1772455308288")]))
    assert len(DEEPEST) == 671
    assert longest == 793
    assert longest < MAX_SUBJECT
