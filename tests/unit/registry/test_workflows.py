"""Workflows, versions and the catalogue over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.registry.service import build
from tests.http_house import TENANT, Answer, House, house_on_memory
from weir.core.definition import SCHEMA
from weir.runtime.http import cursor as cursors

WORKFLOWS = "/api/v1/workflows"
GOOD: dict[str, Any] = {
    "schema": "weir/v1",
    "name": "Notifier",
    "settings": {"labels": {"team": "ops"}},
    "nodes": [
        {"id": "start", "type": "manual"},
        {"id": "done", "type": "output", "config": {"value": "{{ input }}"}},
    ],
    "edges": [{"source": "start", "target": "done"}],
}
BAD = GOOD | {"nodes": [{"id": "start", "type": "manual"}, {"id": "x", "type": "nonsense"}]}
YAML = """
schema: weir/v1
name: Notifier
settings: {labels: {team: ops}}
nodes:
  - {id: start, type: manual}
  - {id: done, type: output, config: {value: "{{ input }}"}}
edges:
  - {source: start, target: done}
"""


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A registry behind a server."""
    async with house_on_memory(build) as house:
        yield house


async def create(house: House, definition: dict[str, Any] = GOOD, **rest: Any) -> Answer:
    """A new workflow."""
    answer = await house.ask("POST", WORKFLOWS, json=definition, **rest)
    assert answer.status == 201, answer.body
    return answer


async def publish(house: House, workflow: str, **rest: Any) -> Answer:
    """Its draft as a version."""
    return await house.ask("POST", f"{WORKFLOWS}/{workflow}/versions", **rest)


async def items(house: House, path: str) -> list[Any]:
    """All items of a list that holds everything written so far."""
    sequence = await house.platform.registry.last_seq()
    joint = "&" if "?" in path else "?"
    answer = await house.ask("GET", f"{path}{joint}min_sequence={sequence}")
    assert answer.status == 200, answer.body
    found: list[Any] = answer.body["items"]
    return found


async def test_what_is_created_can_be_read(house: House) -> None:
    """The definition comes back as its author wrote it."""
    made = await create(house)
    read = await house.ask("GET", made.headers["Location"], key="viewer")
    assert read.status == 200
    assert read.body == made.body
    assert read.body["definition"] == GOOD
    assert read.body["problems"] == []
    assert (read.body["current_version"], read.body["labels"]) == (None, {"team": "ops"})
    assert read.headers["ETag"] == f'"{read.body["revision"]}"' == made.headers["ETag"]


async def test_yaml_is_the_same_definition(house: House) -> None:
    """However it is written."""
    answer = await house.ask(
        "POST", WORKFLOWS, data=YAML, headers={"Content-Type": "application/yaml"}
    )
    assert answer.status == 201
    assert answer.body["definition"] == GOOD


async def test_a_large_yaml_is_read_beside_the_loop(house: House) -> None:
    """Health answers while it is read."""
    node = '  - {id: n%d, type: output, config: {value: "text text text text text"}}\n'
    text = "name: big\nnodes:\n" + "".join(node % n for n in range(4_000))
    asking = asyncio.create_task(
        house.ask(
            "POST",
            f"{WORKFLOWS}/validate",
            data=text,
            headers={"Content-Type": "application/yaml"},
        )
    )
    answered = 0
    while not asking.done():
        assert (await house.ask("GET", "/health", key=None)).status == 200
        answered += 1
    assert (await asking).status == 200
    assert answered > 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "INVALID_JSON"),
        (b"[]", 422, "INVALID_REQUEST"),
        (b"{}", 422, "INVALID_REQUEST"),
        (b'{"name": ""}', 422, "INVALID_REQUEST"),
        (b'{"name": "a", "nodes": {}}', 422, "INVALID_REQUEST"),
        (b'{"name": "a", "x": "' + b"x" * 500_000 + b'"}', 413, "BODY_TOO_LARGE"),
    ],
)
async def test_what_is_no_definition_is_not_saved(
    house: House, body: bytes, status: int, code: str
) -> None:
    """A draft has at least a name and the frame of a definition."""
    answer = await house.ask(
        "POST", WORKFLOWS, data=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status, answer.code) == (status, code)
    assert await house.platform.registry.last_seq() == 0


async def test_a_draft_may_have_problems_and_a_version_may_not(house: House) -> None:
    """Saving keeps and names them, publishing refuses with the same list."""
    made = await create(house, BAD)
    problems = made.body["problems"]
    assert problems
    assert {"code", "path", "node", "message", "advice"} <= problems[0].keys()
    refused = await publish(house, made.body["id"])
    assert (refused.status, refused.code) == (422, "DEFINITION_INVALID")
    assert refused.body["error"]["details"]["errors"] == problems
    assert await items(house, f"{WORKFLOWS}/{made.body['id']}/versions") == []


async def test_validating_saves_nothing(house: House) -> None:
    """A viewer may ask."""
    good = await house.ask("POST", f"{WORKFLOWS}/validate", key="viewer", json=GOOD)
    bad = await house.ask("POST", f"{WORKFLOWS}/validate", key="viewer", json=BAD)
    assert (good.body["valid"], good.body["errors"]) == (True, [])
    assert bad.body["valid"] is False
    assert bad.body["errors"]
    assert await house.platform.registry.last_seq() == 0


async def test_the_same_key_creates_once(house: House) -> None:
    """Ten at once are one workflow; another body under the key is refused."""
    key = {"Idempotency-Key": "k"}
    answers = await asyncio.gather(*(create(house, headers=key) for _ in range(10)))
    assert len({answer.body["id"] for answer in answers}) == 1
    other = await house.ask("POST", WORKFLOWS, json=GOOD | {"name": "Other"}, headers=key)
    assert (other.status, other.code) == (409, "IDEMPOTENCY_CONFLICT")
    assert len(await items(house, WORKFLOWS)) == 1


async def test_a_change_needs_what_was_read(house: House) -> None:
    """428 without If-Match, 412 with an old one; the change moves the revision."""
    made = await create(house)
    path = f"{WORKFLOWS}/{made.body['id']}"
    changed = GOOD | {"name": "Changed", "description": "new"}
    without = await house.ask("PUT", path, json=changed)
    assert (without.status, without.code) == (428, "PRECONDITION_REQUIRED")
    right = await house.ask("PUT", path, json=changed, headers={"If-Match": made.headers["ETag"]})
    assert (right.status, right.body["name"]) == (200, "Changed")
    old = await house.ask("PUT", path, json=GOOD, headers={"If-Match": made.headers["ETag"]})
    assert (old.status, old.code) == (412, "REVISION_MISMATCH")
    assert old.body["error"]["details"]["revision"] == right.body["revision"]
    anyway = await house.ask("PUT", path, json=GOOD, headers={"If-Match": "*"})
    assert (anyway.status, anyway.body["created_at"]) == (200, made.body["created_at"])


async def test_of_two_changes_at_once_one_wins(house: House) -> None:
    """Nobody's change is lost in silence."""
    made = await create(house)
    path = f"{WORKFLOWS}/{made.body['id']}"
    match = {"If-Match": made.headers["ETag"]}
    answers = await asyncio.gather(
        *(house.ask("PUT", path, json=GOOD | {"name": f"n{n}"}, headers=match) for n in range(5))
    )
    assert sorted(answer.status for answer in answers) == [200, 412, 412, 412, 412]


async def test_what_was_written_is_read_when_asked_for(house: House) -> None:
    """A read may be a second old, but not older than the revision it names."""
    made = await create(house)
    path = f"{WORKFLOWS}/{made.body['id']}"
    await house.ask("GET", path)
    changed = await house.ask("PUT", path, json=GOOD | {"name": "New"}, headers={"If-Match": "*"})
    read = await house.ask("GET", f"{path}?min_revision={changed.body['revision']}")
    assert read.body["name"] == "New"


async def test_a_deleted_workflow_is_gone_from_everywhere_but_its_versions(house: House) -> None:
    """404 from then on, and it leaves the list."""
    made = await create(house)
    path = f"{WORKFLOWS}/{made.body['id']}"
    version = (await publish(house, made.body["id"])).body["version"]
    old = await house.ask("DELETE", path, headers={"If-Match": made.headers["ETag"]})
    assert old.status == 412
    assert (await house.ask("DELETE", path, headers={"If-Match": "*"})).status == 204
    sequence = await house.platform.registry.last_seq()
    read = await house.ask("GET", f"{path}?min_revision={sequence}")
    assert (read.status, read.code) == (404, "WORKFLOW_NOT_FOUND")
    assert await items(house, WORKFLOWS) == []
    assert (await publish(house, made.body["id"])).status == 404
    assert (await house.ask("PUT", path, json=GOOD, headers={"If-Match": "*"})).status == 404
    read = await house.ask("GET", f"{path}/versions/{version}")
    assert (read.status, read.body["current"]) == (200, False)


async def test_a_clone_is_a_draft_of_its_own(house: House) -> None:
    """With the name asked for, or the old one and "(copy)"; it has no versions."""
    made = await create(house)
    await publish(house, made.body["id"])
    path = f"{WORKFLOWS}/{made.body['id']}/clone"
    copy = await house.ask("POST", path)
    named = await house.ask("POST", path, json={"name": "Mine"})
    assert (copy.status, copy.body["name"]) == (201, "Notifier (copy)")
    assert named.body["name"] == "Mine"
    assert copy.body["current_version"] is None
    assert copy.body["definition"]["nodes"] == GOOD["nodes"]
    assert len({made.body["id"], copy.body["id"], named.body["id"]}) == 3


async def test_publishing_makes_the_version_current(house: House) -> None:
    """The version holds the definition and its frozen form and never changes."""
    made = await create(house)
    workflow = made.body["id"]
    answer = await publish(house, workflow, json={"note": "first"})
    assert (answer.status, answer.body["number"], answer.body["created"]) == (201, 1, True)
    version = answer.body["version"]
    read = await house.ask("GET", f"{WORKFLOWS}/{workflow}/versions/{version}")
    assert read.body["definition"] == GOOD
    assert read.body["frozen"]["schema"] == "weir/frozen/v1"
    assert (read.body["note"], read.body["current"]) == ("first", True)
    head = await house.ask("GET", f"{WORKFLOWS}/{workflow}?min_revision={answer.body['revision']}")
    assert (head.body["current_version"], head.body["current_number"]) == (version, 1)
    assert head.headers["ETag"] == answer.headers["ETag"]


async def test_publishing_the_same_again_changes_nothing(house: House) -> None:
    """Ten at once are one version; positions are no content."""
    workflow = (await create(house)).body["id"]
    answers = await asyncio.gather(*(publish(house, workflow) for _ in range(10)))
    assert len({answer.body["version"] for answer in answers}) == 1
    assert sum(answer.body["created"] for answer in answers) == 1
    revision = answers[0].body["revision"]
    moved = json.loads(json.dumps(GOOD))
    moved["nodes"][0]["position"] = {"x": 1, "y": 2}
    await house.ask("PUT", f"{WORKFLOWS}/{workflow}", json=moved, headers={"If-Match": "*"})
    again = await publish(house, workflow)
    assert (again.status, again.body["version"]) == (200, answers[0].body["version"])
    assert int(again.body["revision"]) > int(revision)
    assert len(await items(house, f"{WORKFLOWS}/{workflow}/versions")) == 1


async def test_an_earlier_content_can_be_current_again(house: House) -> None:
    """It keeps its number, and the next new one gets a number nobody had."""
    workflow = (await create(house)).body["id"]
    path = f"{WORKFLOWS}/{workflow}"
    numbers = []
    for name in ("Notifier", "Second", "Notifier", "Third"):
        await house.ask("PUT", path, json=GOOD | {"name": name}, headers={"If-Match": "*"})
        numbers.append((await publish(house, workflow)).body["number"])
    assert numbers == [1, 2, 1, 3]
    listed = await items(house, f"{path}/versions")
    assert [(one["number"], one["current"]) for one in listed] == [
        (3, True),
        (2, False),
        (1, False),
    ]
    current = await house.ask("GET", f"{path}/versions/current")
    assert current.body["number"] == 3


async def test_publishing_can_demand_what_was_read(house: House) -> None:
    """With If-Match nobody publishes another's draft unseen."""
    made = await create(house)
    path = f"{WORKFLOWS}/{made.body['id']}"
    await house.ask("PUT", path, json=GOOD | {"name": "Theirs"}, headers={"If-Match": "*"})
    answer = await publish(house, made.body["id"], headers={"If-Match": made.headers["ETag"]})
    assert (answer.status, answer.code) == (412, "REVISION_MISMATCH")


async def test_versions_are_of_one_workflow(house: House) -> None:
    """The same content in another workflow is another version."""
    first = (await create(house)).body["id"]
    second = (await create(house)).body["id"]
    one = (await publish(house, first)).body["version"]
    two = (await publish(house, second)).body["version"]
    assert one != two
    for version in (two, "ver_" + "a" * 26, "a.b", "*"):
        answer = await house.ask("GET", f"{WORKFLOWS}/{first}/versions/{version}")
        assert (answer.status, answer.code) == (404, "VERSION_NOT_FOUND")


async def test_lists_are_paged_filtered_and_ordered(house: House) -> None:
    """Every item once, whatever the page's size."""
    for n in range(7):
        labels = {"settings": {"labels": {"odd": str(n % 2)}}}
        await create(house, GOOD | {"name": f"W{n}"} | labels)
    sequence = await house.platform.registry.last_seq()
    for sort, expected in (("name", range(7)), ("-name", reversed(range(7)))):
        found: list[str] = []
        path = f"{WORKFLOWS}?sort={sort}&limit=3&min_sequence={sequence}"
        cursor: str | None = ""
        pages = 0
        while cursor is not None:
            answer = await house.ask("GET", path + (f"&cursor={cursor}" if cursor else ""))
            found += [one["name"] for one in answer.body["items"]]
            cursor = answer.body["next_cursor"]
            pages += 1
        assert found == [f"W{n}" for n in expected]
        assert pages == 3
    assert len(await items(house, f"{WORKFLOWS}?label.odd=1")) == 3
    assert [one["name"] for one in await items(house, f"{WORKFLOWS}?name=w3")] == ["W3"]
    assert "definition" not in (await items(house, WORKFLOWS))[0]


async def test_a_cursor_of_another_list_is_refused(house: House) -> None:
    """Also one that was changed, or that is none."""
    for n in range(3):
        await create(house, GOOD | {"name": f"W{n}"})
    sequence = await house.platform.registry.last_seq()
    first = await house.ask("GET", f"{WORKFLOWS}?limit=1&min_sequence={sequence}")
    cursor = first.body["next_cursor"]
    for query in (
        f"sort=name&cursor={cursor}",
        f"cursor={cursor[:-2]}AA",
        "cursor=x",
        "cursor=%F0%9F%98%80",
        "cursor=" + "A" * 3_000,
    ):
        answer = await house.ask("GET", f"{WORKFLOWS}?limit=1&{query}")
        assert (answer.status, answer.code) == (400, "INVALID_PARAMETER"), query
    scope = [TENANT, WORKFLOWS, []]
    for position in ([], [1], ["a", 1], [None, "a"], [[], {}], ["a", "b", "c"]):
        made_up = cursors.write(scope, position)
        answer = await house.ask("GET", f"{WORKFLOWS}?cursor={made_up}")
        assert (answer.status, answer.code) == (400, "INVALID_PARAMETER"), position
    for query in ("sort=x", "label=a"):
        assert (await house.ask("GET", f"{WORKFLOWS}?{query}")).status == 400


async def test_a_list_waits_for_a_sequence_no_longer_than_promised(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with a code of its own when it does not come."""
    monkeypatch.setattr("services.registry.index.PATIENCE_S", 0.05)
    answer = await house.ask("GET", f"{WORKFLOWS}?min_sequence=999")
    assert (answer.status, answer.code) == (503, "VIEWS_BEHIND")


async def test_viewers_and_operators_change_nothing(house: House) -> None:
    """They read."""
    made = await create(house)
    path = f"{WORKFLOWS}/{made.body['id']}"
    for role in ("viewer", "operator"):
        assert (await house.ask("GET", path, key=role)).status == 200
        for method, where in (
            ("POST", WORKFLOWS),
            ("PUT", path),
            ("DELETE", path),
            ("POST", f"{path}/versions"),
            ("POST", f"{path}/clone"),
        ):
            answer = await house.ask(method, where, key=role, json=GOOD)
            assert (answer.status, answer.code) == (403, "FORBIDDEN")


async def test_a_registry_that_starts_again_shows_the_same(house: House) -> None:
    """The index follows from the log."""
    workflow = (await create(house)).body["id"]
    await publish(house, workflow)
    await house.ask(
        "POST",
        "/api/v1/credentials",
        json={"name": "a", "type": "http", "fields": {"token": "x"}},
    )
    paths = (WORKFLOWS, f"{WORKFLOWS}/{workflow}/versions", "/api/v1/credentials")
    before = [await items(house, path) for path in paths]
    again = House(house.platform, [build(house.platform)])
    async with again:
        assert [await items(again, path) for path in paths] == before


async def test_the_schema_of_definitions_is_published(house: House) -> None:
    """The one that publishing checks by."""
    answer = await house.ask("GET", "/api/v1/schemas/definition", key="viewer")
    assert answer.body == SCHEMA


async def test_the_catalogue_tells_every_type(house: House) -> None:
    """With the schema of its configuration."""
    listed = await house.ask("GET", "/api/v1/nodes", key="viewer")
    types = {one["type"]: one for one in listed.body["items"]}
    assert {"webhook", "manual", "set", "if", "http_request"} <= types.keys()
    one = await house.ask("GET", "/api/v1/nodes/if", key="viewer")
    assert one.body == types["if"]
    assert one.body["config_schema"]["type"] == "object"
    missing = await house.ask("GET", "/api/v1/nodes/nonsense")
    assert (missing.status, missing.code) == (404, "NODE_TYPE_NOT_FOUND")
