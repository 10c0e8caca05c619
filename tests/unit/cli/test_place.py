"""Finding the platform: what is named comes first, and a key goes to its own platform alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from weir.cli.place import Named, Place, find
from weir.contract.errors import PlatformUnreachableError, UnauthorizedError
from weir.runtime.servers.datadir import DataDir, Running

URL = "http://127.0.0.1:4711"


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data directory of commands."""
    monkeypatch.setenv("WEIR_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def running(data_dir: Path) -> Iterator[Path]:
    """A platform runs there and has left its key."""
    directory = DataDir(data_dir)
    with directory.locked():
        directory.announce(Running(1, URL, "nats://127.0.0.1:1", "", ""))
        (data_dir / "admin.key").write_text("weir_local\n")
        yield data_dir


def test_what_is_named_needs_nothing_local(data_dir: Path) -> None:
    """Address and key together are the whole answer."""
    assert find(Named("http://far", "weir_far")) == Place("http://far", "weir_far")


def test_the_platform_here_is_found_with_its_key(running: Path) -> None:
    """By the data directory alone."""
    assert find(Named()) == Place(URL, "weir_local")
    assert find(Named(URL + "/")).api_key == "weir_local"
    assert find(Named(api_key="weir_mine")) == Place(URL, "weir_mine")


def test_the_local_key_is_sent_nowhere_else(running: Path) -> None:
    """Another address needs a key of its own."""
    with pytest.raises(UnauthorizedError, match="no API key for http://far"):
        find(Named("http://far"))


def test_a_platform_that_has_ended_is_not_found(running: Path, data_dir: Path) -> None:
    """Its lock is free, whatever it left behind."""
    told = (data_dir / "platform.json").read_bytes()
    other = data_dir / "crashed"
    other.mkdir()
    (other / "platform.json").write_bytes(told)
    (other / "lock").touch()
    assert DataDir(other).running() is None


def test_nothing_here_says_what_to_do(data_dir: Path) -> None:
    """The directory that was looked at is named."""
    with pytest.raises(PlatformUnreachableError, match=str(data_dir)):
        find(Named())


def test_a_lost_key_file_is_told(running: Path) -> None:
    """The platform is there, the key is not."""
    (running / "admin.key").unlink()
    with pytest.raises(UnauthorizedError, match="--api-key"):
        find(Named())
