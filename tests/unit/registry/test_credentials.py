"""Credentials: in, sealed, never out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from services.registry.service import build
from services.registry.usage import named
from tests.http_house import TENANT, House, house_on_memory
from tests.waiting import eventually
from weir.contract import codec, subjects
from weir.contract.messages import CredentialSaved, IdentityRecord, ProjectSaved, RegistryRecord
from weir.ports.log import Append
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
    place = Place(TENANT, kept.credential_id, kept.name, kept.version)
    return orjson.loads(await house.platform.secrets.open(Sealed(kept.key_id, kept.sealed), place))


async def test_a_credential_is_sealed_and_can_be_opened_by_its_place(house: House) -> None:
    """Neither the log nor any answer holds what is in it."""
    made = await house.ask("POST", PATH, json=GIVEN)
    assert made.status == 201
    assert made.body.keys() == {
        *("id", "name", "type", "projects", "grant", "created_at", "updated_at", "revision")
    }
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
    fields = {"fields": {"dsn": "postgresql://u:n3w@h/d"}}
    assert (await house.ask("PUT", f"{PATH}/db", json=fields)).status == 428
    changed = await house.ask(
        "PUT", f"{PATH}/db", json=fields, headers={"If-Match": made.headers["ETag"]}
    )
    assert (changed.status, changed.body["type"]) == (200, "postgres")
    assert changed.body["id"] == made.body["id"]
    assert await opened(house) == fields["fields"]
    assert (await saved(house)).version == 2


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


async def test_fields_are_held_against_the_type(house: House) -> None:
    """Every place that does not fit is named; unknown types are refused."""
    wrong = GIVEN | {"type": "basic", "fields": {"username": "a:b", "token": "s3cr3t"}}
    answer = await house.ask("POST", PATH, json=wrong)
    assert (answer.status, answer.code) == (422, "CREDENTIAL_INVALID")
    places = {one["path"] for one in answer.body["error"]["details"]["errors"]}
    assert places == {"fields.username", "fields.password", "fields.token"}
    assert "s3cr3t" not in str(answer.body)
    unknown = await house.ask("POST", PATH, json=GIVEN | {"type": "telnet"})
    assert (unknown.status, unknown.code) == (422, "CREDENTIAL_INVALID")
    assert (await house.ask("POST", PATH, json=GIVEN | {"type": "custom"})).status == 201


async def test_what_was_saved_without_a_known_type_stays(house: House) -> None:
    """It is listed, takes new fields as before, and can be given a type."""
    secrets = house.platform.secrets
    sealed = await secrets.seal(orjson.dumps({"a": "b"}), Place(TENANT, "cred_x", "db"))
    kind = CredentialSaved(
        credential_id="cred_x", name="db", type="thing", sealed=sealed.data, key_id=sealed.key_id,
        created_at="2026-01-01T00:00:00Z",
    )  # fmt: skip
    await house.record(subjects.credential(TENANT, "db"), kind)
    assert (await house.ask("GET", f"{PATH}/db")).body["type"] == "thing"
    any_revision = {"If-Match": "*"}
    changed = await house.ask(
        "PUT", f"{PATH}/db", json={"fields": {"c": "d"}}, headers=any_revision
    )
    assert changed.body["type"] == "thing"
    assert await opened(house) == {"c": "d"}
    typed = {"type": "bearer", "fields": {"token": "t"}}
    changed = await house.ask("PUT", f"{PATH}/db", json=typed, headers=any_revision)
    assert changed.body["type"] == "bearer"
    untyped = {"fields": {"c": "d"}}
    refused = await house.ask("PUT", f"{PATH}/db", json=untyped, headers=any_revision)
    assert refused.code == "CREDENTIAL_INVALID"


async def test_types_are_listed_for_forms(house: House) -> None:
    """For everybody who may see workflows."""
    listed = await house.ask("GET", "/api/v1/credential-types", key="viewer")
    types = {one["type"]: one for one in listed.body["items"]}
    assert {"basic", "bearer", "api_key", "oauth2", "postgres", "smtp", "aws", "custom"} <= set(
        types
    )
    assert types["basic"]["fields"]["properties"]["password"]["x-secret"] is True
    assert types["basic"]["secret_fields"] == ["password"]


async def test_projects_of_a_credential_must_be_there(house: House) -> None:
    """And can be changed without giving the fields again."""
    missing = "prj_" + "a" * 26
    answer = await house.ask("POST", PATH, json=GIVEN | {"projects": [missing]})
    assert (answer.status, answer.code) == (404, "PROJECT_NOT_FOUND")
    await house.ask("POST", PATH, json=GIVEN)
    before = await saved(house)
    any_revision = {"If-Match": "*"}
    nothing = await house.ask("PUT", f"{PATH}/db", json={}, headers=any_revision)
    assert nothing.status == 422
    project = await made_project(house)
    changed = await house.ask(
        "PUT", f"{PATH}/db", json={"projects": [project, project]}, headers=any_revision
    )
    assert changed.body["projects"] == [project]
    after = await saved(house)
    assert (after.sealed, after.version) == (before.sealed, before.version)


async def made_project(house: House) -> str:
    """A project of the tenant."""
    project = house.platform.clock.new_id("prj")
    made = ProjectSaved(
        project_id=project, tenant=TENANT, name="P", created_at="2026-01-01T00:00:00Z"
    )
    record = IdentityRecord.of(made, id="idr", at="2026-01-01T00:00:00Z", by="test")
    subject = subjects.project(TENANT, project)
    await house.platform.identity.append(Append(subject, codec.encode(record)))
    return project


def definition(text: str) -> dict[str, Any]:
    """A workflow that names credentials."""
    call = {"id": "call", "type": "http_request", "config": {"url": "https://a", "auth": text}}
    return {
        "schema": "weir/v1",
        "name": "Calls",
        "nodes": [{"id": "start", "type": "manual"}, call],
        "edges": [{"source": "start", "target": "call"}],
    }


async def test_a_used_credential_is_not_deleted_by_accident(house: House) -> None:
    """Who names it in a draft or the current version is told; force deletes all the same."""
    await house.ask("POST", PATH, json=GIVEN)
    made = await house.ask("POST", "/api/v1/workflows", json=definition("{{ credentials.db.dsn }}"))
    workflow = f"/api/v1/workflows/{made.body['id']}"
    assert (await house.ask("POST", f"{workflow}/versions", json={})).status == 201
    draft = definition("{{ credentials.other }}")
    any_revision = {"If-Match": "*"}
    saved_draft = await house.ask("PUT", workflow, json=draft, headers=any_revision)
    sequence = saved_draft.headers["Weir-Sequence"]
    usage = await house.ask("GET", f"{PATH}/db/usage?min_sequence={sequence}")
    assert usage.body["items"] == [
        {
            "workflow_id": made.body["id"],
            "name": "Calls",
            "project": "",
            "in_draft": False,
            "in_current": True,
        }
    ]
    refused = await house.ask("DELETE", f"{PATH}/db", headers=any_revision)
    assert (refused.status, refused.code) == (409, "CREDENTIAL_IN_USE")
    assert refused.body["error"]["details"]["count"] == 1
    stale = await house.ask("DELETE", f"{PATH}/db?force=true", headers={"If-Match": '"999"'})
    assert stale.status == 412
    gone = await house.ask("DELETE", f"{PATH}/db?force=true", headers=any_revision)
    assert gone.status == 204
    assert (await house.ask("GET", f"{PATH}/db/usage")).status == 404


async def test_a_workflow_names_only_credentials_of_its_project(house: House) -> None:
    """At publish; one without projects is for all."""
    project = await made_project(house)
    await house.ask("POST", PATH, json=GIVEN | {"projects": [project]})
    text = definition("{{ credentials.db }}")
    outside = await house.ask("POST", "/api/v1/workflows", json=text)
    inside = await house.ask("POST", f"/api/v1/workflows?project={project}", json=text)
    refused = await house.ask("POST", f"/api/v1/workflows/{outside.body['id']}/versions", json={})
    assert (refused.status, refused.code) == (403, "CREDENTIAL_FORBIDDEN")
    assert refused.body["error"]["details"]["credentials"] == ["db"]
    taken = await house.ask("POST", f"/api/v1/workflows/{inside.body['id']}/versions", json={})
    assert taken.status == 201
    any_revision = {"If-Match": "*"}
    await house.ask("PUT", f"{PATH}/db", json={"projects": []}, headers=any_revision)

    async def free() -> bool:
        path = f"/api/v1/workflows/{outside.body['id']}/versions"
        return bool((await house.ask("POST", path, json={})).status == 201)

    await eventually(free)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ({"nodes": [{"config": {"auth": "{{ credentials.a.b }}"}}]}, {"a"}),
        ({"nodes": [{"type": "webhook_post", "config": {"credential": "b"}}]}, {"b"}),
        ({"nodes": [{"type": "webhook_post", "config": None}, 7, None]}, set()),
        ({"settings": {"callback": {"credential": "c"}}, "nodes": "x"}, {"c"}),
        (
            {"nodes": [{"config": {"x": [{"y": "{{credentials.d}} {{ credentials.e }}"}]}}]},
            {"d", "e"},
        ),
        ([], set()),
        (None, set()),
    ],
)
def test_names_are_found_wherever_a_definition_has_them(text: Any, names: set[str]) -> None:
    """Whatever its author wrote around them."""
    assert named(text) == names
