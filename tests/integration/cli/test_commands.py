"""The command line on a whole platform: apply, run, watch, list, cancel, replay, doctor."""

from __future__ import annotations

import signal
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.integration.cli.conftest import PROGRAM, Applied, Told, Up, Weir, environment
from tests.waiting import at_last
from weir.cli.exits import Code


def flow(name: str, *nodes: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """A definition whose nodes follow each other after a manual start."""
    every = [{"id": "start", "type": "manual"}, *nodes]
    edges = [{"source": one["id"], "target": two["id"]} for one, two in pairwise(every)]
    return {"name": name, "nodes": every, "edges": edges, **rest}


def greeting(name: str = "Greeting", text: str = "Hello {{ input.name }}") -> dict[str, Any]:
    """Succeeds with a text."""
    return flow(name, {"id": "greet", "type": "output", "config": {"value": text}})


def failing(name: str) -> dict[str, Any]:
    """Fails with a code of its own."""
    config = {"code": "NO_LUCK", "message": "not today"}
    return flow(name, {"id": "stop", "type": "fail", "config": config})


def waiting(name: str) -> dict[str, Any]:
    """Waits until it is cancelled."""
    return flow(name, {"id": "later", "type": "delay", "config": {"duration": "1h"}})


HOOKED = {
    "name": "Hooked",
    "nodes": [{"id": "hook", "type": "webhook", "config": {"scheme": "github"}}],
}


# -- apply ----------------------------------------------------------------------


def test_applying_creates_then_changes_then_leaves_alone(applied: Applied) -> None:
    """Twice the same is once; another text is another version of the same workflow."""
    first = applied(greeting("Applied"))
    again = applied(greeting("Applied"))
    changed = applied(greeting("Applied", "Bye"))
    assert [one["done"] for one in (first, again, changed)] == ["created", "unchanged", "updated"]
    assert [one["number"] for one in (first, again, changed)] == [1, 1, 2]
    assert first["workflow_id"] == again["workflow_id"] == changed["workflow_id"]


def test_a_project_is_applied_to_apart(weir: Weir, applied: Applied, tmp_path: Path) -> None:
    """A workflow of the same name elsewhere is another one."""
    elsewhere = applied(greeting("Placed"))
    project = weir("projects", "create", "orders", "--json").json["id"]
    told = [
        weir("apply", str(tmp_path / "Placed.json"), "--project", named, "--json").json["applied"]
        for named in ("orders", project)
    ]
    first, again = (one[0] for one in told)
    assert (first["done"], again["done"]) == ("created", "unchanged")
    assert first["workflow_id"] == again["workflow_id"] != elsewhere["workflow_id"]


def test_an_id_in_the_file_names_the_workflow(applied: Applied) -> None:
    """So a workflow can be renamed by its file."""
    first = applied(greeting("Old name"))
    renamed = applied({"id": first["workflow_id"], **greeting("New name")})
    assert (renamed["workflow_id"], renamed["done"]) == (first["workflow_id"], "updated")


def test_a_webhooks_secret_is_shown_once(
    weir: Weir, applied: Applied, tmp_path: Path, up: Up
) -> None:
    """The address every time, the secret only when it is made."""
    first = applied(HOOKED)["webhooks"][0]
    assert first["secret"].startswith("whsec_")
    assert applied(HOOKED)["webhooks"][0].get("secret") is None
    told = weir("apply", str(tmp_path / "Hooked.json"))
    assert f"{up.url}{first['path']}" in told.out
    assert "whsec_" not in told.out


def test_a_definition_with_problems_changes_nothing(weir: Weir, tmp_path: Path) -> None:
    """Code 1, each problem with file and line, and no workflow of that name."""
    file = tmp_path / "faulty.yaml"
    file.write_text("name: Faulty\nnodes:\n  - id: start\n    type: manul\n")
    told = weir("apply", str(file))
    assert told.code == Code.FAILED
    assert f"{file}:4: NODE_TYPE_UNKNOWN" in told.out
    assert "nothing was changed" in told.err
    document = weir("apply", str(file), "--json").json
    assert [one["line"] for one in document["error"]["details"]["errors"]] == [4]
    assert weir("run", "Faulty").code == Code.FAILED


# -- run ------------------------------------------------------------------------


def test_a_run_is_waited_for(weir: Weir, applied: Applied, tmp_path: Path) -> None:
    """By name or id, with input from the line, a file or standard input."""
    workflow = applied(greeting())["workflow_id"]
    file = tmp_path / "input.json"
    file.write_text('{"name": "file"}')
    for name, source, given in (
        ("Greeting", '{"name": "line"}', ""),
        (workflow, f"@{file}", ""),
        ("Greeting", "@-", '{"name": "pipe"}'),
    ):
        told = weir("run", name, "--input", source, "--wait", "20s", "--json", given=given)
        assert told.code == Code.OK, told
        assert told.json["output"] in {"Hello line", "Hello file", "Hello pipe"}


def test_the_same_key_is_the_same_run(weir: Weir, applied: Applied) -> None:
    """And another input under that key is refused."""
    applied(greeting("Keyed"))
    words = ("run", "Keyed", "--input", '{"name": "a"}', "--key", "k1", "--json")
    first, second = weir(*words), weir(*words)
    assert first.json["run_id"] == second.json["run_id"]
    assert second.json["duplicate"] is True
    other = weir("run", "Keyed", "--input", '{"name": "b"}', "--key", "k1", "--json")
    assert other.code == Code.FAILED
    assert other.json["error"]["code"] == "IDEMPOTENCY_CONFLICT"


def test_a_run_that_fails_or_goes_on_is_no_success(weir: Weir, applied: Applied) -> None:
    """With --wait the code is that of the run."""
    applied(failing("Failing"))
    failed = weir("run", "Failing", "--wait", "20s")
    assert failed.code == Code.FAILED
    assert "NO_LUCK: not today" in failed.out
    applied(waiting("Waiting"))
    on = weir("run", "Waiting", "--wait", "10ms", "--json")
    assert (on.code, on.json["status"]) == (Code.FAILED, "queued")
    assert weir("run", "Waiting").code == Code.OK


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("run", "Nobody"), Code.FAILED, "no workflow named 'Nobody'"),
        (("run", "Greeting", "--input", "{"), Code.USAGE, "no JSON"),
        (("run", "Greeting", "--wait", "soon"), Code.USAGE, "--wait"),
        (("run", "Greeting", "--label", "nonsense"), Code.USAGE, "name=value"),
        (("runs", "--status", "lost"), Code.USAGE, "status="),
        (("watch", "run_aaaaaaaaaaaaaaaaaaaaaaaaaa"), Code.FAILED, "no run"),
        (("replay-state", "run_aaaaaaaaaaaaaaaaaaaaaaaaaa"), Code.FAILED, "no run"),
        (("runs", "--api-key", "weir_wrong"), Code.REFUSED, "UNAUTHORIZED"),
    ],
)
def test_refusals_have_their_codes(
    weir: Weir, applied: Applied, words: tuple[str, ...], code: Code, said: str
) -> None:
    """Each kind of trouble has its own exit code and says what it is."""
    applied(greeting())
    told = weir(*words)
    assert told.code == code
    assert said in told.err


def test_a_role_that_may_not_is_refused(weir: Weir, applied: Applied) -> None:
    """A viewer's key reads and does not start."""
    applied(greeting())
    key = weir("issue-key", "--role", "viewer", "--json").json["api_key"]
    assert weir("runs", WEIR_API_KEY=key).code == Code.OK
    told = weir("run", "Greeting", WEIR_API_KEY=key)
    assert told.code == Code.REFUSED
    assert "FORBIDDEN" in told.err


# -- looking --------------------------------------------------------------------


def test_watching_ends_with_the_run(weir: Weir, applied: Applied) -> None:
    """Frames in order for programs, a tree for people, and the run's code."""
    applied(greeting())
    run = weir("run", "Greeting", "--input", '{"name": "Ada"}', "--json").json["run_id"]
    told = weir("watch", run, "--json")
    assert told.code == Code.OK
    kinds = [frame["type"] for frame in told.lines]
    assert (kinds[0], kinds[-1]) == ("run:started", "run:succeeded")
    marks = [int(frame["seq"]) for frame in told.lines]
    assert marks == sorted(set(marks))
    tree = weir("watch", run).out
    assert "✓ succeeded  Greeting" in tree
    assert 'out "Hello Ada"' in tree


def test_watching_a_failed_run_tells_why(weir: Weir, applied: Applied) -> None:
    """Code 1, and the error in the tree."""
    applied(failing("Failing"))
    run = weir("run", "Failing", "--json").json["run_id"]
    told = weir("watch", run)
    assert told.code == Code.FAILED
    assert "error NO_LUCK: not today" in told.out


def test_an_interrupt_ends_a_watch_with_130(weir: Weir, applied: Applied, up: Up) -> None:
    """The run goes on."""
    applied(waiting("Waiting"))
    run = weir("run", "Waiting", "--json").json["run_id"]
    watching = subprocess.Popen(  # noqa: S603 - our own
        [PROGRAM, "watch", run], stdout=subprocess.PIPE, env=environment(up.data_dir)
    )
    assert watching.stdout is not None
    with watching.stdout:
        assert b"run:started" in watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        assert watching.wait(20) == Code.INTERRUPTED
    assert weir("runs", "--search", run, "--json").json["items"][0]["status"] == "waiting"


def test_runs_are_listed_by_what_is_asked(weir: Weir, applied: Applied) -> None:
    """Filters hold together, the newest comes first, the limit is a limit."""
    workflow = applied(greeting("Listed"))["workflow_id"]
    ids = [
        weir("run", "Listed", "--input", '{"name": "x"}', "--label", f"n={n}", "--json").json[
            "run_id"
        ]
        for n in range(3)
    ]
    for run in ids:
        weir("watch", run)

    def listed(*words: str) -> list[str]:
        told = weir("runs", *words, "--json")
        assert told.code == Code.OK
        return [run["id"] for run in told.json["items"]]

    assert listed("--workflow", "Listed") == ids[::-1]
    assert listed("--workflow", workflow, "--limit", "2") == ids[:0:-1]
    assert listed("--workflow", "Listed", "--label", "n=1") == [ids[1]]
    assert listed("--workflow", "Listed", "--status", "failed") == []
    assert listed("--workflow", "Listed", "--since", "1h") == ids[::-1]
    assert ids[0] in weir("runs", "--workflow", "Listed").out


def test_a_cancelled_run_ends_as_such(weir: Weir, applied: Applied) -> None:
    """The wish is recorded, with its reason; who watches sees it."""
    applied(waiting("Waiting"))
    run = weir("run", "Waiting", "--json").json["run_id"]
    assert weir("cancel", run, "--reason", "not needed", "--json").json["recorded"] is True
    told = weir("watch", run, "--json")
    assert told.code == Code.FAILED
    last = told.lines[-1]
    assert (last["type"], last["data"]["reason"]) == ("run:cancelled", "not needed")


def test_a_run_is_steered_and_gone_on_from(weir: Weir, applied: Applied, tmp_path: Path) -> None:
    """Paused, resumed, its wait ended, forked, retried; what cannot be has its code."""
    applied(waiting("Steered"))
    run = weir("run", "Steered", "--json").json["run_id"]
    paused = weir("pause", run, "--reason", "look", "--json")
    assert (paused.code, paused.json["recorded"]) == (Code.OK, True)
    assert weir("resume", run).code == Code.OK
    assert weir("signal", run, "paid", "--payload", '{"n": 1}', "--id", "a").code == Code.OK
    assert weir("signal", run, "paid", "--payload", "{").code == Code.USAGE
    refused = weir("decide", run, "later", "skip", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (Code.FAILED, "STEP_NOT_WAITING")
    while weir("deadline", run, "later", "2026-01-01T00:00:00Z").code != Code.OK:
        pass  # the step has not begun to wait
    assert weir("watch", run, "--json").code == Code.OK
    assert weir("retry", run, "--json").json["error"]["code"] == "NOTHING_TO_RETRY"
    dry = weir("fork", run, "later", "--dry-run")
    assert "would go on from later" in dry.out
    forked = weir("fork", run, "later", "--input", '{"n": 2}', "--key", "f", "--json").json
    assert (forked["origin"]["run_id"], forked["carried"]) == (run, 1)
    again = weir("fork", run, "later", "--input", '{"n": 2}', "--key", "f", "--json").json
    assert again["run_id"] == forked["run_id"]
    assert weir("cancel", forked["run_id"], "--terminate").code == Code.OK
    assert weir("watch", forked["run_id"], "--json").code == Code.FAILED
    retried = weir("retry", forked["run_id"], "--json").json
    assert weir("cancel", retried["run_id"]).code == Code.OK
    lines = tmp_path / "items.jsonl"
    lines.write_text('{"input": {"n": 1}, "labels": {"of": "batch"}}\n\n5\n')
    batch = weir("batch", "Steered", str(lines), "--key", "b", "--json")
    assert batch.code == Code.OK
    assert len({one["run_id"] for one in batch.json["items"]}) == 2
    for one in batch.json["items"]:
        weir("cancel", one["run_id"])


def test_lines_of_steps_are_printed(weir: Weir, applied: Applied) -> None:
    """What http_request says of a call that is refused; with -f until the run has ended."""
    call = {"url": "http://127.0.0.1:65533/", "timeout": "1s"}
    node = {"id": "call", "type": "http_request", "config": call, "on_error": "continue"}
    query = {"connection": "{{ credentials.nowhere }}", "query": "select 1"}
    lost = {"id": "query", "type": "postgres_query", "config": query, "on_error": "continue"}
    applied(flow("Calling", node, lost))
    run = weir("run", "Calling", "--json").json["run_id"]
    # Lines follow their run within a second or so.
    printed = at_last(
        lambda: weir("logs", run, "--json"), lambda told: len(told.lines) >= len(("call", "query"))
    )
    followed = weir("logs", run, "-f", "--json")
    assert followed.code == Code.OK
    assert [line["id"] for line in followed.lines] == [line["id"] for line in printed.lines]


# -- replay ---------------------------------------------------------------------


@pytest.fixture
def runs_of_all_kinds(weir: Weir, applied: Applied) -> dict[str, str]:
    """A run of each kind of end, and one that waits."""
    both = flow(
        "Branching",
        {"id": "ask", "type": "if", "config": {"condition": "{{ input.yes }}"}},
        output="{{ get(steps, 'no.value', 'nothing') }}",
    )
    both["nodes"] += [
        {"id": "yes", "type": "set", "config": {"values": {"value": "{{ 1.5 * 2 }}"}}},
        {"id": "no", "type": "set", "config": {"values": {"value": "ü"}}},
    ]
    both["edges"] += [
        {"source": "ask", "source_port": "true", "target": "yes"},
        {"source": "ask", "source_port": "false", "target": "no"},
    ]
    for definition in (both, failing("Failing"), waiting("Waiting")):
        applied(definition)

    def run(*words: str) -> str:
        return str(weir("run", *words, "--json").json["run_id"])

    found = {
        "succeeded": run("Branching", "--input", '{"yes": true}', "--wait", "20s"),
        "failed": run("Failing", "--wait", "20s"),
        "waiting": run("Waiting"),
        "cancelled": run("Waiting"),
    }
    weir("cancel", found["cancelled"])
    weir("watch", found["cancelled"], "--json")
    return found


def test_the_state_made_again_from_the_log_is_the_one_shown(
    weir: Weir, runs_of_all_kinds: dict[str, str]
) -> None:
    """For every kind of end, and for a run that goes on; the chain of the log is whole."""
    for status, run in runs_of_all_kinds.items():
        checked = weir("replay-state", run, "--check", "--json")
        assert checked.code == Code.OK, checked
        assert checked.json == {"run_id": run, "equal": True, "differences": []}
        state = orjson.loads(weir("replay-state", run).out)
        assert state["status"] == status


def test_the_state_is_printed_in_its_one_spelling(
    weir: Weir, runs_of_all_kinds: dict[str, str]
) -> None:
    """The same bytes each time: sorted keys, integral numbers as integers, one line."""
    run = runs_of_all_kinds["succeeded"]
    first, second = weir("replay-state", run).out, weir("replay-state", run).out
    assert first == second
    assert '"yes":{' in first
    assert '"value":3' in first
    assert first.count("\n") == 1


# -- doctor ---------------------------------------------------------------------


def test_doctor_sees_the_whole_platform(weir: Weir, up: Up) -> None:
    """Servers with their versions, the platform ready, the key accepted."""
    told: Told = weir("doctor", "--json")
    assert told.code == Code.OK, told.out
    # How full the disk of this machine is, is none of the platform's doing.
    ours = [check for check in told.json["checks"] if "of its disk left" not in check["found"]]
    assert [check for check in ours if check["state"] != "ok"] == []
    checks = {check["name"]: check for check in ours}
    assert "nats-server 2." in checks["nats"]["found"]
    assert "PostgreSQL 18" in checks["postgres"]["found"]
    assert up.url in checks["platform"]["found"]
    assert checks["api key"]["found"] == "accepted"


def test_doctor_tells_of_a_wrong_key(weir: Weir) -> None:
    """Code 4, with the page that helps."""
    told = weir("doctor", "--api-key", "weir_wrong")
    assert told.code == Code.REFUSED
    assert "✗ api key" in told.out
    assert "lost-api-key" in told.out


def test_a_lost_key_can_be_replaced(weir: Weir, up: Up) -> None:
    """Whoever runs the platform makes a new one, and commands find it again."""
    file = up.data_dir / "admin.key"
    file.unlink()
    assert weir("runs").code == Code.REFUSED
    assert "admin.key" in weir("issue-key").out
    assert file.stat().st_mode & 0o777 == 0o600
    assert weir("runs").code == Code.OK
