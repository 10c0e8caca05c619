"""Web Push as its RFCs have it: what is encrypted, and who says that they sent it."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from services.approval.push_crypto import (
    LIFE_S,
    LONGEST,
    Target,
    authorization,
    encrypted,
    new_key,
    point,
    public_of,
    read,
)
from tests.unit.approval.push_service import CURVE, Browser, Taken, b64, raw

# RFC 8291, section 5 and appendix A.
PLAIN = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RECEIVER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
RECEIVER_PUBLIC = (
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
)
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
    "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu"
    "lcy4a-fN"
)


def private(text: str) -> ec.EllipticCurvePrivateKey:
    """A key as the RFC writes it."""
    return ec.derive_private_key(int.from_bytes(raw(text), "big"), CURVE)


def test_the_example_of_the_rfc_comes_out_byte_for_byte() -> None:
    """RFC 8291, section 5: the keys and the salt given there make the body given there."""
    target = Target("https://push.example.net/x", raw(RECEIVER_PUBLIC), raw(AUTH))
    made = encrypted(PLAIN, target, key=private(SENDER), salt=raw(SALT))
    assert b64(made) == BODY
    assert Browser("", private(RECEIVER), raw(AUTH)).read(made) == PLAIN


def test_only_the_browser_reads_it_and_no_two_are_alike() -> None:
    """Fresh keys and salts each time; another browser, or a changed byte, reads nothing."""
    browser, other = Browser("https://push.example.net/a"), Browser("https://push.example.net/b")
    target = Target(browser.endpoint, browser.public, browser.auth)
    one, two = encrypted(b"x", target), encrypted(b"x", target)
    assert one[:16] != two[:16]
    assert one[21:86] != two[21:86]
    assert browser.read(one) == browser.read(two) == b"x"
    with pytest.raises(InvalidTag):
        other.read(one)
    with pytest.raises(InvalidTag):
        browser.read(one[:-1] + bytes([one[-1] ^ 1]))
    assert len(encrypted(b"x" * LONGEST, target)) == 4096


def test_the_sender_names_itself_to_one_push_service() -> None:
    """RFC 8292: audience, an end within a day, a contact, signed by the key that browsers know."""
    key = new_key()
    now_ms = 1_800_000_000_000
    header = authorization(
        key, "https://push.example.net:8443/v2/abc?d=1", "mailto:weir@example.com", now_ms
    )
    told = Taken("", {"Authorization": header}, b"").claims
    assert told == {
        "aud": "https://push.example.net:8443",
        "exp": now_ms // 1000 + LIFE_S,
        "sub": "mailto:weir@example.com",
        "k": public_of(key),
    }
    assert LIFE_S <= 86_400
    assert point(told["k"])[0] == 4
    header = authorization(key, "https://push.example.net/", "", now_ms)
    assert "sub" not in Taken("", {"Authorization": header}, b"").claims


def test_a_key_is_kept_whole() -> None:
    """32 bytes, whatever number they are, and always the same public part."""
    for _ in range(300):  # one in 256 begins with a zero
        key = new_key()
        assert len(key) == 32
        assert public_of(key) == public_of(bytes(key))


@pytest.mark.parametrize(
    "text", ["", "AAAA", "B" * 87, "!" * 87, "BCVx sr7N", RECEIVER_PUBLIC[:-4], "é" * 87]
)
def test_what_is_no_point_is_refused(text: str) -> None:
    """A ValueError, whatever was sent."""
    with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong with it
        point(text)


def test_ends_of_base64_may_be_there() -> None:
    """Some browsers' libraries send them."""
    assert read(AUTH + "==") == read(AUTH) == raw(AUTH)
