"""The pages for people: which request gets which file, and what browsers are told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.http_house import House, house_on_memory
from weir.runtime.http import app
from weir.runtime.http.headers import PAGE_POLICY

GOES = {"Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
SCRIPT = "console.log(1)\n" * 100
FILES = {
    "index.html": "<!doctype html><title>Weir</title>",
    "theme.js": "// theme",
    "assets/index-abc123.js": SCRIPT,
    "assets/index-abc123.js.br": "as brotli",
    "assets/index-abc123.js.gz": "as gzip",
}


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """An installation whose pages are built."""
    for name, text in FILES.items():
        file = tmp_path / "page" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(app, "BUILT", tmp_path / "page")
    async with house_on_memory() as house:
        yield house


@pytest.mark.parametrize("path", ["/", "/workflows", "/runs/run_1?step=a", "/index.html"])
async def test_where_a_person_goes_the_document_answers(house: House, path: str) -> None:
    """Every address that somebody goes to shows the pages, under their policy, and anew."""
    answer = await house.ask("GET", path, key=None, headers=GOES)
    assert (answer.status, answer.body.decode()) == (200, FILES["index.html"])
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == PAGE_POLICY
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/v1/nothing", GOES),
        ("/hooks/nothing/below", GOES),
        ("/assets/gone-123.js", GOES),
        ("/workflows", {"Sec-Fetch-Mode": "cors", "Accept": "*/*"}),
        ("/workflows", {"Accept": "application/json"}),
        ("/../secret.txt", {}),
        ("/%2e%2e/secret.txt", {}),
        ("/assets/index-abc123.js.br", {}),
    ],
)
async def test_what_is_no_page_is_refused_as_ever(
    house: House, path: str, headers: dict[str, str]
) -> None:
    """Programs, misspelt routes and what lies elsewhere get the refusal, not the document."""
    answer = await house.ask("GET", path, key=None, headers=headers)
    assert (answer.status, answer.body["error"]["code"]) == (404, "ROUTE_NOT_FOUND")


async def test_a_page_is_read_only(house: House) -> None:
    """Nothing is sent to where a page is."""
    answer = await house.ask("POST", "/workflows", key=None, headers=GOES)
    assert answer.status == 404


@pytest.mark.parametrize(
    ("accepts", "encoding", "body"),
    [
        ("gzip, deflate, br, zstd", "br", "as brotli"),
        ("gzip", "gzip", "as gzip"),
        ("br;q=0, gzip;q=0.5", "gzip", "as gzip"),
        ("identity", None, SCRIPT),
    ],
)
async def test_a_file_comes_as_the_browser_takes_it(
    house: House, accepts: str, encoding: str | None, body: str
) -> None:
    """What was compressed when it was built is answered so, and kept for good."""
    async with ClientSession(auto_decompress=False) as session:
        answer = await session.get(
            f"{house.url}/assets/index-abc123.js", headers={"Accept-Encoding": accepts}
        )
        assert await answer.text() == body
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Vary"] == "Accept-Encoding"


async def test_what_a_browser_has_is_not_sent_again(house: House) -> None:
    """The same document is answered by a line."""
    first = await house.ask("GET", "/", key=None, headers=GOES)
    again = {**GOES, "If-None-Match": first.headers["ETag"]}
    second = await house.ask("GET", "/", key=None, headers=again)
    assert (second.status, second.body) == (304, b"")


async def test_a_head_has_no_body(house: House) -> None:
    """HEAD tells the size alone."""
    answer = await house.ask("HEAD", "/theme.js", key=None)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(FILES["theme.js"]))


async def test_without_pages_everything_else_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where they are not built, the API is there and the address is none."""
    monkeypatch.setattr(app, "BUILT", tmp_path / "nothing")
    async with house_on_memory() as house:
        assert (await house.ask("GET", "/", key=None, headers=GOES)).status == 404
        assert (await house.ask("GET", "/health", key=None)).status == 200
