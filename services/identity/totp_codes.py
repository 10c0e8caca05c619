"""Time-based codes and recovery codes (RFC 6238), without a clock and without a store.

A code counts in its own time step and the ones beside it, and only in a step
later than the last one a code was taken for: no code counts twice, and none
that is older than one that counted.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b32encode
from collections.abc import Sequence

import pyotp

STEP_S = 30
DIGITS = 6
BESIDE = 1
SECRET_BYTES = 20
RECOVERY_CODES = 10

_CODE = re.compile(r"[0-9]{6}")
_RECOVERY = re.compile(r"[a-z2-7]{16}")


def new_secret() -> str:
    """A secret as authenticator apps take it: base32 of 160 bits."""
    return b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def address(secret: str, account: str, issuer: str) -> str:
    """The otpauth:// address that authenticator apps scan."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def step_of(secret: str, code: str, now_s: float, after: float) -> int | None:
    """The step for which this code counts now; None if it counts for none later than `after`.

    Every candidate is compared, in constant time: which one fits does not show.
    """
    plain = code.replace(" ", "")
    given = plain if _CODE.fullmatch(plain) else "x" * DIGITS
    now = int(now_s) // STEP_S
    found = None
    for step in range(now - BESIDE, now + BESIDE + 1):
        right = secrets.compare_digest(pyotp.TOTP(secret).generate_otp(step), given)
        if right and step > after:
            found = step
    return found


def new_recovery() -> tuple[str, ...]:
    """Ten codes of 80 bits each, as people write them down: four groups of four."""
    codes = (b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES))
    return tuple("-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes)


def hashed(code: str) -> str:
    """What is stored of a recovery code. 80 random bits need no slow hash."""
    return hashlib.sha256(_plain(code).encode()).hexdigest()


def without(stored: Sequence[str], code: str) -> tuple[str, ...] | None:
    """The stored hashes without that of this code; None if it is none of them."""
    if not _RECOVERY.fullmatch(_plain(code)):
        return None
    wanted = hashed(code)
    kept = tuple(one for one in stored if not secrets.compare_digest(one, wanted))
    return kept if len(kept) < len(stored) else None


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()
