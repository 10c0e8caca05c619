"""Signed-in browsers: cookies that other sites' pages gain nothing by."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError

from tests.unit.identity.people_house import AUTH, PASSWORD, Page, PeopleHouse, people_house
from tests.waiting import within
from weir.runtime.http.browser import csrf_value

SECURE = "https://weir.example.com"


@pytest.fixture
async def page(people: PeopleHouse) -> Page:
    """A page whose person is signed in."""
    await people.person("ann")
    page = Page(people)
    assert (await page.login("ann")).status == 200
    return page


@pytest.fixture
async def secure(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PeopleHouse]:
    """An installation that is reached by https."""
    async with people_house(monkeypatch, public_url=SECURE) as house:
        await house.person("ann")
        yield house


async def test_a_page_never_sees_a_token(people: PeopleHouse, page: Page) -> None:
    """They lie in cookies that scripts cannot read; a program gets no cookie at all."""
    answer = await page.login("ann")
    assert not {"access_token", "refresh_token"} & set(answer.body)
    assert answer.body["csrf"] == page.cookies["weir-csrf"]
    program = await people.login("ann")
    assert "Set-Cookie" not in program.headers
    assert "csrf" not in program.body


async def test_cookies_are_bound_as_tightly_as_they_can_be(page: Page) -> None:
    """Lax for what a link may open, strict for the rest; the refresh token goes to its route."""
    access, csrf, refresh = page.set[:3]
    assert access.startswith("weir=ey")
    assert access.endswith("; Path=/; Max-Age=900; SameSite=Lax; HttpOnly")
    assert csrf.endswith("; Path=/; Max-Age=900; SameSite=Strict")
    assert refresh.startswith("weir-refresh=wrt_")
    assert "; Path=/api/v1/auth/refresh; Max-Age=86" in refresh
    assert refresh.endswith("; SameSite=Strict; HttpOnly")


async def test_with_https_they_are_bound_to_the_host(secure: PeopleHouse) -> None:
    """By their names, which no other host and no plain connection can set."""
    page = Page(secure, secure=True)
    answer = await page.ask(
        "POST",
        f"{AUTH}/login",
        json={"email": "ann@acme.example", "password": PASSWORD},
        headers={"Origin": SECURE},
    )
    assert answer.status == 200, answer.body
    assert set(page.cookies) == {"__Host-weir", "__Host-weir-csrf", "__Secure-weir-refresh"}
    assert all(header.endswith("; Secure") for header in page.set)
    own = {"Origin": SECURE}
    assert (await page.ask("POST", "/change", headers=own)).status == 200
    plain = await page.ask("POST", "/change", headers={"Origin": SECURE.replace("s:", ":")})
    assert plain.code == "CSRF_REFUSED"
    page.cookies = {"weir": page.cookies["__Host-weir"]}
    assert (await page.ask("GET", "/who")).status == 401


async def test_a_page_reads_and_changes(page: Page) -> None:
    """Ours does, with the value that it read from its own cookie."""
    assert (await page.ask("GET", "/who")).status == 200
    assert (await page.ask("POST", "/change")).status == 200


FOREIGN: dict[str, Mapping[str, str]] = {
    "another site": {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    "another site that hides it": {"Origin": "null", "Sec-Fetch-Site": ""},
    "another origin on our site": {"Sec-Fetch-Site": "same-site"},
    "nobody": {"Origin": "", "Sec-Fetch-Site": ""},
    "a bookmark": {"Origin": "", "Sec-Fetch-Site": "none"},
    "an origin that only begins like ours": {"Origin": "http://127.0.0.1.evil.example"},
    "no value": {"X-Weir-CSRF": ""},
    "a guessed value": {"X-Weir-CSRF": "a" * 44},
    "another session's value": {"X-Weir-CSRF": csrf_value("another token")},
    "a value that is no text": {"X-Weir-CSRF": "\udcff"},
}


@pytest.mark.parametrize("who", FOREIGN)
async def test_no_other_page_changes_anything(page: Page, who: str) -> None:
    """Though the browser sent the cookie along."""
    answer = await page.ask("POST", "/change", headers=FOREIGN[who])
    assert (answer.status, answer.code) == (403, "CSRF_REFUSED")


async def test_two_values_are_none(people: PeopleHouse, page: Page) -> None:
    """Of what came twice nobody knows which was meant."""
    cookies = "; ".join(f"{name}={value}" for name, value in page.cookies.items())
    csrf = page.cookies["weir-csrf"]
    sent = [("Origin", people.url), ("Cookie", cookies), ("X-Weir-CSRF", csrf)]
    async with people._session.post(f"{people.url}/change", headers=sent) as once:
        assert once.status == 200
    twice = [*sent, ("X-Weir-CSRF", csrf)]
    async with people._session.post(f"{people.url}/change", headers=twice) as answer:
        assert answer.status == 403
    origins = [*sent, ("Origin", "https://evil.example")]
    async with people._session.post(f"{people.url}/change", headers=origins) as answer:
        assert answer.status == 403


async def test_a_cookie_that_came_twice_is_none(people: PeopleHouse, page: Page) -> None:
    """Another host of the domain may have set the second: nobody is signed in by either."""
    cookie = f"weir={page.cookies['weir']}; weir=other"
    assert (await people.ask("GET", "/who", key=None, headers={"Cookie": cookie})).status == 401
    quoted = f"weirx={page.cookies['weir']}"
    assert (await people.ask("GET", "/who", key=None, headers={"Cookie": quoted})).status == 401


async def test_the_header_counts_alone(people: PeopleHouse, page: Page) -> None:
    """A cookie beside it neither helps a wrong key nor hinders a right one."""
    cookie = f"weir={page.cookies['weir']}"
    wrong = {"Cookie": cookie, "Authorization": "Bearer nonsense"}
    assert (await people.ask("GET", "/who", key=None, headers=wrong)).status == 401
    empty = {"Cookie": cookie, "Authorization": ""}
    assert (await people.ask("GET", "/who", key=None, headers=empty)).status == 401
    right = await people.ask("POST", "/change", key="admin", headers={"Cookie": cookie})
    assert (right.status, right.body["session"]) == (200, "")


async def test_two_headers_are_none(people: PeopleHouse) -> None:
    """Even if they say the same."""
    key = f"Bearer {people.keys['admin']}"
    sent = [("Authorization", key), ("Authorization", key)]
    async with people._session.get(f"{people.url}/who", headers=sent) as answer:
        assert answer.status in {400, 401}


async def test_a_refresh_token_in_the_place_of_an_access_token_is_none(page: Page) -> None:
    """Each counts where it belongs."""
    page.cookies["weir"] = page.cookies["weir-refresh"]
    assert (await page.ask("GET", "/who")).status == 401


async def test_a_page_renews_by_its_cookie(page: Page) -> None:
    """And gets a new value to show with what it changes; the old one is over."""
    before = dict(page.cookies)
    page.house.clock.later_ms = 2_000
    assert (await page.ask("POST", f"{AUTH}/refresh")).status == 200
    assert all(page.cookies[name] != value for name, value in before.items())
    assert (await page.ask("POST", "/change")).status == 200
    stale = await page.ask("POST", "/change", headers={"X-Weir-CSRF": before["weir-csrf"]})
    assert stale.code == "CSRF_REFUSED"


@pytest.mark.parametrize("path", ["login", "refresh", "invitations/accept"])
async def test_no_other_page_signs_anybody_in(page: Page, path: str) -> None:
    """Nor renews: whoever is signed in without knowing works for somebody else."""
    body = {"email": "ann@acme.example", "password": PASSWORD}
    answer = await page.ask("POST", f"{AUTH}/{path}", json=body, headers=FOREIGN["another site"])
    assert (answer.status, answer.code) == (403, "ORIGIN_FORBIDDEN")
    assert not answer.headers.getall("Set-Cookie", [])  # type: ignore[attr-defined]


async def test_signing_out_removes_the_cookies(page: Page) -> None:
    """All of them, and the session is over."""
    kept = dict(page.cookies)
    assert (await page.ask("POST", f"{AUTH}/logout")).status == 204
    assert page.cookies == {}
    page.cookies = kept
    assert (await page.ask("POST", f"{AUTH}/refresh")).status == 401


async def test_a_socket_by_cookie_needs_a_page_of_ours(people: PeopleHouse, page: Page) -> None:
    """Its Origin must be there and be ours: browsers ask nobody before they open one."""
    cookie = f"weir={page.cookies['weir']}"
    async with ClientSession() as client:
        for origin in (None, "https://evil.example", "null"):
            sent = {"Cookie": cookie} | ({"Origin": origin} if origin else {})
            with pytest.raises(WSServerHandshakeError) as refused:
                await client.ws_connect(f"{people.url}/s", headers=sent)
            assert refused.value.status == 403
        sent = {"Cookie": cookie, "Origin": people.url}
        ws = await client.ws_connect(f"{people.url}/s", headers=sent)
        message = await within(ws.receive())
        assert (message.type, message.data) == (WSMsgType.TEXT, "begun")
        await ws.close()


async def test_an_upgrade_header_opens_no_other_door(people: PeopleHouse, page: Page) -> None:
    """A request that only claims to be a socket shows what any other has to."""
    headers = {"Upgrade": "websocket", "X-Weir-CSRF": "", "Connection": "upgrade"}
    answer = await page.ask("POST", "/change", headers=headers)
    assert answer.status == 403
