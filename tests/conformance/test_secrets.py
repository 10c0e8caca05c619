"""The secrets port: one suite for the key file and for memory."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from pathlib import Path

import pytest

from weir.adapters.keyfile import __main__ as command
from weir.adapters.keyfile import keys
from weir.adapters.keyfile.secrets import KeyFileSecrets
from weir.adapters.memory.secrets import MemorySecrets
from weir.contract.errors import KeyFileInvalidError, SecretUnreadableError
from weir.ports.secrets import Place, Sealed, Secrets

PLACE = Place("acme", "cred_1", "database")


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A fresh key file."""
    path = tmp_path / "secrets.keys"
    assert keys.make(path)
    return path


@pytest.fixture(params=["memory", "keyfile"])
def secrets(request: pytest.FixtureRequest, key_file: Path) -> Secrets:
    """An adapter."""
    return MemorySecrets() if request.param == "memory" else KeyFileSecrets(key_file)


@pytest.mark.parametrize("value", [b"", b"hunter2", os.urandom(100_000)], ids=len)
async def test_what_was_sealed_opens_in_its_place(secrets: Secrets, value: bytes) -> None:
    """Sealing and opening give the value back, also through the one-string form."""
    sealed = await secrets.seal(value, PLACE)
    assert await secrets.open(Sealed.parse(sealed.text), PLACE) == value


async def test_equal_values_never_look_equal(secrets: Secrets) -> None:
    """A nonce per seal: nobody sees that two secrets are the same."""
    sealed = {await secrets.seal(b"same", PLACE) for _ in range(100)}
    assert len({b64decode(one.data)[:12] for one in sealed}) == 100


@pytest.mark.parametrize(
    "place",
    [
        Place("other", "cred_1", "database"),
        Place("acme", "cred_2", "database"),
        Place("acme", "cred_1", "data"),
        Place("acmec", "red_1", "database"),
        Place("acme", "cred_1database", ""),
    ],
)
async def test_a_secret_opens_nowhere_else(secrets: Secrets, place: Place) -> None:
    """Tenant, record and name are bound in, each by itself."""
    sealed = await secrets.seal(b"hunter2", PLACE)
    with pytest.raises(SecretUnreadableError, match="belongs to another record"):
        await secrets.open(sealed, place)


async def test_a_changed_secret_does_not_open(secrets: Secrets) -> None:
    """One changed bit anywhere, a cut, or text that is no base64: refused, and never quoted."""
    key_id, data = await secrets.seal(b"hunter2", PLACE)
    raw = bytearray(b64decode(data))
    for index in range(len(raw)):
        raw[index] ^= 1
        with pytest.raises(SecretUnreadableError, match="changed after") as caught:
            await secrets.open(Sealed(key_id, b64encode(raw).decode()), PLACE)
        assert "hunter2" not in str(caught.value)
        raw[index] ^= 1
    for broken in (b64encode(raw[:-1]).decode(), "", "@@@", b64encode(raw[:12]).decode()):
        with pytest.raises(SecretUnreadableError):
            await secrets.open(Sealed(key_id, broken), PLACE)


async def test_an_unknown_key_is_named(secrets: Secrets) -> None:
    """The error says which key is missing."""
    sealed = await secrets.seal(b"hunter2", PLACE)
    with pytest.raises(SecretUnreadableError, match="'gone'"):
        await secrets.open(Sealed("gone", sealed.data), PLACE)


async def test_keys_rotate_while_processes_run(key_file: Path) -> None:
    """After a key was added new seals use it, old ones open, also in a process that runs."""
    running = KeyFileSecrets(key_file)
    old = await running.seal(b"old", PLACE)
    newest = keys.add(key_file)
    restarted = KeyFileSecrets(key_file)
    new = await restarted.seal(b"new", PLACE)
    assert new.key_id == newest != old.key_id
    assert await restarted.open(old, PLACE) == b"old"
    assert await running.open(new, PLACE) == b"new"


def test_the_key_file_is_made_once_and_is_private(key_file: Path) -> None:
    """A second start keeps the keys; nobody else may read them."""
    before = key_file.read_bytes()
    assert not keys.make(key_file)
    assert key_file.read_bytes() == before
    assert key_file.stat().st_mode & 0o777 == 0o600
    keys.add(key_file)
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in key_file.parent.iterdir()] == [key_file.name]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "holds no key"),
        ("# only words\n", "holds no key"),
        ("k-1 c2hvcnQ=\n", "Line 1"),
        ("\nk-1 not base64 at all\n", "Line 2"),
    ],
)
async def test_a_broken_key_file_says_what_is_wrong(
    tmp_path: Path, content: str, told: str
) -> None:
    """The error names the file and the line."""
    path = tmp_path / "keys"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileInvalidError, match=told):
        await KeyFileSecrets(path).seal(b"", PLACE)


async def test_a_missing_or_open_key_file_is_refused(key_file: Path) -> None:
    """Only when a secret is needed: a process that needs none needs no file."""
    secrets = KeyFileSecrets(key_file)
    key_file.chmod(0o644)
    with pytest.raises(KeyFileInvalidError, match="chmod 600"):
        await secrets.seal(b"", PLACE)
    key_file.unlink()
    with pytest.raises(KeyFileInvalidError, match="cannot be read"):
        await secrets.seal(b"", PLACE)


def test_a_command_makes_the_file_and_rotates_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first call makes it, each later one adds a key; a broken file is told in a sentence."""
    path = tmp_path / "keys"
    monkeypatch.setattr("sys.argv", ["keyfile", str(path)])
    for count in (1, 2, 3):
        command.main()
        ids = list(keys.read(path))
        assert len(ids) == count
        assert capsys.readouterr().out == f"{ids[-1]}\n"
    path.write_text("k-1 broken\n")
    with pytest.raises(SystemExit, match=r"Line 1.*KEY_FILE_INVALID"):
        command.main()
