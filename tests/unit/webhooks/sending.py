"""Senders of deliveries, as Standard Webhooks has them, and what tests look up of one."""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import b64encode
from typing import Any

from tests.http_house import Answer, House
from tests.waiting import eventually

KEY = b"0123456789abcdef01234567"
SECRET = "whsec_" + b64encode(KEY).decode()


def signed(
    body: bytes, delivery: str = "d1", *, key: bytes = KEY, age_s: int = 0
) -> dict[str, str]:
    """The headers of a Standard Webhooks delivery."""
    at = str(int(time.time()) - age_s)
    mac = hmac.new(key, f"{delivery}.{at}.".encode() + body, hashlib.sha256)
    return {
        "webhook-id": delivery,
        "webhook-timestamp": at,
        "webhook-signature": "v1," + b64encode(mac.digest()).decode(),
        "Content-Type": "application/json",
    }


async def deliver(house: House, path: str, body: bytes, **how: Any) -> Answer:
    """A signed delivery."""
    return await house.ask("POST", path, key=None, data=body, headers=signed(body, **how))


def history(path: str) -> str:
    """Where the history of a webhook is read."""
    return f"/api/v1/webhooks/{path.removeprefix('/hooks/')}/deliveries"


async def listed(house: House, path: str, count: int, query: str = "") -> list[dict[str, Any]]:
    """The history, once it holds so many deliveries."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        answer = await house.ask("GET", f"{history(path)}{query}")
        assert answer.status == 200, answer.body
        found[:] = answer.body["items"]
        return len(found) >= count

    await eventually(there)
    return found
