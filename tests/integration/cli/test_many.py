"""`weir cancel`, `pause`, `resume` and `retry` on a whole platform, by filters."""

from __future__ import annotations

from tests.integration.cli.conftest import Applied, Told, Weir
from tests.integration.cli.test_commands import failing, waiting
from tests.waiting import at_last
from weir.cli.exits import Code


def test_runs_are_steered_by_filters(weir: Weir, applied: Applied) -> None:
    """Paused, resumed and cancelled are those that the filters take, and no others."""
    applied(waiting("Steered"))
    started = [
        _started(weir("run", "Steered", "--label", f"team={team}", "--json"))
        for team in ("ops", "ops", "shop")
    ]
    _until(weir, "waiting", started)
    ours = ("--workflow", "Steered", "--label", "team=ops")
    meant = weir("pause", *ours, "--dry-run", "--json").json
    assert {one["run_id"] for one in meant["items"]} == set(started[:2])
    assert (meant["dry_run"], meant["done"]) == (True, 0)
    paused = weir("pause", *ours, "--reason", "partner is down")
    assert paused.code == Code.OK
    assert set(paused.out.splitlines()[:-1]) == set(started[:2])
    assert paused.out.splitlines()[-1] == "2 matched, 2 done, 0 refused"
    _until(weir, "paused", started[:2])
    first = weir("resume", "--workflow", "Steered", "--limit", "1")
    assert first.out.splitlines()[-1] == "1 matched, 1 done, 0 refused; there are more"
    weir("resume", *ours)
    _until(weir, "waiting", started)
    assert weir("cancel", *ours, "--status", "waiting", "--json").json["done"] == 2
    _until(weir, "cancelled", started[:2])
    _until(weir, "waiting", started[2:])
    assert weir("cancel", started[2]).code == Code.OK


def test_failed_runs_are_retried_by_filters(weir: Weir, applied: Applied) -> None:
    """Each goes on in a run of its own, the same for the same key; code 1 if one is refused."""
    applied(failing("Failing again"))
    old = _started(weir("run", "Failing again", "--wait", "20s", "--json"))
    _until(weir, "failed", [old], "Failing again")
    words = ("retry", "--workflow", "Failing again", "--since", "1h", "--key", "k1")
    told = weir(*words, "--json").json["items"]
    assert [one["run_id"] for one in told] == [old]
    new = told[0]["new_run_id"]
    _until(weir, "failed", [new], "Failing again")
    again = weir(*words)
    assert f"{old} goes on as {new}" in again.out
    refused = weir(*words, "--version", "ver_aaaaaaaaaaaaaaaaaaaaaaaaaa")
    assert refused.code == Code.FAILED
    assert f"{old} refused: " in refused.out
    assert weir("retry", old, "--dry-run", "--json").json["run_id"] is None


def _started(told: Told) -> str:
    assert "run_id" in told.json, told
    return str(told.json["run_id"])


def _until(weir: Weir, status: str, runs: list[str], workflow: str = "Steered") -> None:
    """Once the list shows these runs so."""
    words = ("runs", "--workflow", workflow, "--status", status, "--json")
    at_last(lambda: {one["id"] for one in weir(*words).json["items"]}, set(runs).issubset)
