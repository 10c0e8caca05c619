"""The sender's side of every scheme: how a sample is signed as its webhook wants it."""

from __future__ import annotations

from base64 import b64encode

from services.trigger.signatures import DELIVERY, mac, standard_key
from weir.runtime.hooks import Hook


def sign(hook: Hook, secret: str, body: bytes, delivery: str, at_s: int) -> dict[str, str]:
    """Headers that prove a body to this webhook, and carry the delivery's id if they can."""
    at = str(at_s)
    match hook.scheme:
        case "standard":
            signed = mac(standard_key(secret), f"{delivery}.{at}.".encode() + body)
            return {
                "webhook-id": delivery,
                "webhook-timestamp": at,
                "webhook-signature": f"v1,{b64encode(signed).decode()}",
            }
        case "github":
            signature = mac(secret.encode(), body).hex()
            return {"X-Hub-Signature-256": f"sha256={signature}", "X-GitHub-Delivery": delivery}
        case "stripe":
            signature = mac(secret.encode(), f"{at}.".encode() + body).hex()
            return {"Stripe-Signature": f"t={at},v1={signature}", DELIVERY: delivery}
        case "slack":
            signature = mac(secret.encode(), f"v0:{at}:".encode() + body).hex()
            return {
                "X-Slack-Request-Timestamp": at,
                "X-Slack-Signature": f"v0={signature}",
                DELIVERY: delivery,
            }
        case "hmac":
            return {**_hmac(hook, secret, body, at), DELIVERY: delivery}
        case "basic":
            return {
                "Authorization": f"Basic {b64encode(secret.encode()).decode()}",
                DELIVERY: delivery,
            }
        case "bearer":
            return {"Authorization": f"Bearer {secret}", DELIVERY: delivery}
    return {DELIVERY: delivery}


def _hmac(hook: Hook, secret: str, body: bytes, at: str) -> dict[str, str]:
    headers = {}
    if hook.timestamp_header:
        headers[hook.timestamp_header] = at
        body = f"{at}.".encode() + body
    signed = mac(secret.encode(), body)
    headers[hook.signature_header] = b64encode(signed).decode() if hook.base64 else signed.hex()
    return headers
