"""The table of access, whole: every route and socket, everybody, every place, one rule.

Whatever is refused changes nothing, and no answer at all tells of a place that
is closed to who asks; what is closed is spoken of in the very words for what is
not there.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError

from services.embedded.routes import routes
from tests.http_house import TENANT, Answer
from tests.unit.access.examples import Example
from tests.unit.access.examples_of_people import EXAMPLES
from tests.unit.access.rule import Asked, Verdict, Who, verdict
from tests.unit.access.world import EVERYBODY, PLACES, Place, Things, World, house
from weir.runtime.access import Permission
from weir.runtime.http.route import Route

pytestmark = pytest.mark.asyncio(loop_scope="module")

_ID = re.compile(r"[a-z]{2,5}_[a-z2-7]{26}|there\d+|nowhere")
_NAMED = re.compile(r"{(\w+)}")
_STATUS: dict[Verdict, int] = {"unauthorized": 401, "forbidden": 403, "missing": 404}
ROUTES = sorted(
    (
        route
        for owned in routes().values()
        for route in owned
        if route.permission is not Permission.PUBLIC
    ),
    key=lambda route: (route.method != "GET", route.pattern, route.method),
)


class Case(NamedTuple):
    """A request of somebody towards what lies in a place."""

    route: Route
    example: Example
    who: Who
    place: Place | None


def name_of(route: Route) -> str:
    """As the examples have it."""
    return f"{route.method} {route.pattern}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world() -> AsyncIterator[World]:
    """Made once; what a test changes, it makes for itself."""
    async with house() as at:
        world = World(at)
        await world.fill()
        yield world


async def test_every_route_has_an_example() -> None:
    """A new route is written down here, or it is not known to be safe; one that went leaves too."""
    assert set(EXAMPLES) == {name_of(route) for route in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
async def test_a_route_answers_everybody_by_the_rule(world: World, route: Route) -> None:
    """Everybody, towards each place: allowed, refused, or answered as if it were not there."""
    example = EXAMPLES.get(name_of(route))
    assert example is not None, (
        "write down in examples_of_people.py, or beside it, how this route is asked"
    )
    asked = Asked(route.permission.value, route.by_project)
    named = "{" in route.pattern if example.named is None else example.named
    for who in EVERYBODY:
        for place in PLACES if named or example.into else (None,):
            if example.into and place is not None and place.tenant != TENANT and not place.name:
                continue
            case = Case(route, example, who, place)
            await _compare(world, case, _expected(who, asked, example, place))


def _expected(who: Who, asked: Asked, example: Example, place: Place | None) -> Verdict:
    if place is None:
        return verdict(who, asked)
    project = place.project if example.ok else None
    found = verdict(who, asked, own_tenant=place.tenant == TENANT, project=project)
    # That there are things of no project is nobody's secret.
    return "forbidden" if example.into and not place.name and found == "missing" else found


async def _compare(world: World, case: Case, expected: Verdict) -> None:
    route, example, who, place = case
    things = None if place is None else world.things[place]
    if expected == "allowed" and route.method != "GET" and place and not example.into:
        things = await world.made(place, _touched(case))  # not the same afterwards
    before = await world.written()
    answer, said = await _ask(world, case, things)
    told = f"{who.name}: {said} in {place}: {answer.status} {answer.body}"
    if expected == "allowed":
        assert answer.status in example.ok or (not example.ok and _is_past(answer.status)), told
    else:
        assert answer.status == _STATUS[expected], told
        assert await world.written_since(before) == [], told
    if expected == "missing" and not example.into:
        nothing, _ = await _ask(world, case, None)
        assert _words(answer) == _words(nothing), told
    open_to = {
        each
        for each in PLACES
        if each.tenant == TENANT
        and any(
            who.holds(permission, each.project)
            for permission in ("workflows:read", "runs:read", route.permission.value)
        )
    }
    shown = world.told(answer, said)
    assert shown <= open_to, told
    if example.lists and expected == "allowed":
        mine = {each for each in open_to if who.holds(route.permission.value, each.project)}
        assert shown == mine, told


def _touched(case: Case) -> set[str]:
    """The kinds of what the path names."""
    named = set(_NAMED.findall(case.route.pattern))
    return named - {"run_id"} | {"failed_run"} if case.example.failed else named


async def _ask(world: World, case: Case, things: Things | None) -> tuple[Answer, str]:
    """The answer, and what the request said: its path and query."""
    route, example, who, _ = case
    path = example.path(route.pattern, None if example.into else things)
    if example.upgrade:
        return await _opened(world, who, path), path
    query = dict(example.query)
    if example.into and things is not None and things.place.project:
        query["project"] = things.place.project
    rest: dict[str, Any] = {"params": query}
    if route.method != "GET" and example.body is not None:
        rest["json"] = example.sent(things)
    if route.changes:
        rest["headers"] = {"If-Match": "*"}
    if example.lists:
        query["limit"] = "200"
    answer = await world.ask(who, route.method, path, **rest)
    while example.lists and answer.status == HTTPStatus.OK and answer.body.get("next_cursor"):
        more = query | {"cursor": answer.body["next_cursor"]}
        page = await world.ask(who, route.method, path, params=more)
        page.body["items"] += answer.body["items"]
        answer = page
    return answer, path + repr(query)


async def _opened(world: World, who: Who, path: str) -> Answer:
    token = world.tokens[who.name]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with ClientSession() as session:
        try:
            async with session.ws_connect(world.house.url + path, headers=headers) as socket:
                if path.endswith("/collab"):  # what is refused is said by the code it closes with
                    said = await socket.receive(10)
                    if said.type is WSMsgType.CLOSE:
                        return Answer(said.data - 4000, {}, {"error": {"message": said.extra}})
                return Answer(101, {}, {})
        except WSServerHandshakeError as error:
            return Answer(error.status, {}, {})


def _is_past(status: int) -> bool:
    return status != HTTPStatus.UNAUTHORIZED and status < HTTPStatus.INTERNAL_SERVER_ERROR


def _words(answer: Answer) -> tuple[int, str]:
    told = {name: value for name, value in answer.body["error"].items() if name != "request_id"}
    return answer.status, _ID.sub("…", repr(told))
