"""What a load needs: the model behind `weir need`, held against figures made by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from weir.cli import app
from weir.cli.need import (
    BASE_MB,
    COSTS,
    HOT_RUN_BYTES,
    LOG,
    SHARDS,
    STREAM_PER_S,
    TOMBSTONE_BYTES,
    TOMBSTONE_LOG_BYTES,
    Load,
    need,
)

LOAD = Load(
    runs_per_s=100,
    steps=3,
    tasks=2,
    payload_bytes=1_000,
    lasts_s=10,
    hot_s=3_600,
    remembered_s=7_200,
    keep_days=30,
    mean_per_s=50,
    replicas=1,
    use=0.5,
)
runner = CliRunner()


def _parts(load: Load) -> dict[str, tuple[int, float, float]]:
    return {one.name: (one.processes, one.cores, one.memory_mb) for one in need(load).parts}


def test_cores_follow_the_busiest_second() -> None:
    """What a run costs, times runs, over how busy a core may be."""
    cost = COSTS["scheduler"]
    one = cost.run + 3 * cost.step + 2 * cost.task
    assert one == cost.of(3, 2)
    assert _parts(LOAD)["scheduler"][1] == pytest.approx(100 * one / 1e6 / 0.5, abs=0.01)
    twice = _parts(replace(LOAD, runs_per_s=200))
    for name, (_, cores, _) in _parts(LOAD).items():
        if name not in {"query", "nats", "postgres"}:  # they archive by the mean as well
            assert twice[name][1] == pytest.approx(2 * cores, abs=0.03)


def test_one_process_more_than_is_needed() -> None:
    """Of everything that may be lost; Postgres is one, NATS as many as hold copies."""
    small = _parts(replace(LOAD, runs_per_s=0.1, mean_per_s=0.1, replicas=3))
    assert {name: count for name, (count, _, _) in small.items()} == {
        "trigger": 2, "scheduler": 2, "executor": 2, "query": 2, "nats": 3, "postgres": 1
    }  # fmt: skip


def test_disk_follows_what_is_kept() -> None:
    """The log by the hot period and its copies, rows and archive by days."""
    one, three = need(LOAD), need(replace(LOAD, replicas=3))
    assert three.log_gb == pytest.approx(3 * one.log_gb)
    longer = need(replace(LOAD, keep_days=60))
    assert longer.archive_gb == pytest.approx(2 * one.archive_gb)
    assert longer.log_gb == one.log_gb
    hot = 50 * 3_610 * (1_000 + LOG.of(3, 2))
    assert one.log_gb == pytest.approx((hot + 50 * 3_600 * TOMBSTONE_LOG_BYTES) / 1e9, rel=1e-6)


def test_the_broker_keeps_in_mind_what_is_remembered() -> None:
    """A run that left the log leaves its tombstone; a horizon within the hot period adds none."""
    hot = 50 * 3_610 * HOT_RUN_BYTES
    for remembered_s, tombstones in ((60, 0), (3_600, 0), (86_400, 50 * 82_800)):
        memory = _parts(replace(LOAD, remembered_s=remembered_s))["nats"][2]
        told = (hot + tombstones * TOMBSTONE_BYTES) / 1e6
        assert memory == pytest.approx(BASE_MB["nats"] + told, abs=1)


def test_where_the_model_ends_is_said() -> None:
    """More than one stream takes, more schedulers than shards, no room left."""
    assert need(LOAD).notes == ()
    much = need(replace(LOAD, runs_per_s=2 * STREAM_PER_S, use=0.9))
    assert len(much.notes) == 3
    assert much.shards == SHARDS[-1]
    (told,) = need(replace(LOAD, mean_per_s=1_000, remembered_s=86_400)).notes
    assert "39 GB" in told


@pytest.mark.parametrize("words", [["--lasts", "soon"], ["--use", "0"], ["--peak", "0.5"]])
def test_nonsense_is_a_usage_error(words: list[str]) -> None:
    """Before anything is printed."""
    done = runner.invoke(app, ["need", *words])
    assert done.exit_code == 2
    assert done.stdout == ""


def test_programs_read_it() -> None:
    """As JSON; people get a table of the same."""
    told = json.loads(runner.invoke(app, ["need", "--json", "--runs-per-day", "86400"]).stdout)
    assert told["runs_per_s"] == 3.0
    assert {"scheduler", "nats"} <= {part["name"] for part in told["parts"]}
    shown = runner.invoke(app, ["need", "--runs-per-day", "86400"]).stdout
    assert "3.0 runs a second" in shown
