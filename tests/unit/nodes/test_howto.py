"""The code in the pages for authors works as it stands there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.nodes.fake_context import FakeContext, NoHttp
from weir.ports.node_context import HttpAnswer, Retryable
from weir.sdk import Worker

HOWTO = Path(__file__).resolve().parents[3] / "docs/howto"


def _module(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    found = re.search(r"```python\n(.*?)```", (HOWTO / page).read_text(), re.DOTALL)
    assert found
    name = page.removesuffix(".md").replace("-", "_")
    (tmp_path / f"{name}.py").write_text(found[1])
    monkeypatch.syspath_prepend(tmp_path)
    return importlib.import_module(name)


class _Echo(NoHttp):
    """Answers what it was sent."""

    def __init__(self, status: int) -> None:
        self._status = status

    async def request(self, method: str, url: str, **call: Any) -> HttpAnswer:
        """One call."""
        return HttpAnswer(self._status, {}, call["body"], url)


async def test_the_node_of_the_page_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is described, runs, and fails as the page says."""
    say = _module("add-a-node.md", tmp_path, monkeypatch).Say
    assert say.describe()["title"] == "Say"
    config = {"text": "hello", "url": "https://example.com"}
    assert await say().execute(config, FakeContext(_Echo(200))) == {"said": "HELLO"}
    with pytest.raises(Retryable) as failed:
        await say().execute(config, FakeContext(_Echo(503)))
    assert failed.value.after == 5


def test_the_worker_of_the_page_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its functions are tasks and still functions."""
    monkeypatch.setenv("WEIR_NATS_URL", "nats://127.0.0.1:4222")
    images = _module("write-a-worker.md", tmp_path, monkeypatch)
    assert isinstance(images.worker, Worker)
    assert images.worker.queues == ("images",)
    assert images.fib(10, FakeContext()) == 55
