"""What is judged of the peers, and how their own records are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import workloads
from benchmarks.parts.asking import Options
from benchmarks.peers import install
from benchmarks.peers.everyone import everyone, measure_peers, named, settings, short
from benchmarks.peers.measure import PARTS, W5_FIRST, check_outcomes
from benchmarks.peers.n8n import made_by_last_node
from benchmarks.peers.n8n_workflows import workflows
from benchmarks.peers.restate import Restate
from benchmarks.report import Report
from benchmarks.sections import SECTIONS
from benchmarks.workloads import WrongAnswerError


def _answers(count: int) -> list[Any]:
    return [workloads.w1_answer(W5_FIRST + number) for number in range(1, count + 1)]


def test_outcomes_are_accepted_when_each_order_has_its_answer() -> None:
    """In any order; and an engine that keeps no outputs is not blamed for that."""
    check_outcomes(_answers(7)[::-1], 7)
    check_outcomes(None, 7)


@pytest.mark.parametrize(
    "outcomes",
    [
        _answers(6),
        [*_answers(7), _answers(1)[0]],
        [*_answers(6), _answers(6)[0]],
        [*_answers(6), _answers(8)[7]],
        [*_answers(6), {**_answers(7)[6], "net": 1}],
    ],
    ids=["lost", "one more", "one twice", "another order", "wrong"],
)
def test_outcomes_that_are_not_those_of_the_orders_end_the_benchmark(outcomes: list[Any]) -> None:
    """Nothing may be lost, repeated or wrong."""
    with pytest.raises(WrongAnswerError):
        check_outcomes(outcomes, 7)


def test_a_record_of_n8n_gives_what_its_last_node_made() -> None:
    """The node named last counts, though others ran; values are found by their places."""
    record = [
        {"resultData": "1"},
        {"runData": "2", "lastNodeExecuted": "14"},
        {"parse": "3", "small": "4"},
        ["5"],
        ["6"],
        {"data": "15"},
        {"data": "7"},
        {"main": "8"},
        ["9"],
        ["10"],
        {"json": "11"},
        {"id": 3, "tier": "12", "net": 57},
        "small",
        "unused",
        "small",
        {"main": "13"},
    ]
    made = made_by_last_node(json.dumps(record))
    assert made == {"id": 3, "tier": "small", "net": 57}


def test_workflows_of_n8n_are_whole() -> None:
    """Every edge leads to a node, every node but the webhook has an inbound one."""
    for workflow in workflows():
        names = {node["name"] for node in workflow["nodes"]}
        targets = {
            edge["node"]
            for ports in workflow["connections"].values()
            for port in ports["main"]
            for edge in port
        }
        assert len(names) == len(workflow["nodes"])
        assert workflow["connections"].keys() <= names
        assert targets == names - {"webhook"}


def test_every_peer_has_a_row_of_its_own_and_says_how_it_was_set() -> None:
    """Two rows of one name would be taken for repetitions of one measurement."""
    peers = everyone()
    assert len({peer.name for peer in peers}) == len(peers)
    assert all(peer.settings and peer.parts <= PARTS.keys() for peer in peers)
    assert list(dict.fromkeys(map(short, peers))) == ["restate", "dbos", "n8n", "prefect"]
    assert {short(peer) for peer in named(["dbos", "n8n"])} == {"dbos", "n8n"}


async def test_a_peer_that_is_not_installed_is_left_out_and_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The benchmark goes on without it."""
    monkeypatch.setattr(Restate, "missing", lambda _self: "its server is not there")
    report = Report(SECTIONS)
    peers = [Restate()]
    await measure_peers(report, list(PARTS), Options(1, 0, 1, 1, 3), peers)
    said = capsys.readouterr().err
    assert peers[0].name in said
    assert "its server is not there; run `make bench-peers`" in said
    assert report.markdown() == settings(peers) == ""


def test_an_installation_counts_only_whole_and_at_the_pinned_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was cut off, or that is of last month, would be measured under a wrong name."""
    monkeypatch.setattr(install, "PEERS", tmp_path)
    (tmp_path / "dbos" / "venv" / "bin").mkdir(parents=True)
    assert install.missing("dbos") == "it is not installed"
    told = tmp_path / "dbos" / "installed.json"
    told.write_text(install.PARTS["dbos"].told().replace(install.DBOS, "0.1.0"))
    assert install.missing("dbos") == "other versions of it are installed"
    told.write_text(install.PARTS["dbos"].told())
    assert install.missing("dbos") is None
