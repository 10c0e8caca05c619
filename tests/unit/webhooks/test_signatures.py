"""Signatures of deliveries, against examples that others computed."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from services.trigger.signatures import verify
from weir.contract.errors import SignatureInvalidError, TimestampStaleError
from weir.runtime.hooks import Hook

NOW_S = 1_614_265_330
NOW_MS = NOW_S * 1000
# The example of the Standard Webhooks specification's reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
# The example of GitHub's documentation.
GITHUB_SECRET = "It's a Secret to Everybody"
GITHUB_BODY = b"Hello, World!"
GITHUB_SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


def hook(scheme: str, **fields: Any) -> Hook:
    """A webhook of this scheme."""
    given: dict[str, Any] = {
        "node": "hook",
        "scheme": scheme,
        "signature_header": "X-Weir-Signature",
        "timestamp_header": "X-Weir-Timestamp",
        "base64": False,
        "tolerance_s": 300,
        "methods": frozenset(),
        "media_types": frozenset(),
        "filter": None,
        "answer": "accepted",
        "answer_node": "",
        "response": None,
        "wait_ms": 0,
    }
    return Hook(**given | fields)


def headers(**given: str) -> CIMultiDict[str]:
    """Headers, `_` for `-`."""
    return CIMultiDict({name.replace("_", "-"): value for name, value in given.items()})


def standard(**changed: str) -> CIMultiDict[str]:
    """The headers of the specification's example."""
    return headers(
        **{
            "webhook_id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook_timestamp": str(NOW_S),
            "webhook_signature": SIGNATURE,
        }
        | changed
    )


def test_the_specifications_example_fits() -> None:
    """The id comes back, so that it can be deduplicated by."""
    assert verify(hook("standard"), [SECRET], standard(), BODY, NOW_MS) == (
        "msg_p5jXN8AQM9LWM0D4loKWxJek"
    )


def test_one_of_several_signatures_and_secrets_is_enough() -> None:
    """Senders and receivers rotate without losing a delivery."""
    many = standard(webhook_signature=f"v1,AAAA v1a,{SIGNATURE} {SIGNATURE}")
    other = "whsec_" + b64encode(b"other").decode()
    assert verify(hook("standard"), [other, SECRET], many, BODY, NOW_MS)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook_id": "msg_other"},
        {"webhook_timestamp": str(NOW_S + 1)},
        {"webhook_signature": "v1,"},
        {"webhook_signature": SIGNATURE.removeprefix("v1,")},
        {"webhook_signature": ""},
        {"webhook_signature": "v1,\udcff"},
    ],
)
def test_whatever_is_signed_cannot_be_changed(changed: dict[str, str]) -> None:
    """Id, time, body and the version of the scheme belong to the signature."""
    with pytest.raises(SignatureInvalidError):
        verify(hook("standard"), [SECRET], standard(**changed), BODY, NOW_MS)


def test_another_body_does_not_fit() -> None:
    """One byte is enough."""
    with pytest.raises(SignatureInvalidError):
        verify(hook("standard"), [SECRET], standard(), BODY + b" ", NOW_MS)


@pytest.mark.parametrize("apart_s", [-301, 301])
def test_an_old_or_early_delivery_is_stale(apart_s: int) -> None:
    """Five minutes either way; the signature is checked before, so a stranger learns nothing."""
    with pytest.raises(TimestampStaleError):
        verify(hook("standard"), [SECRET], standard(), BODY, NOW_MS + apart_s * 1000)
    verify(hook("standard"), [SECRET], standard(), BODY, NOW_MS + (apart_s // 2) * 1000)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(missing: str) -> None:
    """The refusal says which."""
    given = standard()
    del given[missing]
    with pytest.raises(SignatureInvalidError, match=missing):
        verify(hook("standard"), [SECRET], given, BODY, NOW_MS)


def test_no_secret_fits_nothing() -> None:
    """A webhook whose secrets are gone refuses."""
    with pytest.raises(SignatureInvalidError):
        verify(hook("standard"), [], standard(), BODY, NOW_MS)


def test_githubs_example_fits() -> None:
    """The delivery id is GitHub's."""
    given = headers(X_Hub_Signature_256=GITHUB_SIGNATURE, X_GitHub_Delivery="d-1")
    assert verify(hook("github"), [GITHUB_SECRET], given, GITHUB_BODY, NOW_MS) == "d-1"
    with pytest.raises(SignatureInvalidError):
        verify(hook("github"), ["x"], given, GITHUB_BODY, NOW_MS)


def test_hmac_signs_the_time_where_a_header_is_named() -> None:
    """The headers are the definition's."""
    signed = f"{NOW_S}.".encode() + BODY
    mine = hook("hmac", signature_header="X-Sig", timestamp_header="X-At")
    given = headers(X_Sig=_hex("k", signed), X_At=str(NOW_S), X_Weir_Delivery_ID="d")
    assert verify(mine, ["k"], given, BODY, NOW_MS) == "d"
    with pytest.raises(TimestampStaleError):
        verify(mine, ["k"], given, BODY, NOW_MS + 301_000)
    given["X-At"] = str(NOW_S + 1)
    with pytest.raises(SignatureInvalidError):
        verify(mine, ["k"], given, BODY, NOW_MS)


def test_hmac_without_a_time_signs_the_body_alone() -> None:
    """And has no id unless the sender gives one."""
    mine = hook("hmac", timestamp_header="")
    given = headers(X_Weir_Signature="sha256=" + _hex("k", BODY).upper())
    assert verify(mine, ["k"], given, BODY, NOW_MS) == ""


def test_hmac_can_be_written_in_base64() -> None:
    """As shops send it; what is no base64 fits nothing."""
    mine = hook("hmac", timestamp_header="", signature_header="X-Shop-Hmac", base64=True)
    signature = b64encode(bytes.fromhex(_hex("k", BODY))).decode()
    assert verify(mine, ["k"], headers(X_Shop_Hmac=signature), BODY, NOW_MS) == ""
    for wrong in (_hex("k", BODY), "%%%", "", signature[:-4]):
        with pytest.raises(SignatureInvalidError):
            verify(mine, ["k"], headers(X_Shop_Hmac=wrong), BODY, NOW_MS)


# The example of Slack's documentation.
SLACK_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SLACK_S = 1_531_420_618
SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
    b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
SLACK_SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


def test_slacks_example_fits() -> None:
    """And is stale five minutes later; no other time, body or secret fits."""
    given = headers(X_Slack_Signature=SLACK_SIGNATURE, X_Slack_Request_Timestamp=str(SLACK_S))
    slack, now_ms = hook("slack"), SLACK_S * 1000
    assert verify(slack, ["old", SLACK_SECRET], given, SLACK_BODY, now_ms) == ""
    with pytest.raises(TimestampStaleError):
        verify(slack, [SLACK_SECRET], given, SLACK_BODY, now_ms + 301_000)
    with pytest.raises(SignatureInvalidError):
        verify(slack, [SLACK_SECRET], given, SLACK_BODY + b"&", now_ms)
    later = headers(X_Slack_Signature=SLACK_SIGNATURE, X_Slack_Request_Timestamp=str(SLACK_S + 1))
    with pytest.raises(SignatureInvalidError):
        verify(slack, [SLACK_SECRET], later, SLACK_BODY, now_ms)


def test_stripes_scheme() -> None:
    """`t=…,v1=…` over time, dot and body; several v1 while a secret is changed; the event's id."""
    event = b'{"id": "evt_1Nw3", "object": "event", "data": {"object": {"id": "ch_9"}}}'
    right = _hex("whsec_of_stripe", f"{NOW_S}.".encode() + event)
    stripe = hook("stripe")
    given = headers(Stripe_Signature=f"t={NOW_S},v1={'0' * 64},v1={right},v0=zz")
    assert verify(stripe, ["whsec_of_stripe"], given, event, NOW_MS) == "evt_1Nw3"
    for wrong in (
        f"v1={right}",
        f"t={NOW_S + 1},v1={right}",
        f"t={NOW_S},v0={right}",
        "",
        "t=,v1=",
    ):
        with pytest.raises(SignatureInvalidError):
            verify(stripe, ["whsec_of_stripe"], headers(Stripe_Signature=wrong), event, NOW_MS)
    with pytest.raises(TimestampStaleError):
        verify(stripe, ["whsec_of_stripe"], given, event, NOW_MS + 301_000)
    many = headers(Stripe_Signature=f"t={NOW_S}," + "v1=00," * 50 + f"v1={right}")
    with pytest.raises(SignatureInvalidError):
        verify(stripe, ["whsec_of_stripe"], many, event, NOW_MS)


@pytest.mark.parametrize(
    ("scheme", "secret", "right"),
    [
        ("basic", "ops:it is secret", "Basic " + b64encode(b"ops:it is secret").decode()),
        ("bearer", "tok-123456", "Bearer tok-123456"),
        ("bearer", "tok-123456", "bearer  tok-123456"),
    ],
)
def test_a_secret_that_is_carried(scheme: str, secret: str, right: str) -> None:
    """Either of the valid ones, by its own scheme and no other."""
    mine = hook(scheme)
    given = headers(Authorization=right, X_Weir_Delivery_ID="d")
    assert verify(mine, ["other:one", secret], given, BODY, NOW_MS) == "d"
    other = "bearer" if scheme == "basic" else "basic"
    for wrong in (right[:-1], right + "x", scheme, "", f"{other} {right.split()[1]}", "\udcff"):
        with pytest.raises(SignatureInvalidError):
            verify(mine, [secret], headers(Authorization=wrong), BODY, NOW_MS)
    with pytest.raises(SignatureInvalidError):
        verify(mine, [secret], headers(), BODY, NOW_MS)


def test_the_tolerance_is_the_webhooks() -> None:
    """An hour, or none at all."""
    verify(hook("standard", tolerance_s=3600), [SECRET], standard(), BODY, NOW_MS + 3_599_000)
    with pytest.raises(TimestampStaleError):
        verify(hook("standard", tolerance_s=0), [SECRET], standard(), BODY, NOW_MS + 1)


def test_no_scheme_takes_anybody() -> None:
    """Its id is what the sender calls idempotent."""
    assert verify(hook("none"), [], headers(Idempotency_Key="i"), BODY, NOW_MS) == "i"


def test_a_scheme_nobody_knows_refuses() -> None:
    """Nothing passes by a spelling mistake."""
    with pytest.raises(SignatureInvalidError):
        verify(hook("standart"), [SECRET], standard(), BODY, NOW_MS)


@given(body=st.binary(max_size=200), secret=st.binary(min_size=1, max_size=64))
def test_what_is_signed_fits_and_nothing_else(body: bytes, secret: bytes) -> None:
    """For all bodies and secrets: the signature fits them and not their neighbours."""
    text = "whsec_" + b64encode(secret).decode()
    assert b64decode(text.removeprefix("whsec_")) == secret
    signed = f"i.{NOW_S}.".encode() + body
    signature = b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    sent = standard(webhook_id="i", webhook_signature=f"v1,{signature}")
    assert verify(hook("standard"), [text], sent, body, NOW_MS) == "i"
    with pytest.raises(SignatureInvalidError):
        verify(hook("standard"), [text], sent, body + b"\x00", NOW_MS)


def _hex(key: str, signed: bytes) -> str:
    return hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
