"""A platform as people start it, and the command line called as they call it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from tests.figures import Count
from tests.places import directory_for
from tests.replayed import shown_as_logged
from weir.cli import app

PROGRAM = Path(sys.executable).with_name("weir")


@dataclass(frozen=True, slots=True)
class Up:
    """A running platform: its data directory and address."""

    data_dir: Path
    url: str
    process: subprocess.Popen[str]


@dataclass(frozen=True, slots=True)
class Told:
    """What a command ended with and said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document on standard output."""
        return orjson.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """One document per line."""
        return [orjson.loads(line) for line in self.out.splitlines()]


Weir = Callable[..., Told]


def environment(data_dir: Path) -> dict[str, str]:
    """That of a command that shall find this platform and no other."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    programs = f"{PROGRAM.parent}{os.pathsep}{kept.get('PATH', '')}"
    return {**kept, "WEIR_DATA_DIR": str(data_dir), "WEIR_HTTP_PORT": "0", "PATH": programs}


@pytest.fixture(scope="session")
def up(count: Count) -> Iterator[Up]:
    """`weir up`, once per session and worker; at its end all its runs are made again, compared."""
    data_dir = directory_for("weir-cli-")
    with (data_dir / "log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603 - our own
            [PROGRAM, "up"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment(data_dir),
        )
    assert process.stdout is not None
    told = ""
    for line in process.stdout:
        told += line
        if match := re.search(r"answers at (\S+)", line):
            break
    else:
        pytest.fail(f"no platform: {told} {(data_dir / 'log').read_text()}")
    yield Up(data_dir, match[1], process)
    key = (data_dir / "admin.key").read_text().strip()
    shown = asyncio.run(shown_as_logged(match[1], key))
    count("runs shown as replay-state --check makes them", shown)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    process.stdout.close()
    shutil.rmtree(data_dir)


@pytest.fixture
def weir(up: Up, monkeypatch: pytest.MonkeyPatch) -> Weir:
    """Calls the command line on that platform."""
    for name in list(os.environ):
        if name.startswith("WEIR_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("WEIR_DATA_DIR", str(up.data_dir))

    def call(*words: str, given: str = "", **env: str) -> Told:
        done = CliRunner().invoke(app, list(words), input=given, env=env, catch_exceptions=False)
        return Told(done.exit_code, done.stdout, done.stderr)

    return call


Applied = Callable[..., dict[str, Any]]


@pytest.fixture
def applied(weir: Weir, tmp_path: Path) -> Applied:
    """Applies a definition and returns what was said of it."""

    def apply(definition: Mapping[str, Any]) -> dict[str, Any]:
        file = tmp_path / f"{definition['name']}.json"
        file.write_bytes(orjson.dumps(definition))
        told = weir("apply", str(file), "--json")
        assert told.code == 0, told.out
        one: dict[str, Any] = told.json["applied"][0]
        return one

    return apply
