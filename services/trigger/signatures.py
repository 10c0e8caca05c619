"""Signatures of webhook deliveries: HMAC-SHA256 over the raw body, compared in constant time.

Every secret that is valid now is tried, whether an earlier one fitted or not.
Where a time is signed it must lie within the webhook's tolerance of ours, either way.
`basic` and `bearer` sign nothing: the secret itself comes with the delivery.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence

from multidict import istr

from weir.contract.errors import SignatureInvalidError, TimestampStaleError
from weir.runtime.hooks import Hook

PREFIX = "whsec_"
DELIVERY = istr("X-Weir-Delivery-ID")
_KEY = istr("Idempotency-Key")
_AUTHORIZATION = istr("Authorization")

_SECONDS = re.compile(r"[0-9]{1,12}")
_EVENT = re.compile(rb'"id"\s*:\s*"(evt_[A-Za-z0-9_]{1,100})"')
_SIGNATURES = 10  # that are looked at in one header


def verify(
    hook: Hook, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now_ms: int
) -> str:
    """The delivery's id, empty if it has none.

    SignatureInvalidError if a signature is missing or fits no secret (or the
    scheme signs an id that is missing); TimestampStaleError beyond the tolerance.
    """
    match hook.scheme:
        case "standard":
            return _standard(hook, secrets, headers, body, now_ms)
        case "github":
            _fits([_hex(_header(headers, "X-Hub-Signature-256"))], secrets, body)
            return plain(headers.get("X-GitHub-Delivery", ""))
        case "stripe":
            return _stripe(hook, secrets, headers, body, now_ms)
        case "slack":
            return _slack(hook, secrets, headers, body, now_ms)
        case "hmac":
            return _hmac(hook, secrets, headers, body, now_ms)
        case "basic" | "bearer":
            return _carried(hook.scheme, secrets, headers)
        case "none":
            return _unsigned_id(headers)
    raise SignatureInvalidError(f"The webhook has no scheme that we know: {hook.scheme!r}.")


def _standard(
    hook: Hook, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now_ms: int
) -> str:
    delivery = _header(headers, "webhook-id")
    seconds = _header(headers, "webhook-timestamp")
    given = [
        signature.removeprefix("v1,")
        for signature in _header(headers, "webhook-signature").split(" ")
        if signature.startswith("v1,")
    ]
    signed = _bytes(f"{delivery}.{seconds}.") + body
    fits = False
    for secret in secrets:
        expected = b64encode(mac(standard_key(secret), signed)).decode()
        for signature in given:
            fits |= hmac.compare_digest(expected.encode(), _bytes(signature))
    if not fits:
        raise _refused()
    _in_time(hook, seconds, now_ms)
    return plain(delivery)


def _stripe(
    hook: Hook, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now_ms: int
) -> str:
    """`t=<seconds>,v1=<hex>` and more of v1 while a secret is changed; the event has the id."""
    parts = [
        part.strip().partition("=") for part in _header(headers, "Stripe-Signature").split(",")
    ]
    seconds = next((value for name, _, value in parts if name == "t"), "")
    given = [value for name, _, value in parts if name == "v1"][:_SIGNATURES]
    _fits(given, secrets, _bytes(f"{seconds}.") + body)
    _in_time(hook, seconds, now_ms)
    found = _EVENT.search(body)
    return found[1].decode() if found else _unsigned_id(headers)


def _slack(
    hook: Hook, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now_ms: int
) -> str:
    """`v0=<hex>` over `v0:<seconds>:<body>`; a repetition is signed anew, so it has no id."""
    seconds = _header(headers, "X-Slack-Request-Timestamp")
    given = _header(headers, "X-Slack-Signature").removeprefix("v0=")
    _fits([given], secrets, _bytes(f"v0:{seconds}:") + body)
    _in_time(hook, seconds, now_ms)
    return _unsigned_id(headers)


def _carried(scheme: str, secrets: Sequence[str], headers: Mapping[str, str]) -> str:
    kind, _, value = _header(headers, _AUTHORIZATION).partition(" ")
    given = _bytes(value.strip())
    fits = False
    for secret in secrets:
        expected = b64encode(secret.encode()) if scheme == "basic" else secret.encode()
        fits |= hmac.compare_digest(expected, given)
    if not fits or kind.lower() != scheme:
        raise SignatureInvalidError(
            "The header Authorization does not carry the webhook's secret: send "
            f"{scheme.capitalize()} and "
            + ("user:password in base64." if scheme == "basic" else "it.")
        )
    return _unsigned_id(headers)


def _hmac(
    hook: Hook, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now_ms: int
) -> str:
    signature = _header(headers, hook.signature_header)
    given = _of_base64(signature) if hook.base64 else _hex(signature)
    if not hook.timestamp_header:
        _fits([given], secrets, body)
        return _unsigned_id(headers)
    seconds = _header(headers, hook.timestamp_header)
    _fits([given], secrets, _bytes(f"{seconds}.") + body)
    _in_time(hook, seconds, now_ms)
    return _unsigned_id(headers)


def _fits(given: Sequence[str], secrets: Sequence[str], signed: bytes) -> None:
    """One of the signatures, in hex, is made with one of the secrets."""
    fits = False
    for secret in secrets:
        expected = mac(secret.encode(), signed).hex().encode()
        for signature in given:
            fits |= hmac.compare_digest(expected, _bytes(signature))
    if not fits:
        raise _refused()


def _bytes(header: str) -> bytes:
    return header.encode("utf-8", "surrogateescape")  # as it came over the wire


def mac(key: bytes, signed: bytes) -> bytes:
    """HMAC-SHA256."""
    return hmac.digest(key, signed, "sha256")


def standard_key(secret: str) -> bytes:
    """The key in a secret of Standard Webhooks."""
    try:
        return b64decode(secret.removeprefix(PREFIX), validate=True)
    except NotBase64:
        return secret.encode()


def _hex(signature: str) -> str:
    return signature.removeprefix("sha256=").lower()


def _of_base64(signature: str) -> str:
    try:
        return b64decode(signature.removeprefix("sha256="), validate=True).hex()
    except (NotBase64, ValueError):
        return ""


def _header(headers: Mapping[str, str], name: str) -> str:
    given = headers.get(name)
    if given is None:
        raise SignatureInvalidError(
            f"The header {name} is missing: sign the delivery as the webhook's scheme says.",
            details={"header": name},
        )
    return given


def _in_time(hook: Hook, seconds: str, now_ms: int) -> None:
    if not _SECONDS.fullmatch(seconds):
        raise SignatureInvalidError("The signed time is no number of seconds since 1970.")
    apart = abs(now_ms / 1000 - int(seconds))
    if apart > hook.tolerance_s:
        raise TimestampStaleError(
            f"The delivery was signed {apart:.0f} s away from our time, more than "
            f"{hook.tolerance_s:g} s: sign it anew, or set the sender's clock.",
        )


def _unsigned_id(headers: Mapping[str, str]) -> str:
    return plain(headers.get(DELIVERY) or headers.get(_KEY) or "")


def plain(header: str) -> str:
    """A header's text as it can be stored: bytes that are no UTF-8 are replaced."""
    return header if header.isascii() else _bytes(header).decode("utf-8", "replace")


def _refused() -> SignatureInvalidError:
    return SignatureInvalidError(
        "The signature fits none of the webhook's secrets: check the secret and that the body is "
        "signed as it is sent.",
    )
