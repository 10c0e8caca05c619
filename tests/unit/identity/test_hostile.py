"""Whatever is sent to the routes of accounts is answered clearly, and never by an error of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.identity.people_house import AUTH, PASSWORD, PeopleHouse

VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1e308,
    "",
    "\x00",
    "\u202e\u200b",
    "a" * 3_000,
    "../../etc/passwd",
    "*",
    ">",
    "{{ 1 }}",
    "'; drop table users; --",
    [],
    {},
    [[[[]]]],
    {"$ne": ""},
]
FIELDS = {
    "login": {"email": "ann@acme.example", "password": PASSWORD, "tenant": ""},
    "refresh": {"refresh_token": "x"},
    "register": {"email": "new@acme.example", "name": "New"},
    "invitations/accept": {"token": "a" * 52, "password": PASSWORD, "name": "x", "email": "x@y.z"},
    "password/forgot": {"email": "ann@acme.example"},
    "password/reset": {"token": "a" * 52, "password": PASSWORD},
    "email/verify": {"token": "a" * 52},
    "email": {"email": "new@acme.example", "password": PASSWORD, "code": ""},
    "signing-keys/rotate": {"drop": False},
}
BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"\xff\xfe",
    b'"text"',
    b"[" * 5_000,
    b'{"email": "a@b.c", "email": "d@e.f", "password": "x"}',
    b'{"email": "\\ud800@b.c", "password": "\\udfff"}',
    b'{"a":' * 200 + b"1" + b"}" * 200,
    b"x" * 20_000,
]


@pytest.mark.parametrize("path", FIELDS)
async def test_each_field_of_each_kind(people: PeopleHouse, path: str) -> None:
    """Every field, one after the other, holds what it should not."""
    await people.person("ann", role="admin")
    key = (await people.signed_in("ann"))["access_token"]
    for field in FIELDS[path]:
        for value in VALUES:
            body = FIELDS[path] | {field: value}
            answer = await people.ask("POST", f"{AUTH}/{path}", key=key, json=body)
            assert answer.status < 500, (field, value, answer.body)
            if answer.status >= 400:
                assert answer.code
                assert PASSWORD not in json.dumps(answer.body)


@pytest.mark.parametrize("path", FIELDS)
async def test_bodies_that_are_none(people: PeopleHouse, path: str) -> None:
    """Empty, cut off, deep, huge, of other types, in no encoding."""
    await people.person("ann", role="admin")
    key = (await people.signed_in("ann"))["access_token"]
    for body in BODIES:
        for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
            headers = {"Content-Type": kind}
            answer = await people.ask("POST", f"{AUTH}/{path}", key=key, data=body, headers=headers)
            assert answer.status < 500, (body[:40], kind, answer.body)
            if kind != "application/json" and path != "signing-keys/rotate":
                assert answer.status in {413, 415, 403}, (body[:40], kind, answer.body)


@pytest.mark.parametrize(
    "address",
    ["ses_x", "ses_" + "A" * 26, "*", ">", "..", "ses_" + "a" * 26 + ".x", "%00", "ses_%2e%2e"],
)
async def test_ids_that_are_none(people: PeopleHouse, address: str) -> None:
    """No subject of the log is reached by what is no id."""
    await people.person("ann")
    key = (await people.signed_in("ann"))["access_token"]
    answer = await people.ask("DELETE", f"{AUTH}/sessions/{address}", key=key)
    assert answer.status in {404, 405}, answer.body
    assert (await people.ask("GET", "/who", key=key)).status == 200
