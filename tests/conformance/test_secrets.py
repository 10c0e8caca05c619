"""The secrets port: one suite for envelopes over every provider of keys that runs in-process."""

from __future__ import annotations

import asyncio
import os
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.waiting import eventually
from weir.adapters.envelope.held import Held
from weir.adapters.envelope.secrets import EnvelopeSecrets
from weir.adapters.keyfile import __main__ as command
from weir.adapters.keyfile import keys
from weir.adapters.keyfile.provider import KeyFileKeys
from weir.adapters.keyfile.secrets import KeyFileSecrets
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.keys import MemoryKeys
from weir.adapters.memory.log import MemoryLog
from weir.adapters.memory.secrets import MemorySecrets
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.contract.credential_errors import KeyProviderRefusedError, KeyProviderUnavailableError
from weir.contract.errors import KeyFileInvalidError, SecretUnreadableError
from weir.ports.keys import Binding, KeyProvider, Wrapped
from weir.ports.log import Log
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
    file = KeyFileSecrets(key_file)
    return MemorySecrets() if request.param == "memory" else envelope([KeyFileKeys(file)], file)


def envelope(
    providers: Sequence[KeyProvider], direct: KeyFileSecrets | None = None, log: Log | None = None
) -> EnvelopeSecrets:
    """The adapter on a log in memory."""
    return EnvelopeSecrets(log or fresh_log(), SystemClock(), providers, direct)


def fresh_log() -> MemoryLog:
    """A registry with nothing in it."""
    return MemoryLog(Broker(SystemClock()).connect(), subjects.REGISTRY)


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
        Place("acme", "cred_1", "database", 1),
    ],
)
async def test_a_secret_opens_nowhere_else(secrets: Secrets, place: Place) -> None:
    """Tenant, record, name and version are bound in, each by itself."""
    sealed = await secrets.seal(b"hunter2", PLACE)
    await secrets.seal(b"the other tenant has a key too", Place("other", "", ""))
    with pytest.raises(SecretUnreadableError, match=r"belongs to another record|not known here"):
        await secrets.open(sealed, place)


async def test_an_earlier_version_does_not_open_as_a_later_one(secrets: Secrets) -> None:
    """Nobody brings an old value back by writing it over the new one."""
    first = await secrets.seal(b"old", PLACE._replace(version=1))
    second = await secrets.seal(b"new", PLACE._replace(version=2))
    assert await secrets.open(second, PLACE._replace(version=2)) == b"new"
    with pytest.raises(SecretUnreadableError):
        await secrets.open(first, PLACE._replace(version=2))


async def test_tenants_have_keys_of_their_own(secrets: Secrets) -> None:
    """Nothing that one tenant sealed lies under a key of another."""
    mine = await secrets.seal(b"mine", PLACE)
    yours = await secrets.seal(b"yours", Place("other", "cred_1", "database"))
    assert mine.key_id != yours.key_id
    assert len((await secrets.keys("acme")).keys) == 1


async def test_rotation_changes_keys_and_loses_nothing(secrets: Secrets) -> None:
    """A fresh key seals from then on; what is older opens, and can be sealed anew."""
    old = await secrets.seal(b"hunter2", PLACE)
    rotated = await secrets.rotate("acme", fresh=True)
    assert rotated.keys[0].data_key_id == old.key_id
    new = await secrets.seal(b"hunter3", PLACE)
    assert new.key_id == rotated.keys[-1].data_key_id != old.key_id
    assert await secrets.open(old, PLACE) == b"hunter2"
    onto = PLACE._replace(version=7)
    renewed = await secrets.renew(old, PLACE, onto)
    assert renewed.key_id == new.key_id
    assert await secrets.open(renewed, onto) == b"hunter2"


async def test_what_was_sealed_under_the_file_itself_opens(key_file: Path) -> None:
    """Values of before there were data keys go on opening, and move under one when renewed."""
    file = KeyFileSecrets(key_file)
    old = await file.seal(b"hunter2", PLACE)
    secrets = envelope([KeyFileKeys(file)], file)
    assert await secrets.open(old, PLACE) == b"hunter2"
    renewed = await secrets.renew(old, PLACE, PLACE)
    assert renewed.key_id.startswith("dk_")
    assert await secrets.open(renewed, PLACE) == b"hunter2"


async def test_another_master_key_wraps_without_a_pause(key_file: Path) -> None:
    """A line added to the file wraps after a rotation, and the line before can be taken out."""
    log = fresh_log()
    file = KeyFileSecrets(key_file)
    running = envelope([KeyFileKeys(file)], file, log)
    sealed = await running.seal(b"hunter2", PLACE)
    newest = keys.add(key_file)
    wrapped = await running.rotate("acme", fresh=False)
    assert [one.provider_key for one in wrapped.keys] == [newest]
    key_file.write_text(key_file.read_text().splitlines()[-1] + "\n")
    restarted = envelope([KeyFileKeys(KeyFileSecrets(key_file))], None, log)
    assert await restarted.open(sealed, PLACE) == b"hunter2"


async def test_another_provider_takes_over_without_a_pause() -> None:
    """Both are known until all keys are wrapped by the new one; then the old one can go."""
    log = fresh_log()
    before, after = MemoryKeys("before"), MemoryKeys("after")
    sealed = await envelope([before], log=log).seal(b"hunter2", PLACE)
    both = envelope([after, before], log=log)
    assert await both.open(sealed, PLACE) == b"hunter2"
    with pytest.raises(KeyProviderRefusedError, match="'before'"):
        await envelope([after], log=log).open(sealed, PLACE)
    await both.rotate("acme", fresh=False)
    assert await envelope([after], log=log).open(sealed, PLACE) == b"hunter2"


async def test_processes_that_seal_first_agree_on_one_key() -> None:
    """However many begin at the same moment."""
    log, provider = fresh_log(), MemoryKeys()
    many = [envelope([provider], log=log) for _ in range(5)]
    sealed = await asyncio.gather(*(one.seal(b"x", PLACE) for one in many))
    assert len({one.key_id for one in sealed}) == 1


class Counted(MemoryKeys):
    """A provider that counts what it is asked, and can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.away = False

    async def unwrap(self, wrapped: Wrapped, binding: Binding) -> bytes:
        """Decrypt."""
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            raise KeyProviderUnavailableError("away")
        return await super().unwrap(wrapped, binding)


async def test_the_provider_is_asked_once_for_many() -> None:
    """A thousand openings at once unwrap one key; while it is held the provider can be away."""
    provider = Counted()
    secrets = MemorySecrets([provider])
    sealed = await secrets.seal(b"x", PLACE)
    await asyncio.gather(*(secrets.open(sealed, PLACE) for _ in range(1000)))
    assert provider.asked == 1
    provider.away = True
    assert await secrets.open(sealed, PLACE) == b"x"
    await secrets.close()
    with pytest.raises(KeyProviderUnavailableError):
        await secrets.open(sealed, PLACE)
    provider.away = False
    assert await secrets.open(sealed, PLACE) == b"x"


async def test_held_keys_are_few_brief_and_overwritten() -> None:
    """What has to go, by number or by time, is zeros before it is nothing."""
    held = Held(most=2, held_s=0.05)

    async def fetch() -> bytes:
        return b"k" * 32

    first = await held.get("1", fetch)
    assert first == b"k" * 32
    await held.get("2", fetch)
    third = await held.get("3", fetch)
    assert first == bytes(32)

    async def gone() -> bool:
        await held.get("4", fetch)
        return third == bytes(32)

    await eventually(gone)
    many = await asyncio.gather(*(held.get(str(number), fetch) for number in range(50)))
    assert b"k" * 32 in many


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


@pytest.mark.parametrize("key_id", ["gone", "dk_gone"])
async def test_an_unknown_key_is_named(secrets: Secrets, key_id: str) -> None:
    """The error says which key is missing."""
    sealed = await secrets.seal(b"hunter2", PLACE)
    with pytest.raises(SecretUnreadableError, match=f"'{key_id}'"):
        await secrets.open(Sealed(key_id, sealed.data), PLACE)


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
