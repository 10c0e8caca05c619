"""The pages for people, as `make frontend` built them: files answered as they lie there.

Whatever has its content's hash in its name is kept by browsers for good, the rest is asked for
again each time and answered in a line if it is the same. Texts lie there compressed already. An
address that a person goes to and no route or file has is one of the pages': the one document is
answered, and its script shows the rest. The policy allows no script or style of anywhere else.
"""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from aiohttp import hdrs, web
from multidict import CIMultiDict

import weir
from weir.runtime.http.headers import page_headers

BUILT = Path(weir.__file__).parent / "page"
DOCUMENT = "index.html"
_HASHED = "assets/"
_OURS = ("/api/", "/hooks/", "/.well-known/")
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_PACKED = tuple(ending for _, ending in _ENCODINGS)
_TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
_TEXTS = ("text/", "image/svg", "application/json")


@dataclass(frozen=True, slots=True)
class _Content:
    body: bytes
    tag: str


class Pages:
    """Answers from one directory; a file is read once, when it is first asked for."""

    def __init__(self, directory: Path, *, https: bool) -> None:
        self._directory = directory
        self._headers = page_headers(https=https)
        self._read: dict[str, _Content] = {}

    @cached_property
    def _names(self) -> frozenset[str]:
        """What lay there at first: only that is answered, no path of a request leads to a file."""
        return frozenset(
            found.relative_to(self._directory).as_posix()
            for found in self._directory.rglob("*")
            if found.is_file()
        )

    @property
    def built(self) -> bool:
        """Whether there are any."""
        return DOCUMENT in self._names

    async def answer(self, request: web.BaseRequest) -> web.Response | None:
        """The answer to a request that no route takes; None if it is for no page either."""
        if request.method not in {hdrs.METH_GET, hdrs.METH_HEAD}:
            return None
        name = request.rel_url.path.lstrip("/")
        if name not in self._names or name.endswith(_PACKED):
            if not self.built or not _goes_there(request):
                return None
            name = DOCUMENT
        encoding, ending = self._encoding(request, name)
        try:
            content = await self._content(name + ending)
        except FileNotFoundError:  # built anew since the start: what is asked for is gone
            return None
        headers = CIMultiDict(self._headers)
        headers[hdrs.ETAG] = content.tag
        headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
        lasting = name.startswith(_HASHED)
        headers[hdrs.CACHE_CONTROL] = (
            "public, max-age=31536000, immutable" if lasting else "no-cache"
        )
        if content.tag in request.headers.get(hdrs.IF_NONE_MATCH, ""):
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        headers[hdrs.CONTENT_TYPE] = _type(name)
        if encoding:
            headers[hdrs.CONTENT_ENCODING] = encoding
        return web.Response(body=content.body, headers=headers)

    def _encoding(self, request: web.BaseRequest, name: str) -> tuple[str, str]:
        accepted = _accepted(request.headers.get(hdrs.ACCEPT_ENCODING, ""))
        for encoding, ending in _ENCODINGS:
            if accepted.get(encoding, False) and name + ending in self._names:
                return encoding, ending
        return "", ""

    async def _content(self, name: str) -> _Content:
        found = self._read.get(name)
        if found is None:
            body = await asyncio.to_thread((self._directory / name).read_bytes)
            found = _Content(body, f'"{sha256(body).hexdigest()[:24]}"')
            self._read[name] = found
        return found


def _goes_there(request: web.BaseRequest) -> bool:
    """Whether a person's browser goes to this address, and it may be a page's."""
    path = request.rel_url.path
    if path.startswith(_OURS) or path.startswith(f"/{_HASHED}"):
        return False
    mode = request.headers.get("Sec-Fetch-Mode")
    if mode is not None:
        return mode == "navigate"
    return "text/html" in request.headers.get(hdrs.ACCEPT, "")


def _accepted(header: str) -> Mapping[str, bool]:
    """Which encodings a caller takes."""
    found: dict[str, bool] = {}
    for part in header.split(","):
        name, _, quality = part.strip().partition(";")
        found[name.strip().lower()] = quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00"}
    return found


def _type(name: str) -> str:
    known = _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0]
    media_type = known or "application/octet-stream"
    return f"{media_type}; charset=utf-8" if media_type.startswith(_TEXTS) else media_type
