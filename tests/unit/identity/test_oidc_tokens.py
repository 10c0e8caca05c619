"""What an id_token must prove before anybody is signed in by it."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from services.identity.oidc_tokens import Expected, KeyUnknown, TokenRefused, key_set, verified

NOW_S = 1_800_000_000
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"})
STRANGER = RSAKey.generate_key(2048, {"kid": "rsa"})
CLIENT_SECRET = "the-client-secret-of-this-client-is-long-enough"
EXPECTED = Expected(issuer="https://id.example", client_id="weir", nonce="n-1", now_s=NOW_S)
SOUND = {
    "iss": "https://id.example",
    "sub": "u-1",
    "aud": "weir",
    "exp": NOW_S + 300,
    "iat": NOW_S,
    "nonce": "n-1",
}


def document(*keys: Any) -> dict[str, Any]:
    """A provider's key set."""
    return {"keys": [key.as_dict(private=False) for key in keys]}


KEYS = key_set(document(RSA, EC, ED))


def token(key: Any = RSA, alg: str = "RS256", header: Any = None, **claims: Any) -> str:
    """A token with these claims on top of sound ones; None leaves one out."""
    said = {name: value for name, value in (SOUND | claims).items() if value is not None}
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    return jwt.encode({"alg": alg, "kid": key.kid, **(header or {})}, said, key, registry=registry)


def unsigned(claims: dict[str, Any], header: dict[str, Any]) -> str:
    """A token as only an attacker writes it."""
    parts = (
        urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in (header, claims)
    )
    return ".".join([*parts, ""])


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # to sign as EdDSA
@pytest.mark.parametrize(
    ("key", "alg"), [(RSA, "RS256"), (RSA, "PS384"), (EC, "ES256"), (ED, "EdDSA"), (ED, "Ed25519")]
)
def test_a_sound_token_gives_its_claims(key: Any, alg: str) -> None:
    """Under each kind of key that providers use."""
    assert verified(token(key, alg), KEYS, EXPECTED)["sub"] == "u-1"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": ["weir", "another-client"]},
        {"aud": None},
        {"azp": "another-client"},
        {"nonce": "n-2"},
        {"nonce": None},
        {"nonce": 7},
        {"exp": NOW_S - 61},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"iat": NOW_S + 61},
        {"iat": None},
        {"nbf": NOW_S + 61},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
        {"sub": "s" * 256},
    ],
    ids=str,
)
def test_a_claim_that_differs_refuses_it(claims: dict[str, Any]) -> None:
    """Each of issuer, audience, party, nonce, times and subject must be right."""
    with pytest.raises(TokenRefused):
        verified(token(**claims), KEYS, EXPECTED)


def test_one_audience_in_a_list_is_ours() -> None:
    """The standard allows both spellings, and naming us as the party."""
    assert verified(token(aud=["weir"], azp="weir"), KEYS, EXPECTED)["sub"] == "u-1"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE"])
def test_a_token_without_signature_is_refused(alg: str) -> None:
    """Whatever the spelling of `none`."""
    for header in ({"alg": alg}, {"alg": alg, "kid": "rsa"}):
        with pytest.raises(TokenRefused):
            verified(unsigned(SOUND, header), KEYS, EXPECTED)


@pytest.mark.parametrize("secret", [CLIENT_SECRET.encode(), RSA.as_pem(private=False)])
def test_a_token_under_a_shared_secret_is_refused(secret: bytes) -> None:
    """Neither the client secret nor the text of the public key is a key."""
    parts = unsigned(SOUND, {"alg": "HS256", "kid": "rsa"}).rstrip(".")
    tag = urlsafe_b64encode(hmac.digest(secret, parts.encode(), "sha256")).decode().rstrip("=")
    with pytest.raises(TokenRefused):
        verified(f"{parts}.{tag}", KEYS, EXPECTED)


def test_a_token_under_anothers_key_is_refused() -> None:
    """Although it has the name of ours."""
    with pytest.raises(TokenRefused):
        verified(token(STRANGER), KEYS, EXPECTED)


def test_a_key_in_the_token_itself_is_no_key() -> None:
    """Neither `jwk` nor `jku` in the header is looked at."""
    for header in ({"jwk": STRANGER.as_dict(private=False)}, {"jku": "https://evil.example/keys"}):
        with pytest.raises(TokenRefused):
            verified(token(STRANGER, header=header), KEYS, EXPECTED)


def test_a_signature_of_another_kind_than_the_key_is_refused() -> None:
    """An RSA key verifies no signature of a curve."""
    forged = token(EC, "ES256", header={"kid": "rsa"})
    with pytest.raises(TokenRefused):
        verified(forged, KEYS, EXPECTED)


def test_an_unknown_key_is_told_apart() -> None:
    """So that the keys can be read anew."""
    with pytest.raises(KeyUnknown):
        verified(token(RSAKey.generate_key(2048, {"kid": "new"})), KEYS, EXPECTED)


@pytest.mark.parametrize("place", [0, 1])
def test_a_token_that_is_nested_without_end_is_refused(place: int) -> None:
    """Whoever reads it is not brought down by it."""
    parts = token().split(".")
    parts[place] = urlsafe_b64encode(b"[" * 20_000).decode().rstrip("=")
    with pytest.raises(TokenRefused):
        verified(".".join(parts), KEYS, EXPECTED)


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "....", "é.é.é", "x" * 70_000])
def test_what_is_no_token_is_refused(text: str) -> None:
    """And nothing else is raised."""
    with pytest.raises(TokenRefused):
        verified(text, KEYS, EXPECTED)


def test_keys_that_must_not_verify_are_left_out() -> None:
    """Shared secrets, keys for encryption, short keys and what is no key."""
    encrypting = RSA.as_dict(private=False) | {"use": "enc"}
    small = generate_private_key(65537, 1024).public_key().public_numbers()  # noqa: S505
    modulus = urlsafe_b64encode(small.n.to_bytes(128)).decode().rstrip("=")
    short = {"kty": "RSA", "kid": "short", "n": modulus, "e": "AQAB"}
    shared = {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"}
    broken = {"kty": "RSA", "kid": "broken", "n": 5}
    given = {"keys": [encrypting, short, shared, broken, 5, None, EC.as_dict(private=False)]}
    found = key_set(given)
    assert isinstance(found, KeySet)
    assert [key.kid for key in found.keys] == ["ec"]


@pytest.mark.parametrize("given", [None, [], {}, {"keys": {}}, {"keys": []}, {"keys": [{}]}])
def test_a_set_without_a_key_is_refused(given: Any) -> None:
    """There is nothing to verify with."""
    with pytest.raises(TokenRefused):
        key_set(given)
