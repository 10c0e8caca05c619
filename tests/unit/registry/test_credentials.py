"""Credentials: in, sealed, never out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest

from services.registry.service import build
from tests.http_house import TENANT, House, house_on_memory
from weir.contract import subjects
from weir.contract.messages import CredentialSaved, RegistryRecord
from weir.ports.secrets import Place, Sealed

PATH = "/api/v1/credentials"
GIVEN = {"name": "db", "type": "postgres", "fields": {"dsn": "postgresql://u:p4ss@h/d"}}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A registry behind a server."""
    async with house_on_memory(build) as house:
        yield house


async def saved(house: House) -> CredentialSaved:
    """The credential as it lies in the log."""
    stored = await house.platform.registry.last(subjects.credential(TENANT, "db"))
    assert stored is not None
    found = RegistryRecord.model_validate_json(stored.data).credential_saved
    assert found is not None
    return found


async def opened(house: House) -> object:
    """What an executor finds in it."""
    kept = await saved(house)
    place = Place(TENANT, kept.credential_id, kept.name)
    return orjson.loads(await house.platform.secrets.open(Sealed(kept.key_id, kept.sealed), place))


async def test_a_credential_is_sealed_and_can_be_opened_by_its_place(house: House) -> None:
    """Neither the log nor any answer holds what is in it."""
    made = await house.ask("POST", PATH, json=GIVEN)
    assert made.status == 201
    assert made.body.keys() == {"id", "name", "type", "created_at", "updated_at", "revision"}
    assert await opened(house) == GIVEN["fields"]
    reading = house.platform.registry.read("registry.>")
    assert b"p4ss" not in b"".join([one.data async for batch in reading for one in batch])


async def test_names_are_unique(house: House) -> None:
    """The second is refused; the repetition of the first by its key is not."""
    key = {"Idempotency-Key": "k"}
    first = await house.ask("POST", PATH, json=GIVEN, headers=key)
    again = await house.ask("POST", PATH, json=GIVEN, headers=key)
    other = await house.ask("POST", PATH, json=GIVEN)
    assert again.body == first.body
    assert (other.status, other.code) == (409, "CREDENTIAL_EXISTS")


async def test_of_many_at_once_one_is_made(house: House) -> None:
    """All others are told."""
    answers = await asyncio.gather(*(house.ask("POST", PATH, json=GIVEN) for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409, 409]


async def test_a_change_replaces_all_fields(house: House) -> None:
    """Guarded like every change, and sealed for the same place."""
    made = await house.ask("POST", PATH, json=GIVEN)
    fields = {"fields": {"token": "t"}}
    assert (await house.ask("PUT", f"{PATH}/db", json=fields)).status == 428
    changed = await house.ask(
        "PUT", f"{PATH}/db", json=fields, headers={"If-Match": made.headers["ETag"]}
    )
    assert (changed.status, changed.body["type"]) == (200, "postgres")
    assert changed.body["id"] == made.body["id"]
    assert await opened(house) == {"token": "t"}


async def test_a_deleted_credential_can_be_made_anew(house: House) -> None:
    """Under a new id, so that what was sealed for the old one opens no more."""
    made = await house.ask("POST", PATH, json=GIVEN)
    gone = await house.ask("DELETE", f"{PATH}/db", headers={"If-Match": "*"})
    assert gone.status == 204
    missing = await house.ask(
        "PUT", f"{PATH}/db", json={"fields": {"a": "b"}}, headers={"If-Match": "*"}
    )
    assert (missing.status, missing.code) == (404, "CREDENTIAL_NOT_FOUND")
    anew = await house.ask("POST", PATH, json=GIVEN)
    assert anew.status == 201
    assert anew.body["id"] != made.body["id"]


async def test_only_those_who_may_manage_them_see_even_their_names(house: House) -> None:
    """Viewers and operators do not."""
    await house.ask("POST", PATH, json=GIVEN, key="editor")
    sequence = await house.platform.registry.last_seq()
    listed = await house.ask("GET", f"{PATH}?min_sequence={sequence}", key="editor")
    assert [one["name"] for one in listed.body["items"]] == ["db"]
    for role in ("viewer", "operator"):
        assert (await house.ask("GET", PATH, key=role)).status == 403
        assert (await house.ask("POST", PATH, key=role, json=GIVEN)).status == 403


@pytest.mark.parametrize("name", ["A", "a.b", "a-b", "", "a" * 64, "*"])
async def test_a_name_is_what_definitions_can_write(house: House, name: str) -> None:
    """Others are refused, and nothing is found under them."""
    answer = await house.ask("POST", PATH, json=GIVEN | {"name": name})
    assert (answer.status, answer.code) == (422, "INVALID_REQUEST")
    if name:
        assert (await house.ask("GET", f"{PATH}/{name}")).status == 404


async def test_a_refused_credential_is_not_quoted(house: House) -> None:
    """What was sent as a secret does not come back in the refusal."""
    answer = await house.ask("POST", PATH, json=GIVEN | {"fields": {"A b": "s3cr3t", "c": 7}})
    assert answer.status == 422
    assert "s3cr3t" not in str(answer.body)
