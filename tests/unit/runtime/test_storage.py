"""The alarm before the broker has no room left."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from weir.contract.errors import UnavailableError
from weir.ports.storage import Kept, Room
from weir.runtime import metrics
from weir.runtime.servers.disk import allowed, disk_room, most
from weir.runtime.storage import StorageWatch

MIB = 1024 * 1024
GIB = 1024 * MIB
Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - as shutil has it


class Told:
    """A broker that says what it is told to."""

    def __init__(self) -> None:
        self.free: int | None = 100
        self.kept = 7

    async def look(self) -> Kept:
        """As set; nothing at all for None."""
        if self.free is None:
            raise UnavailableError("gone")
        return Kept({"RUNS": self.kept}, [Room("account", 100, self.free)])


async def test_each_crossing_is_said_once() -> None:
    """Below a fifth a warning stands, until there is a quarter; one line each, one when full."""
    told = Told()
    watch = StorageWatch(told)
    lines: list[tuple[int | None, str, str]] = []
    for free in (100, 20, 19, 18, 21, 24, 25, 21, 10, 0, 0, None, 5, 0, 80):
        told.free = free
        with capture_logs() as said:
            await watch.look()
        lines += [(free, line["log_level"], line["event"]) for line in said]
    low, full = "storage of the broker is low", "storage of the broker is full"
    enough = "storage of the broker is enough again"
    assert [line for line in lines if line[1] != "debug"] == [
        (19, "warning", low),
        (25, "info", enough),
        (10, "warning", low),
        (0, "error", full),
        (0, "error", full),
        (80, "info", enough),
    ]


async def test_a_process_is_ready_until_nothing_is_left() -> None:
    """A warning names what is short; a broker that says nothing changes nothing."""
    told = Told()
    watch = StorageWatch(told)
    await watch.look()
    assert (watch.warnings(), watch.full) == ([], False)
    told.free = 12
    await watch.look()
    (warning,) = watch.warnings()
    assert warning.startswith("NATS has 12 % of its account left: ")
    assert not watch.full
    told.free = 0
    await watch.look()
    assert watch.full
    told.free = None
    await watch.look()
    assert (len(watch.warnings()), watch.full) == (1, True)
    told.free = 60
    await watch.look()
    assert (watch.warnings(), watch.full) == ([], False)
    assert b'weir_broker_storage_free_bytes{of="account"} 60.0' in metrics.text()
    assert b'weir_broker_stream_bytes{stream="RUNS"} 7.0' in metrics.text()


async def test_a_disk_warns_where_the_broker_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own disk is looked at also while the broker does not answer; none is no error."""
    told = Told()
    told.free = None
    _disk(monkeypatch, total=100 * GIB, free=10 * GIB)
    watch = StorageWatch(told, tmp_path)
    await watch.look()
    assert watch.warnings()[0].startswith("NATS has 10 % of its disk left: ")
    monkeypatch.undo()
    (tmp_path / "nats.conf").write_text("jetstream {\n  max_file_store: 10\n}\n")
    assert allowed(tmp_path / "store") == 10
    (tmp_path / "store").mkdir()
    told.free = 100
    bound = StorageWatch(told, tmp_path / "store")
    await bound.look()
    assert not any("store" in warning for warning in bound.warnings()), "3 of 10 are left"
    told.kept = 9
    await bound.look()
    assert any(w.startswith("NATS has 10 % of its store left: ") for w in bound.warnings())
    gone = StorageWatch(told, tmp_path / "gone" / "store")
    await gone.look()
    assert gone.warnings() == []


def test_the_server_may_keep_what_it_has_and_all_but_a_reserve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started again on a disk that it has filled, it still takes what is left there."""
    (tmp_path / "streams").mkdir()
    (tmp_path / "streams" / "1.blk").write_bytes(bytes(3 * MIB))
    _disk(monkeypatch, total=1000 * MIB, free=500 * MIB)
    assert disk_room(tmp_path) == Room("disk", 1000 * MIB, 450 * MIB)
    assert most(tmp_path) == 453 * MIB
    _disk(monkeypatch, total=100 * GIB, free=GIB)
    assert most(tmp_path) == 3 * MIB + GIB - 256 * MIB
    _disk(monkeypatch, total=100 * GIB, free=MIB)
    assert most(tmp_path) == 3 * MIB


def _disk(monkeypatch: pytest.MonkeyPatch, *, total: int, free: int) -> None:
    def usage(_: Any) -> Usage:
        return Usage(total, total - free, free)

    monkeypatch.setattr(shutil, "disk_usage", usage)
