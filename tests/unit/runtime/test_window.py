"""The window of tasks: shared by shards, measured by what executors can take, urgent runs first."""

from __future__ import annotations

from tests.scribe import Scribe
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.log import MemoryLog
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.runtime.decider.turn import Hot
from weir.runtime.decider.window import LEAST, UNKNOWN, Room, Window

SLOT = ("acme", "default")


def shard(room: Room) -> tuple[Window, list[str]]:
    """A shard's window, and whom it woke."""
    woken: list[str] = []
    return Window(room, woken.append), woken


def test_the_window_follows_what_executors_can_take() -> None:
    """A quarter more than all places together, shared among the schedulers."""
    room = Room()
    assert room.size("default") == UNKNOWN
    room.capacity = {"default": 64, "rare": 1}.__getitem__
    assert (room.size("default"), room.size("rare")) == (80, LEAST)
    room.members = lambda: 2
    assert room.size("default") == 40


def test_all_shards_of_a_process_count_together() -> None:
    """What one lets out is no room for the other; another tenant has its own."""
    room = Room(3)
    (one, _), (other, _) = shard(room), shard(room)
    one.sent("a", "s", SLOT)
    other.sent("b", "s", SLOT)
    assert (one.room(*SLOT), other.room(*SLOT)) == (1, 1)
    assert other.room("globex", "default") == 3
    one.sent("a", "s", SLOT)  # another attempt
    assert other.room(*SLOT) == 1


def test_room_that_comes_free_goes_to_the_most_urgent() -> None:
    """On whatever shard it is; and nobody of lower priority takes it before."""
    room = Room(1)
    (one, first), (other, second) = shard(room), shard(room)
    one.sent("a", "s", SLOT)
    one.hold("low", {SLOT}, "low")
    other.hold("urgent", {SLOT}, "high")
    one.came_back("a", "s")
    assert (first, second) == ([], ["urgent"])
    assert (one.room(*SLOT, "low"), other.room(*SLOT, "high")) == (0, 1)
    other.sent("urgent", "s", SLOT)
    other.hold("urgent", set(), "high")
    assert one.room(*SLOT, "low") == 0
    other.ended("urgent")
    assert first == ["low"]


def test_who_is_woken_in_vain_makes_way() -> None:
    """A run that wants no room any more does not keep it from the next."""
    room = Room(1)
    window, woken = shard(room)
    window.sent("a", "s", SLOT)
    window.hold("b", {SLOT})
    window.hold("c", {SLOT})
    window.came_back("a", "s")
    window.hold("b", set())
    assert woken == ["b", "c"]


def test_a_lease_that_is_over_counts_no_more() -> None:
    """Its tasks and those it held back are forgotten, and others are woken."""
    room = Room(1)
    (one, _), (other, woken) = shard(room), shard(room)
    one.sent("a", "s", SLOT)
    one.hold("b", {SLOT})
    other.hold("c", {SLOT})
    one.close()
    assert woken == ["c"]
    assert other.held() == {"default": 1}
    assert one.held() == {}


def test_more_executors_let_more_go_on() -> None:
    """Whoever was held back is looked at again when there is more room."""
    room = Room(1)
    window, woken = shard(room)
    window.sent("a", "s", SLOT)
    window.hold("b", {SLOT})
    room.look()
    assert woken == []
    room._size = 2
    room.look()
    assert woken == ["b"]


async def test_what_an_owner_left_behind_counts_while_it_is_out() -> None:
    """A task whose outcome came does not, seen or not: nobody would ever give its place back."""
    log = MemoryLog(Broker(SystemClock()).connect(), subjects.RUNS)
    scribe = Scribe(log)
    await scribe.start()
    for step in ("out", "failed", "done"):
        await scribe.dispatch(step)
    await scribe.fail("failed")
    await scribe.dispatch("later")  # this turn has seen the failure and not decided about it
    await scribe.succeed("done")
    assert scribe.read.state is not None
    assert scribe.read.state.steps["failed"].status == "queued"
    room = Room(4)
    window, woken = shard(room)
    window.found(Hot(scribe.key, scribe.read))
    assert window.room(*SLOT) == 2
    window.hold("b", {SLOT})
    for step in ("out", "later"):
        window.came_back(scribe.run_id, step)
    assert (window.room(*SLOT), woken) == (4, ["b"])
