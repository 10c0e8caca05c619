"""The command line without a platform: help, usage, checking files, finding nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from weir.cli import app
from weir.cli.exits import Code

runner = CliRunner()

HEAVY = ("aiohttp", "pydantic", "nats", "asyncpg", "rich.console", "structlog", "yaml")
FAULTY = """\
name: Faulty
nodes:
  - id: start
    type: manual
  - id: call
    type: http_request
    config:
      url: "{{ steps.nowhere.url }}"
      methd: POST
  - id: wait
    type: deley
edges:
  - {source: start, target: call}
  - {source: start, target: away}
"""


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No platform is to be found."""
    monkeypatch.setenv("WEIR_DATA_DIR", str(tmp_path / "data"))
    for name in ("WEIR_URL", "WEIR_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def test_help_imports_nothing_heavy() -> None:
    """What makes help quick: none of what commands need is there before one runs."""
    code = f"import sys, weir.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"


def test_every_command_has_json_and_help() -> None:
    """Programs can read all of them; `up` never ends, so it has nothing to say."""

    def commands(*group: str) -> list[str]:
        shown = runner.invoke(app, [*group, "--help"]).stdout
        return [line.split()[0] for line in shown.partition("Commands:")[2].splitlines() if line]

    groups = [group.name for group in app.registered_groups if group.name]
    alone = [[name] for name in commands() if name not in groups]
    grouped = [[group, name] for group in groups for name in commands(group)]
    assert len(alone) > 20
    assert len(grouped) > 48
    for words in alone + grouped:
        told = runner.invoke(app, [*words, "--help"])
        assert told.exit_code == Code.OK
        assert ("--json" in told.stdout) == (words != ["up"])


@pytest.mark.parametrize("words", [["nonsense"], ["run"], ["validate", "no-such-file.yaml"]])
def test_a_wrong_command_line_is_a_usage_error(words: list[str]) -> None:
    """Code 2, and the reason on standard error."""
    done = runner.invoke(app, words)
    assert done.exit_code == Code.USAGE
    assert done.stderr


def test_faults_are_told_by_file_and_line(tmp_path: Path) -> None:
    """Every problem of a file in one go, the way compilers write them; code 1."""
    file = tmp_path / "faulty.yaml"
    file.write_text(FAULTY)
    done = runner.invoke(app, ["validate", str(file)])
    assert done.exit_code == Code.FAILED
    for line, code in (
        (8, "STEP_UNKNOWN"),
        (9, "CONFIG_INVALID"),
        (11, "NODE_TYPE_UNKNOWN"),
        (14, "EDGE_NODE_UNKNOWN"),
    ):
        assert f"{file}:{line}: {code}" in done.stdout
    assert "problems" in done.stdout


def test_faults_are_told_to_programs(tmp_path: Path) -> None:
    """One document over all files; the first good file does not hide the second."""
    good = tmp_path / "good.json"
    good.write_bytes(orjson.dumps({"name": "Good", "nodes": [{"id": "start", "type": "manual"}]}))
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: [")
    done = runner.invoke(app, ["validate", "--json", str(good), str(bad)])
    assert done.exit_code == Code.FAILED
    told = orjson.loads(done.stdout)
    assert told["valid"] is False
    first, second = told["files"]
    assert first == {"file": str(good), "valid": True, "errors": [], "warnings": []}
    assert [problem["code"] for problem in second["errors"]] == ["INVALID_JSON"]
    assert runner.invoke(app, ["validate", str(good)]).exit_code == Code.OK


@pytest.mark.parametrize(
    "words",
    [
        ["runs"],
        ["watch", "run_aaaaaaaaaaaaaaaaaaaaaaaaaa"],
        ["run", "Greeting"],
        ["cancel", "run_aaaaaaaaaaaaaaaaaaaaaaaaaa", "--terminate"],
        ["cancel", "--workflow", "Greeting"],
        ["signal", "run_aaaaaaaaaaaaaaaaaaaaaaaaaa", "paid", "--payload", "5"],
        ["pause", "run_aaaaaaaaaaaaaaaaaaaaaaaaaa"],
        ["resume", "run_aaaaaaaaaaaaaaaaaaaaaaaaaa"],
        ["decide", "run_aaaaaaaaaaaaaaaaaaaaaaaaaa", "risky", "skip"],
        ["deadline", "run_aaaaaaaaaaaaaaaaaaaaaaaaaa", "nap", "2026-03-01T12:00:00Z"],
        ["retry", "run_aaaaaaaaaaaaaaaaaaaaaaaaaa"],
        ["fork", "run_aaaaaaaaaaaaaaaaaaaaaaaaaa", "each[3]/b", "--input", "{}"],
        ["batch", "Greeting", "/dev/null"],
    ],
)
def test_without_a_platform_commands_say_what_to_do(words: list[str]) -> None:
    """Code 3 and advice; with --json the same as a document."""
    done = runner.invoke(app, words)
    assert done.exit_code == Code.UNREACHABLE
    assert "weir up" in done.stderr
    told = runner.invoke(app, [*words, "--json"])
    assert told.exit_code == Code.UNREACHABLE
    assert orjson.loads(told.stdout)["error"]["code"] == "PLATFORM_UNREACHABLE"


@pytest.mark.parametrize(
    "command", ["cancel", "pause", "resume", "retry", "dead-letters retry", "dead-letters discard"]
)
def test_neither_or_both_of_one_and_filters_is_refused(command: str) -> None:
    """Code 2 before anything is asked: nothing is done to all because nobody said which."""
    name = command.split()
    name += ["--reason", "x"] if command.endswith("discard") else []
    for words, why in (
        ([], "nothing is done to all"),
        (["--limit", "5", "--dry-run"], "nothing is done to all"),
        (["run_aaaaaaaaaaaaaaaaaaaaaaaaaa", "--workflow", "Greeting"], "not both"),
    ):
        done = runner.invoke(app, [*name, *words])
        assert done.exit_code == Code.USAGE
        assert why in done.stderr
        told = orjson.loads(runner.invoke(app, [*name, *words, "--json"]).stdout)
        assert told["error"]["code"] == "INVALID_PARAMETER"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["pause", "run_aaaaaaaaaaaaaaaaaaaaaaaaaa", "--dry-run"], Code.USAGE),
        (["retry", "run_aaaaaaaaaaaaaaaaaaaaaaaaaa", "--dry-run"], Code.UNREACHABLE),
        (["dead-letters", "retry", "letter_a", "--dry-run"], Code.USAGE),
    ],
)
def test_a_dry_run_of_one_is_for_what_can_tell_more(words: list[str], code: Code) -> None:
    """A retry tells what it would repeat; of the others one by its id says nothing new."""
    assert runner.invoke(app, words).exit_code == code


def test_an_address_that_does_not_answer_is_unreachable() -> None:
    """Code 3, and the address is named."""
    done = runner.invoke(app, ["runs", "--url", "http://127.0.0.1:9", "--api-key", "weir_x"])
    assert done.exit_code == Code.UNREACHABLE
    assert "http://127.0.0.1:9 does not answer" in done.stderr


def test_an_address_without_a_key_is_refused() -> None:
    """Code 4: a key is asked for, none is guessed."""
    done = runner.invoke(app, ["runs", "--url", "http://127.0.0.1:9"])
    assert done.exit_code == Code.REFUSED
    assert "WEIR_API_KEY" in done.stderr


def test_a_wrong_setting_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code 2, with the variable and its source."""
    monkeypatch.setenv("WEIR_HTTP_PORT", "many")
    done = runner.invoke(app, ["doctor"])
    assert done.exit_code == Code.USAGE
    assert "WEIR_HTTP_PORT (from env)" in done.stderr


def test_doctor_before_the_first_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is wrong where nothing was started yet; secrets are masked."""
    monkeypatch.setenv("WEIR_OUTBOUND_ALLOW", "10.0.0.0/8")
    done = runner.invoke(app, ["doctor", "--json"])
    assert done.exit_code == Code.OK
    told = orjson.loads(done.stdout)
    states = {check["name"]: check["state"] for check in told["checks"]}
    assert states["platform"] == "note"
    assert {states["nats"], states["postgres"], states["data directory"]} == {"ok"}
    settings = {one["name"]: (one["value"], one["source"]) for one in told["settings"]}
    assert settings["outbound_allow"] == ("10.0.0.0/8", "env")
    assert settings["shards"] == ("32", "default")


def test_doctor_tells_of_servers_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code 3; the password of the database is nowhere."""
    monkeypatch.setenv("WEIR_NATS_URL", "nats://127.0.0.1:9")
    monkeypatch.setenv("WEIR_POSTGRES_DSN", "postgresql://weir:hunter2@127.0.0.1:9/weir")
    done = runner.invoke(app, ["doctor"])
    assert done.exit_code == Code.UNREACHABLE
    assert "✗ nats: no NATS server at nats://127.0.0.1:9" in done.stdout
    assert "✗ postgres:" in done.stdout
    assert "hunter2" not in done.stdout


def test_routes_are_those_of_the_services() -> None:
    """Each with its owner and the permission it asks for."""
    told = orjson.loads(runner.invoke(app, ["routes", "--json"]).stdout)["routes"]
    found = {(one["method"], one["pattern"]): one for one in told}
    start = found["POST", "/api/v1/workflows/{workflow_id}/runs"]
    assert (start["service"], start["permission"]) == ("trigger", "runs:start")
    assert found["*", "/hooks/{webhook_id}"]["permission"] == "public"
    assert found["GET", "/api/v1/runs"]["service"] == "query"
