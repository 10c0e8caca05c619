"""The deployment example, as `make run` runs it."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.integration.cli.conftest import PROGRAM, environment
from tests.places import directory_for

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "deployment"
STEPS = ("deployment", "summary", "went_well", "good_news", "message", "notify", "record", "result")


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory of its own."""
    path = directory_for("weir-example-")
    yield path
    shutil.rmtree(path)


class Play:
    """One start of the example."""

    def __init__(self, example: Path, data_dir: Path) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, example / "run.py"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(data_dir),
        )
        assert self.process.stdout is not None
        self.told = ""
        for line in self.process.stdout:
            self.told += line
            if "Serving until" in line:
                break

    def end(self) -> int:
        """Interrupt it if it still serves; its code."""
        assert self.process.stdout is not None
        if self.process.poll() is None and "Serving until" in self.told:
            self.process.send_signal(signal.SIGINT)
        with self.process.stdout:
            return self.process.wait(20)


def test_the_example_runs_and_earlier_runs_stay(data_dir: Path) -> None:
    """Signed delivery, notification, row, output; the second start lists the first one's run."""
    first = Play(EXAMPLE, data_dir)
    command = [PROGRAM, "runs", "--json"]
    listed = subprocess.run(command, env=environment(data_dir), capture_output=True, check=True)  # noqa: S603
    assert first.end() == 0, first.told
    for step in STEPS:
        assert f"✓ {step} " in first.told
    assert "- bad_news" in first.told
    allowed = re.search(r"WEIR_OUTBOUND_ALLOW=127\.0\.0\.1:(\d+)", first.told)
    assert allowed
    assert f"http://127.0.0.1:{allowed[1]}/notifications" in first.told
    assert "acme/shop 5f3c1e9 is live in production" in first.told
    assert "(row 1 of 1)" in first.told
    assert "1 run so far" in first.told
    run = orjson.loads(listed.stdout)["items"][0]
    assert (run["status"], run["trigger"]["kind"]) == ("succeeded", "webhook")

    second = Play(EXAMPLE, data_dir)
    assert second.end() == 0, second.told
    assert "version 1 (unchanged)" in second.told
    assert "(row 2 of 2)" in second.told
    assert "2 runs so far" in second.told
    assert "shown this once" not in second.told


def test_an_example_that_fails_ends_with_an_error(data_dir: Path, tmp_path: Path) -> None:
    """Nobody takes a red run for a green one: the exit code is 1, and the tree says why."""
    copy = tmp_path / "deployment"
    shutil.copytree(EXAMPLE, copy)
    workflow = copy / "workflow.yaml"
    workflow.write_text(workflow.read_text().replace("/notifications", "/nowhere"))
    play = Play(copy, data_dir)
    assert play.end() == 1
    assert "error HTTP_404" in play.told
    assert "EXAMPLE_FAILED" in play.told


def test_the_payload_is_what_its_signature_is_made_of() -> None:
    """A deployment_status event that succeeded, of names that belong to nobody."""
    payload = orjson.loads((EXAMPLE / "deployment_status.json").read_bytes())
    assert payload["deployment_status"]["state"] == "success"
    assert payload["repository"]["full_name"] == "acme/shop"
    assert payload["deployment"]["sha"] == payload["workflow_run"]["head_sha"]
