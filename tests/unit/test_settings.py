"""Settings: their sources, their errors, their description."""

from __future__ import annotations

from pathlib import Path

import pytest

from weir import settings, settings_shown
from weir.contract.errors import SettingsInvalidError


@pytest.fixture(autouse=True)
def empty_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No setting of the machine, and a working directory without a file."""
    for variable in list(settings.os.environ):
        if variable.startswith(settings.PREFIX):
            monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_default_works_embedded(empty_world: Path) -> None:
    """Without any setting, the platform starts its own servers under the working directory."""
    found = settings.load()
    assert found.data_dir == empty_world / ".weir"
    assert (found.nats_url, found.postgres_dsn.get_secret_value()) == ("", "")
    assert found.blobs == empty_world / ".weir" / "blobs"
    assert found.keys == empty_world / ".weir" / "secrets.keys"
    assert found.worker


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(
    monkeypatch: pytest.MonkeyPatch, empty_world: Path
) -> None:
    """Each setting comes from the nearest source that has it."""
    (empty_world / "weir.toml").write_text('http_port = 1\nlog_level = "debug"\n')
    monkeypatch.setenv("WEIR_HTTP_PORT", "2")
    found = settings.load()
    assert (found.http_port, found.log_level, found.shards) == (2, "debug", 32)
    sources = {one.name: one.source for one in settings_shown.describe(found)}
    assert sources["http_port"] == "env"
    assert sources["log_level"] == "file weir.toml"
    assert sources["shards"] == "default"


def test_a_named_file_is_read_and_must_be_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """WEIR_CONFIG names the file; a missing one is an error, not silence."""
    named = tmp_path / "other.toml"
    monkeypatch.setenv("WEIR_CONFIG", str(named))
    with pytest.raises(SettingsInvalidError, match="no such file"):
        settings.load()
    named.write_text("shards = 4\n")
    assert settings.load().shards == 4


def test_words_a_person_writes_become_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Durations, sizes and lists are written as in the documentation."""
    monkeypatch.setenv("WEIR_HOT_PERIOD", "1h30m")
    monkeypatch.setenv("WEIR_BODY_LIMIT", "64KiB")
    monkeypatch.setenv("WEIR_ENV_ALLOW", "STAGE, REGION")
    monkeypatch.setenv("WEIR_REPLICAS", "3")
    monkeypatch.setenv("WEIR_NATS_URL", "nats://a,nats://b")
    monkeypatch.setenv("STAGE", "test")
    monkeypatch.delenv("REGION", raising=False)
    found = settings.load()
    assert (found.hot_period, found.body_limit, found.replicas) == (5_400_000, 65_536, 3)
    assert found.env == {"STAGE": "test"}


def test_each_wrong_setting_is_named_with_its_source(
    monkeypatch: pytest.MonkeyPatch, empty_world: Path
) -> None:
    """One error tells of every wrong setting, where it came from and what it should be."""
    (empty_world / "weir.toml").write_text('hot_period = "soon"\nhttp_prt = 1\n')
    monkeypatch.setenv("WEIR_HTTP_PORT", "99999")
    with pytest.raises(SettingsInvalidError) as caught:
        settings.load()
    told = caught.value.message
    assert "WEIR_HTTP_PORT (from env)" in told
    assert "WEIR_HOT_PERIOD (from file weir.toml): 'soon' is no duration" in told
    assert "http_prt (from file weir.toml): there is no such setting" in told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("replicas = 3\n", "needs a NATS cluster"),
        ("replicas 3\n", "weir.toml is no TOML"),
        ("hot_period = true\n", "a duration is written like"),
    ],
)
def test_what_cannot_be_is_refused(empty_world: Path, content: str, told: str) -> None:
    """Contradictions and unreadable files are refused in words."""
    (empty_world / "weir.toml").write_text(content)
    with pytest.raises(SettingsInvalidError, match=told):
        settings.load()


def test_secrets_are_masked_wherever_settings_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The description and the settings' own text hold no password."""
    monkeypatch.setenv("WEIR_POSTGRES_DSN", "postgresql://weir:hunter2@db/weir")
    found = settings.load()
    described = {one.name: one for one in settings_shown.describe(found)}
    assert described["postgres_dsn"].value == settings.MASK
    assert "hunter2" not in f"{described}{found!r}"


def test_a_setting_given_as_argument_says_so() -> None:
    """What a command line decides is told from what the environment does."""
    given = {"http_port": 0}
    described = settings_shown.describe(settings.load(**given), given)
    assert {one.name: one.source for one in described}["http_port"] == "argument"


def test_every_setting_is_described_and_typed() -> None:
    """The reference page has a meaning and a type for each."""
    types = {"text", "number", "true or false", "path", "secret", "size", "duration", "list"}
    for one in settings_shown.describe(settings.load()):
        assert one.description.endswith("."), one.name
        assert one.type in types or "`" in one.type, (one.name, one.type)


@pytest.mark.parametrize(
    ("sync", "replicas", "atomic_from"),
    [("kill-safe", 1, None), ("power-safe", 1, 16), ("kill-safe", 3, 4), ("power-safe", 5, 4)],
)
def test_commits_are_batches_where_that_is_faster(
    sync: str, replicas: int, atomic_from: int | None
) -> None:
    """A broker of one node makes files for each; several agree on it once."""
    found = settings.load(sync=sync, replicas=replicas, nats_url="nats://127.0.0.1:4222")
    assert found.atomic_from == atomic_from
