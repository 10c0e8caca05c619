"""Editors that share no code with the platform: y-websocket on Node, and y-py.

`make editor` installs the first; without Node or without that its tests are skipped.
"""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc

from weir.core.drafts.reading import read
from weir.core.drafts.shape import ROOTS, root

HERE = Path(__file__).parent / "editor"
NODE = shutil.which("node")
INSTALLED = NODE is not None and (HERE / "node_modules" / "y-websocket").is_dir()
needs_editor = pytest.mark.skipif(
    not INSTALLED, reason="the editor program is not installed: make editor (needs npm)"
)
_LINE = 64 * 1024 * 1024


class Editor:
    """The program."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()

    async def do(self, what: str, **rest: Any) -> dict[str, Any]:
        """Have it do something; what it sees afterwards."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        async with self._turn, asyncio.timeout(20):
            stdin.write(json.dumps({"do": what, **rest}).encode() + b"\n")
            await stdin.drain()
            found: dict[str, Any] = json.loads(await stdout.readline())
        assert found["error"] is None, found["error"]
        return found

    async def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Look until it sees this."""
        async with asyncio.timeout(20):
            while not holds(found := await self.do("look")):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.01)
        return found

    async def definition(self) -> dict[str, Any]:
        """What its document says."""
        doc: Doc[Any] = Doc()
        for name in ROOTS:
            root(doc, name)
        doc.apply_update(base64.b64decode((await self.do("look"))["update"]))
        return read(doc).definition


@asynccontextmanager
async def running(url: str, token: str) -> AsyncIterator[Editor]:
    """An editor of the document at a workflow's address."""
    assert NODE is not None
    process = await asyncio.create_subprocess_exec(
        *(NODE, str(HERE / "editor.mjs"), url, token),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LINE,
    )
    try:
        yield Editor(process)
    finally:
        process.kill()
        await process.wait()
