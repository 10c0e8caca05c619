"""A webhook's sender that repeats itself while the trigger dies: one run, one answer."""

from __future__ import annotations

import asyncio
import hmac
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping

import orjson
import pytest
import pytest_asyncio
from aiohttp import ClientError

from tests.fault.house import House
from tests.fault.judging import judge
from tests.fault.table import Table
from tests.fault.workflows import chain, mark
from weir.contract import codec
from weir.contract.messages import RunStarted
from weir.contract.subjects import EVERY_RUN, parse_run, start_fact

COPIES = 50

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


class Sender:
    """Signs deliveries as Standard Webhooks says and sends each until it hears a 2xx."""

    def __init__(self, platform: House, webhook: Mapping[str, str]) -> None:
        self._platform = platform
        self._path = webhook["path"]
        self._key = b64decode(webhook["secret"].removeprefix("whsec_"))
        self.answers: list[tuple[int, str]] = []
        self.came = asyncio.Event()

    async def send(self, delivery: str) -> None:
        """One copy of a delivery."""
        body = orjson.dumps({"delivery": delivery})
        seconds = str(int(time.time()))
        signed = f"{delivery}.{seconds}.".encode() + body
        signature = b64encode(hmac.digest(self._key, signed, "sha256")).decode()
        headers = {
            "webhook-id": delivery,
            "webhook-timestamp": seconds,
            "webhook-signature": f"v1,{signature}",
            "Content-Type": "application/json",
        }
        url = self._platform.processes["trigger"].url + self._path
        while True:
            try:
                async with self._platform.http.post(url, data=body, headers=headers) as answer:
                    if answer.status < 300:
                        self.answers.append((answer.status, (await answer.json())["run_id"]))
                        self.came.set()
                        return
                    assert answer.status == 503, await answer.text()
                    assert answer.headers["Retry-After"]
            except (ClientError, OSError):
                pass  # nobody listens; a sender tries again
            await asyncio.sleep(0.05)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def webhook(platform: House) -> Mapping[str, str]:
    """A signed webhook whose runs leave a mark."""
    _, told = await platform.publish(
        chain(
            "delivered",
            [
                {"id": "hook", "type": "webhook", "config": {"scheme": "standard"}},
                mark(platform.outside.url, "a"),
            ],
        )
    )
    found: Mapping[str, str] = told["webhooks"][0]
    return found


@pytest.mark.parametrize("answered", [0, 1, 5, 20, 45])
async def test_a_delivery_is_one_run_whenever_the_trigger_dies(
    platform: House, webhook: Mapping[str, str], answered: int, table: Table
) -> None:
    """Fifty copies at once, the trigger killed after so many answers: each 2xx names one run."""
    sender = Sender(platform, webhook)
    delivery = f"msg_{answered}"
    sending = [asyncio.create_task(sender.send(delivery)) for _ in range(COPIES)]
    while len(sender.answers) < answered:
        await sender.came.wait()
        sender.came.clear()
    await platform.kill("trigger")
    await platform.start("trigger")
    await asyncio.gather(*sending)
    await sender.send(delivery)  # and once more, when all is over
    runs = {run_id for _, run_id in sender.answers}
    assert len(sender.answers) == COPIES + 1
    assert len(runs) == 1
    sequence = await platform.ended(runs)
    assert await started(platform, delivery) == sorted(runs)
    verdict = await judge(platform, sorted(runs), sequence=sequence)
    table.row(
        f"one delivery {COPIES} times at once, trigger killed after {answered} answers",
        sorted(runs),
        verdict,
    )
    verdict.must_hold()


async def started(platform: House, delivery: str) -> list[str]:
    """The runs in the log that this delivery started."""
    found = []
    async for batch in platform.log.read(EVERY_RUN):
        for message in batch:
            if parse_run(message.subject)[1:] == ("in", start_fact()):
                envelope = codec.decode(message.data)
                kind = envelope.events[0].kind
                if isinstance(kind, RunStarted) and kind.input == {"delivery": delivery}:
                    found.append(envelope.run_id)
    return found
