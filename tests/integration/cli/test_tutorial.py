"""The tutorial is true: its files are written, its commands run, its output is what comes."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.integration.cli.conftest import PROGRAM, environment
from tests.places import directory_for

TUTORIAL = Path(__file__).resolve().parents[3] / "docs" / "tutorial" / "first-workflow.md"
FILE = re.compile(r"Save as `(\S+)`:\n\n```yaml\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"^\$ (.+)\n((?:(?!\$ ).+\n)*)", re.MULTILINE)
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
HOOK = re.compile(r"http://\S+/hooks/hook_\w+")


class Reader:
    """Somebody who types what the tutorial says."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.environment = environment(place / ".weir")
        self.platform: subprocess.Popen[str] | None = None
        self.seen = ""

    def types(self, command: str) -> str:
        """What a command says; `…` in it is replaced by what was seen before."""
        if command == "weir up":
            return self.starts()
        if "run_…" in command:
            listed = subprocess.run(  # noqa: S603 - our own
                [PROGRAM, "runs", "--json"], capture_output=True, env=self.environment, check=True
            )
            newest = orjson.loads(listed.stdout)["items"][0]["id"]
            command = command.replace("run_…", newest)
        command = re.sub(r"http://\S+/hooks/hook_…", lambda _: HOOK.findall(self.seen)[-1], command)
        assert "…" not in command
        done = subprocess.run(  # noqa: S602 - as a shell reads it
            command,
            shell=True,
            cwd=self.place,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        self.seen += done.stdout
        return done.stderr + done.stdout

    def starts(self) -> str:
        """Start the platform and read until it answers."""
        self.platform = subprocess.Popen(  # noqa: S603 - our own
            [PROGRAM, "up"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=self.place,
            env=self.environment,
        )
        assert self.platform.stdout is not None
        told = ""
        for line in self.platform.stdout:
            told += line
            if "answers at" in line:
                break
        return told

    def leaves(self) -> None:
        """Stop the platform."""
        if self.platform is not None and self.platform.stdout is not None:
            self.platform.send_signal(signal.SIGINT)
            with self.platform.stdout:
                assert self.platform.wait(20) == 0


@pytest.fixture
def reader() -> Iterator[Reader]:
    """In a directory of its own."""
    place = directory_for("weir-tutorial-")
    somebody = Reader(place)
    yield somebody
    somebody.leaves()
    shutil.rmtree(place)


def test_the_tutorial_works_as_written(reader: Reader) -> None:
    """Each expected line comes in its order; `…` in it stands for anything."""
    text = TUTORIAL.read_text()
    for name, content in FILE.findall(text):
        (reader.place / name).write_text(content)
    blocks = CONSOLE.findall(text)
    assert sum(block.count("$ ") for block in blocks) >= 12
    for block in blocks:
        for command, expected in COMMAND.findall(block):
            told = reader.types(command)
            at = 0
            for line in expected.splitlines():
                pattern = re.escape(line.strip()).replace("…", ".*").replace(r"\ \ ", r"\s+")
                found = re.compile(pattern).search(told, at)
                assert found, f"$ {command}\nexpected: {line}\ncame: {told}"
                at = found.end()


def test_every_file_and_command_of_the_tutorial_is_seen() -> None:
    """No fence of another kind hides a command from the test."""
    text = TUTORIAL.read_text()
    assert set(re.findall(r"^```(\w+)", text, re.MULTILINE)) == {"console", "yaml"}
    assert len(FILE.findall(text)) == text.count("```yaml")
