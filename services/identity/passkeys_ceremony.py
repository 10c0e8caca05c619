"""The two ceremonies of WebAuthn: what a browser is asked, and what its answer proves.

A challenge is the token under which it was set, so an answer names the one it
belongs to. Origin and relying party are those of the address that people
reach this installation at; an answer made inside a page of another origin is
none. A signature counter that does not grow is the sign of a copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json_dict,
    parse_client_data_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from weir.contract.messages import Passkey

PATIENCE_MS = 300_000
NAME = "Weir"
_TRANSPORTS = frozenset(one.value for one in AuthenticatorTransport)
_LONGEST_ID = 1400


class PasskeyRefused(Exception):  # noqa: N818 - it says what was done, like Terminal and Retryable
    """The answer proves nothing; the message says why, for the log alone."""


@dataclass(frozen=True, slots=True)
class Site:
    """The origin of our pages, like `https://weir.example`."""

    origin: str

    @property
    def relying_party(self) -> str:
        """The id that passkeys are bound to: the host's name."""
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True, slots=True)
class Registered:
    """A passkey that an authenticator has made."""

    credential_id: str
    public_key: str
    sign_count: int
    transports: tuple[str, ...]


def ask_to_register(
    site: Site, token: str, user_id: str, shown: str, known: Sequence[Passkey]
) -> dict[str, Any]:
    """What `navigator.credentials.create` takes; an authenticator of a known passkey refuses."""
    return options_to_json_dict(
        webauthn.generate_registration_options(
            rp_id=site.relying_party,
            rp_name=NAME,
            user_id=user_id.encode(),
            user_name=shown,
            user_display_name=shown,
            challenge=token.encode(),
            timeout=PATIENCE_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=_descriptors(known),
        )
    )


def registered(site: Site, token: str, credential: Mapping[str, Any]) -> Registered:
    """The passkey that this answer proves to have been made; else PasskeyRefused."""
    try:
        _refuse_framed(credential)
        proved = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=token.encode(),
            expected_rp_id=site.relying_party,
            expected_origin=site.origin,
        )
    except PasskeyRefused:
        raise
    except Exception as error:  # the library lets whatever its parsers raise through
        raise PasskeyRefused(str(error)) from error
    made = bytes_to_base64url(proved.credential_id)
    if len(made) > _LONGEST_ID:
        raise PasskeyRefused("its id is longer than any may be")
    told = credential["response"].get("transports")
    ways = tuple(told[:8]) if isinstance(told, list) else ()
    return Registered(
        made,
        bytes_to_base64url(proved.credential_public_key),
        proved.sign_count,
        tuple(way for way in ways if isinstance(way, str) and way in _TRANSPORTS),
    )


def ask_to_prove(
    site: Site, token: str, known: Sequence[Passkey], *, alone: bool
) -> dict[str, Any]:
    """What `navigator.credentials.get` takes; `alone` asks for what needs no password beside it."""
    wanted = (
        UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED
    )
    return options_to_json_dict(
        webauthn.generate_authentication_options(
            rp_id=site.relying_party,
            challenge=token.encode(),
            timeout=PATIENCE_MS,
            allow_credentials=_descriptors(known),
            user_verification=wanted,
        )
    )


def proved(
    site: Site, token: str, credential: Mapping[str, Any], passkey: Passkey, *, alone: bool
) -> int:
    """The new counter of a passkey whose holder is there; else PasskeyRefused."""
    try:
        _refuse_framed(credential)
        return webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=token.encode(),
            expected_rp_id=site.relying_party,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=alone,
        ).new_sign_count
    except PasskeyRefused:
        raise
    except Exception as error:  # as above
        raise PasskeyRefused(str(error)) from error


def token_in(credential: Mapping[str, Any]) -> str:
    """The challenge that an answer says it belongs to; empty if it says none."""
    try:
        data = base64url_to_bytes(credential["response"]["clientDataJSON"])
        return parse_client_data_json(data).challenge.decode("ascii")
    except Exception:  # noqa: BLE001 - whatever a hostile answer makes the parser say: it is none
        return ""


def user_in(credential: Mapping[str, Any]) -> str:
    """The user whom a discoverable passkey belongs to, as it says; empty if it says none."""
    try:
        return base64url_to_bytes(credential["response"]["userHandle"]).decode("ascii")
    except Exception:  # noqa: BLE001 - as above
        return ""


def _refuse_framed(credential: Mapping[str, Any]) -> None:
    data = parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    if data.cross_origin:
        raise PasskeyRefused("it was made inside a page of another origin")


def _descriptors(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(one.credential_id),
            transports=[
                AuthenticatorTransport(way) for way in one.transports if way in _TRANSPORTS
            ],
        )
        for one in known
    ]
