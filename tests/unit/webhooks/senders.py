"""How senders of every scheme prove a body, written from their own descriptions."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping

Headers = dict[str, str]
Sender = Callable[[str, bytes, int, str], Headers]
"""Of a secret, a body, a time and an id."""


def _hex(key: bytes, signed: bytes) -> str:
    return hmac.new(key, signed, hashlib.sha256).hexdigest()


def standard(secret: str, body: bytes, at: int, delivery: str) -> Headers:
    """As the specification of https://www.standardwebhooks.com says."""
    key = b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{delivery}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": delivery,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{b64encode(mac).decode()}",
    }


def github(secret: str, body: bytes, at: int, delivery: str) -> Headers:
    """As https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries says."""
    del at
    return {
        "X-Hub-Signature-256": f"sha256={_hex(secret.encode(), body)}",
        "X-GitHub-Delivery": delivery,
        "X-GitHub-Event": "push",
    }


def stripe(secret: str, body: bytes, at: int, delivery: str) -> Headers:
    """As https://docs.stripe.com/webhooks#verify-manually says."""
    signature = _hex(secret.encode(), f"{at}.".encode() + body)
    return {"Stripe-Signature": f"t={at},v1={signature}", "X-Weir-Delivery-ID": delivery}


def slack(secret: str, body: bytes, at: int, delivery: str) -> Headers:
    """As https://docs.slack.dev/authentication/verifying-requests-from-slack says."""
    signature = _hex(secret.encode(), f"v0:{at}:".encode() + body)
    return {
        "X-Slack-Request-Timestamp": str(at),
        "X-Slack-Signature": f"v0={signature}",
        "X-Weir-Delivery-ID": delivery,
    }


def own(secret: str, body: bytes, at: int, delivery: str) -> Headers:
    """Ours, with default headers."""
    return {
        "X-Weir-Timestamp": str(at),
        "X-Weir-Signature": _hex(secret.encode(), f"{at}.".encode() + body),
        "X-Weir-Delivery-ID": delivery,
    }


def basic(secret: str, body: bytes, at: int, delivery: str) -> Headers:
    """RFC 7617."""
    del body, at
    return {
        "Authorization": f"Basic {b64encode(secret.encode()).decode()}",
        "X-Weir-Delivery-ID": delivery,
    }


def bearer(secret: str, body: bytes, at: int, delivery: str) -> Headers:
    """RFC 6750."""
    del body, at
    return {"Authorization": f"Bearer {secret}", "X-Weir-Delivery-ID": delivery}


def nobody(secret: str, body: bytes, at: int, delivery: str) -> Headers:
    """Who proves nothing."""
    del secret, body, at
    return {"X-Weir-Delivery-ID": delivery}


SENDERS: Mapping[str, Sender] = {
    "standard": standard,
    "github": github,
    "stripe": stripe,
    "slack": slack,
    "hmac": own,
    "basic": basic,
    "bearer": bearer,
    "none": nobody,
}
PROVE = tuple(name for name in SENDERS if name != "none")
TIMED = ("standard", "stripe", "slack", "hmac")
SIGN = ("standard", "github", "stripe", "slack", "hmac")
SECRETS = {name: "ada:lovelace" if name == "basic" else "whsec_" + "a" * 32 for name in SENDERS}
OTHERS = {name: "bob:builder1" if name == "basic" else "whsec_" + "b" * 32 for name in SENDERS}
