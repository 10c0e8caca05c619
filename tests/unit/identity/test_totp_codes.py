"""Time-based codes and recovery codes, without a clock and without a store."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from services.identity import totp_codes

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW_S = 1_800_000_015.0
STEP = int(NOW_S) // totp_codes.STEP_S


def code_at(step: int) -> str:
    """The right code of a time step."""
    return pyotp.TOTP(SECRET).generate_otp(step)


def test_codes_are_those_of_the_standard() -> None:
    """The code of RFC 6238, appendix B, cut to six digits, counts at its time."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp_codes.step_of(secret, "287082", 59, 0) == 1


@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_a_code_counts_one_step_around(beside: int) -> None:
    """Clocks may differ by thirty seconds."""
    assert totp_codes.step_of(SECRET, code_at(STEP + beside), NOW_S, 0) == STEP + beside


@pytest.mark.parametrize("beside", [-2, 2])
def test_no_code_counts_further_away(beside: int) -> None:
    """Two steps away it is as good as a guess."""
    assert totp_codes.step_of(SECRET, code_at(STEP + beside), NOW_S, 0) is None


def test_no_code_counts_twice() -> None:
    """A step that was taken, and all before it, are over."""
    assert totp_codes.step_of(SECRET, code_at(STEP), NOW_S, STEP) is None
    assert totp_codes.step_of(SECRET, code_at(STEP - 1), NOW_S, STEP) is None
    assert totp_codes.step_of(SECRET, code_at(STEP + 1), NOW_S, STEP) == STEP + 1


@pytest.mark.parametrize(
    "text",
    ["", "12345", "1234567", "abcdef", "１２３４５６", "xxxxxx", "-12345", "1" * 9000],  # noqa: RUF001
)
def test_what_is_no_code_is_none(text: str) -> None:
    """Nothing but six digits is compared as a code, and nothing makes it fail."""
    assert totp_codes.step_of(SECRET, text, NOW_S, 0) is None


def test_a_code_may_be_written_in_two_groups() -> None:
    """As apps show it."""
    code = code_at(STEP)
    assert totp_codes.step_of(SECRET, f"{code[:3]} {code[3:]}", NOW_S, 0) == STEP


def test_the_address_names_account_and_issuer() -> None:
    """An app shows which account of whom the code is for."""
    address = urlsplit(totp_codes.address(SECRET, "eve@acme.example", "Weir"))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    asked = parse_qs(address.query)
    assert asked["secret"] == [SECRET]
    assert asked["issuer"] == ["Weir"]


def test_secrets_have_160_bits() -> None:
    """No two are alike, and each is as long as the hash."""
    assert len({totp_codes.new_secret() for _ in range(50)}) == 50
    assert len(totp_codes.new_secret()) == 32


def test_a_recovery_code_counts_once() -> None:
    """It is gone from what is stored, and the others are not."""
    codes = totp_codes.new_recovery()
    stored = tuple(totp_codes.hashed(code) for code in codes)
    assert len(set(stored)) == totp_codes.RECOVERY_CODES
    left = totp_codes.without(stored, codes[3])
    assert left == stored[:3] + stored[4:]
    assert totp_codes.without(left, codes[3]) is None


def test_a_recovery_code_is_read_as_people_write_it() -> None:
    """In capitals, and without the dashes."""
    code = totp_codes.new_recovery()[0]
    stored = (totp_codes.hashed(code),)
    assert totp_codes.without(stored, code.upper().replace("-", " ")) == ()


@pytest.mark.parametrize("text", ["", "aaaa", "0000-0000-0000-0000", "a" * 17])
def test_what_is_no_recovery_code_is_none(text: str) -> None:
    """It is not even looked for."""
    assert totp_codes.without((totp_codes.hashed(text),), text) is None
