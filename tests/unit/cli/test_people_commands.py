"""People, projects, tenants and keys from the command line, against a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from tests.http_house import TENANT
from tests.unit.identity.roster_house import OTHER, RosterHouse
from weir.cli import app
from weir.cli.exits import Code


class Typed(RosterHouse):
    """A house, and commands typed at it."""

    async def weir(self, *words: str, key: str = "admin") -> Result:
        """A command as somebody; with --json what it printed is in `told`."""
        said = {"WEIR_URL": self.house.url, "WEIR_API_KEY": self.house.keys.get(key, key)}
        return await asyncio.to_thread(lambda: CliRunner(env=said).invoke(app, words))

    async def told(self, *words: str, key: str = "admin") -> Any:
        """The document that a command printed."""
        done = await self.weir(*words, "--json", key=key)
        assert done.exit_code == Code.OK, done.output
        return orjson.loads(done.stdout)

    async def refused(self, *words: str, key: str = "admin") -> tuple[int, str]:
        """Exit code and error code."""
        done = await self.weir(*words, "--json", key=key)
        return done.exit_code, orjson.loads(done.stdout)["error"]["code"]


@pytest.fixture
async def typed(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Typed]:
    """A tenant behind a server, and who runs the installation."""
    there = Typed()
    # The server's lines would stand between those of the commands.
    monkeypatch.setattr("weir.runtime.http.app.observe", lambda _answered: None)
    async with there.house:
        there.house.keys["root"] = await there.key(platform=True)
        yield there


async def test_people_come_change_and_go(typed: Typed) -> None:
    """By address as well as by id, and in words as well as in JSON."""
    project = await typed.told("projects", "create", "Orders")
    made = await typed.told("users", "invite", "Ada@example.com", "--project", "orders=editor")
    assert made["projects"] == {project["id"]: "editor"}
    assert (await typed.weir("users", "resend", "ada@example.com")).exit_code == Code.OK
    assert len(typed.service.sent) == 2
    eve = await typed.person("Eve", "viewer")
    changed = await typed.told("users", "role", "eve@example.com", "operator")
    assert (changed["id"], changed["role"]) == (eve, "operator")
    given = await typed.weir("users", "role", "Eve", "editor", "--project", "Orders")
    assert given.stdout == "Eve: editor in Orders\n"
    inside = await typed.told("projects", "members", "Orders")
    assert {one["name"] for one in inside["items"]} == {"ada", "Eve"}
    await typed.told("users", "role", eve, "none", "--project", "Orders")
    assert (await typed.told("users", "role", eve, "none"))["role"] == ""
    assert (await typed.told("users", "disable", eve))["status"] == "disabled"
    shown = await typed.weir("users", "list", "--status", "disabled")
    assert "eve@example.com" in shown.stdout
    assert "ada@example.com" not in shown.stdout
    assert (await typed.told("users", "enable", eve))["status"] == "active"
    assert (await typed.weir("users", "remove", eve)).stdout == f"{eve} removed\n"
    assert (await typed.weir("users", "list", "--name", "eve")).stdout == "none\n"


async def test_groups_and_projects(typed: Typed) -> None:
    """Made, given, joined, left, renamed and deleted by name."""
    ada = await typed.person("Ada")
    group = await typed.told("groups", "create", "On call", "--role", "viewer")
    assert (await typed.told("groups", "role", "on call", "operator"))["role"] == "operator"
    assert (await typed.weir("groups", "add", "On call", "Ada")).stdout == "Ada is in On call\n"
    members = await typed.told("groups", "members", group["id"])
    assert [one["id"] for one in members["items"]] == [ada]
    assert (await typed.told("groups", "list"))["items"][0]["members"] == 1
    await typed.told("groups", "remove", "On call", ada)
    await typed.told("groups", "delete", "On call")
    await typed.told("projects", "create", "A")
    renamed = await typed.weir("projects", "rename", "A", "B")
    assert renamed.stdout == "A is B from now on\n"
    assert "B" in (await typed.weir("projects", "list")).stdout
    await typed.told("projects", "delete", "B")
    assert await typed.refused("projects", "delete", "B") == (Code.USAGE, "INVALID_PARAMETER")


async def test_service_accounts_and_their_keys(typed: Typed) -> None:
    """A key is shown once, acts for the account, and ends with it."""
    bot = await typed.told("service-accounts", "create", "CI", "--role", "operator")
    made = await typed.told(
        *("keys", "create", "deploys", "--role", "operator", "--owner", "CI"),
        *("--scope", "runs:start", "--scope", "self", "--expires", "2999-01-01T00:00:00Z"),
    )
    assert (made["owner"], made["scopes"]) == (bot["id"], ["runs:start", "self"])
    who = await typed.told("whoami", key=made["token"])
    assert (who["role"], who["permissions"]) == ("operator", ["runs:start", "self"])
    listed = await typed.told("keys", "list", "--owner", bot["id"])
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    shown = await typed.weir("keys", "create", "mine", "--role", "viewer")
    assert "shown this once" in shown.stdout
    assert "weir_key_" in shown.stdout
    assert "weir_key_" not in (await typed.weir("keys", "list", "--owner", "any")).stdout
    done = await typed.weir("keys", "revoke", made["id"])
    assert done.stdout == f"{made['id']} revoked\n"
    assert (await typed.told("service-accounts", "disable", "CI"))["status"] == "disabled"
    assert (await typed.told("service-accounts", "enable", "CI"))["status"] == "active"
    assert (await typed.told("users", "role", bot["id"], "viewer"))["role"] == "viewer"
    assert "CI" in (await typed.weir("service-accounts", "list")).stdout
    await typed.told("service-accounts", "delete", "CI")


async def test_tenants(typed: Typed) -> None:
    """Made, bounded and suspended by who runs the installation; one's own shown to everybody."""
    made = await typed.told(
        "tenants", "create", OTHER, "--name", "Globex", "--admin", "boss@globex.example", key="root"
    )
    assert made["name"] == "Globex"
    words = ("--limit", "api=5/1s", "--limit", "hooks=off", "--quota", "workflows=7")
    changed = await typed.told("tenants", "change", OTHER, *words, key="root")
    assert changed["limits"] == [
        {"name": "api", "count": 5, "window_ms": 1000},
        {"name": "hooks", "count": 0, "window_ms": 60_000},
    ]
    assert changed["quotas"] == {"workflows": 7.0}
    suspended = await typed.weir("tenants", "suspend", OTHER, key="root")
    assert suspended.stdout == f"{OTHER} is suspended\n"
    await typed.told("tenants", "resume", OTHER, key="root")
    assert "Globex" in (await typed.weir("tenants", "list", key="root")).stdout
    assert (await typed.told("tenants", "show", key="viewer"))["id"] == TENANT
    own = await typed.told("tenants", "change", "--host", "api.example", "--name", "Acme")
    assert (own["name"], own["allowed_hosts"]) == ("Acme", ["api.example"])
    strict = await typed.told("tenants", "change", "--second-factor", "required")
    assert (strict["name"], strict["second_factor"]) == ("Acme", "required")
    assert await typed.refused("tenants", "list") == (Code.REFUSED, "FORBIDDEN")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["users", "role", "nobody@example.com", "viewer"], "INVALID_PARAMETER"),
        (["users", "invite", "a@example.com", "--project", "orders"], "INVALID_PARAMETER"),
        (["users", "invite", "a@example.com", "--project", "orders=editor"], "INVALID_PARAMETER"),
        (["tenants", "change"], "INVALID_PARAMETER"),
        (["tenants", "change", "--limit", "api"], "INVALID_PARAMETER"),
        (["tenants", "change", "--limit", "api=fast"], "INVALID_PARAMETER"),
        (["tenants", "change", "--quota", "love=1"], "INVALID_PARAMETER"),
        (["tenants", "show", "nowhere"], "FORBIDDEN"),
        (["keys", "revoke", "key_x"], "API_KEY_NOT_FOUND"),
        (["keys", "revoke", "../users"], "API_KEY_NOT_FOUND"),
    ],
)
async def test_what_cannot_be_meant_is_refused(typed: Typed, words: list[str], code: str) -> None:
    """With the platform's code, and the exit code that belongs to it."""
    assert (await typed.refused(*words))[1] == code


async def test_a_name_of_several_is_none(typed: Typed) -> None:
    """Two people of one name are told apart by their ids."""
    for _ in range(2):
        await typed.person("Ada", "viewer")
    done = await typed.weir("users", "disable", "Ada")
    assert done.exit_code == Code.USAGE
    assert "several" in done.stderr
