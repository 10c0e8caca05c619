"""Signing in by OpenID Connect: to the provider and back (authorisation code flow with PKCE).

A way back counts once, in the browser that began it, for the provider it was
begun with, and within ten minutes. Each provider has an address of its own to
send people back to, and where it names itself in its answer, that must be it.
Afterwards one ends up at a path here, never elsewhere.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote_plus, urlencode

from multidict import CIMultiDict
from yarl import URL

from services.identity import oidc_claims
from services.identity.challenges import Challenges
from services.identity.oidc_browser import LIFE_S, Trip, Trips
from services.identity.oidc_discovery import Described, Discovery, failed, parsed
from services.identity.oidc_people import People
from services.identity.oidc_tokens import Expected, KeyUnknown, TokenRefused, verified
from services.identity.providers import Store, redirect_uri
from services.identity.sessions import Sessions
from weir.contract.errors import InvalidParameterError
from weir.contract.identity_errors import SignInRefusedError, SignInStaleError
from weir.contract.messages import ProviderSaved
from weir.runtime.http.call import Call, Reply

OIDC = "oidc"
_LOCAL = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,1999}|/")
_WORD = re.compile(r"[a-z_]{1,60}")
_LONGEST_CODE = 4096


class Oidc:
    """The handlers."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it brings together
        self,
        store: Store,
        discovery: Discovery,
        challenges: Challenges,
        trips: Trips,
        people: People,
        sessions: Sessions,
        public_url: str,
    ) -> None:
        self._store = store
        self._discovery = discovery
        self._challenges = challenges
        self._trips = trips
        self._people = people
        self._sessions = sessions
        self._public_url = public_url

    async def begin(self, call: Call) -> Reply:
        """GET /auth/oidc/{provider_id}/begin."""
        return_to = local(call.query("return_to", "/"))
        provider = await self._store.find(call.segment("provider_id"))
        described = await self._discovery.described(provider.issuer)
        trip = self._trips.begin()
        begun = {
            "provider": provider.provider_id,
            "issuer": provider.issuer,
            "client_id": provider.client_id,
            "browser": trip.mark,
            "return_to": return_to,
        }
        state = await self._challenges.set(OIDC, begun, "", LIFE_S)
        asked = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": redirect_uri(call, self._public_url, provider.provider_id),
            "scope": " ".join(provider.scopes),
            "state": state,
            "nonce": trip.nonce,
            "code_challenge": trip.challenge,
            "code_challenge_method": "S256",
        }
        target = URL(described.authorization).update_query(asked)
        headers: CIMultiDict[str] = CIMultiDict({"Location": str(target)})
        headers.add("Set-Cookie", self._trips.remember(trip, state))
        return Reply(status=HTTPStatus.SEE_OTHER, headers=headers)

    async def callback(self, call: Call) -> Reply:
        """GET /auth/oidc/{provider_id}/callback."""
        provider = await self._store.find(call.segment("provider_id"))
        call.audited(tenant=provider.tenant, resource=provider.provider_id)
        state = call.query("state")
        trip, return_to = await self._returned(call, provider, state)
        described = await self._discovery.described(provider.issuer)
        self._check_answer(call, described)
        claims = await self._claims(call, provider, described, trip)
        person = oidc_claims.person(claims, provider.groups_claim)
        user_id = await self._people.admit(call, provider, person)
        opened = await self._sessions.open(
            call, user_id, (OIDC,), provider.tenant, tenant_only=True
        )
        headers: CIMultiDict[str] = CIMultiDict(opened.headers)
        headers["Location"] = return_to
        headers.add("Set-Cookie", self._trips.forget(state))
        return opened._replace(status=HTTPStatus.SEE_OTHER, headers=headers)

    async def _returned(self, call: Call, provider: ProviderSaved, state: str) -> tuple[Trip, str]:
        """The trip that ends here, spent; SignInStaleError if this browser began none such."""
        begun = await self._challenges.look(OIDC, state)
        data: Mapping[str, Any] = begun.data if begun and isinstance(begun.data, dict) else {}
        same = (provider.provider_id, provider.issuer, provider.client_id)
        trip = self._trips.known(call.request, state, str(data.get("browser")))
        if trip is None or same != (data["provider"], data["issuer"], data["client_id"]):
            raise _stale()
        if await self._challenges.spend(OIDC, state) is None:
            raise _stale()
        return trip, local(str(data["return_to"]))

    def _check_answer(self, call: Call, described: Described) -> None:
        issuer = call.query("iss")
        if issuer != described.issuer and (issuer or described.tells_issuer):
            raise failed(described.issuer, "another provider answers in its place")
        if error := call.query("error"):
            said = error if _WORD.fullmatch(error) else "an error without a name"
            raise SignInRefusedError(f"The sign-in provider let nobody in: {said}. Begin again.")
        if not 0 < len(call.query("code")) <= _LONGEST_CODE:
            raise failed(described.issuer, "its answer has no code")

    async def _claims(
        self, call: Call, provider: ProviderSaved, described: Described, trip: Trip
    ) -> Mapping[str, Any]:
        answer = await self._exchange(call, provider, described, trip)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise failed(described.issuer, "its answer has no id_token")
        expected = Expected(
            issuer=provider.issuer,
            client_id=provider.client_id,
            nonce=trip.nonce,
            now_s=self._store.writer.now_ms() / 1000,
        )
        try:
            claims = await self._verified(token, expected)
        except TokenRefused as error:
            raise failed(described.issuer, str(error)) from None
        access = answer.get("access_token")
        wanted = {"email", "email_verified", provider.groups_claim.partition(".")[0]} - {""}
        if described.userinfo and isinstance(access, str) and not wanted <= claims.keys():
            return await self._more(described, access, claims)
        return claims

    async def _verified(self, token: str, expected: Expected) -> dict[str, Any]:
        try:
            return verified(token, await self._discovery.keys(expected.issuer), expected)
        except KeyUnknown:
            keys = await self._discovery.keys(expected.issuer, again=True)
            return verified(token, keys, expected)

    async def _exchange(
        self, call: Call, provider: ProviderSaved, described: Described, trip: Trip
    ) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": call.query("code"),
            "redirect_uri": redirect_uri(call, self._public_url, provider.provider_id),
            "code_verifier": trip.verifier,
        }
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        secret = await self._store.secret(provider)
        by_header = "client_secret_basic" in described.token_auth
        if secret and (by_header or "client_secret_post" not in described.token_auth):
            pair = f"{quote_plus(provider.client_id)}:{quote_plus(secret)}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": provider.client_id}
            form |= {"client_secret": secret} if secret else {}
        answer = await self._discovery.ask(
            "POST", described.token, headers=headers, body=urlencode(form).encode()
        )
        said = parsed(described.token, answer)
        if answer.status != HTTPStatus.OK or not isinstance(said, Mapping):
            error = said.get("error") if isinstance(said, Mapping) else None
            word = error if isinstance(error, str) and _WORD.fullmatch(error) else answer.status
            raise failed(described.issuer, f"it did not take the code: {word}")
        return said

    async def _more(
        self, described: Described, access: str, claims: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The claims with those that userinfo has beside them; the id_token's count first."""
        headers = {"Authorization": f"Bearer {access}", "Accept": "application/json"}
        told = await self._discovery.json(described.userinfo, headers=headers)
        if not isinstance(told, Mapping) or told.get("sub") != claims["sub"]:
            raise failed(described.issuer, "its userinfo tells of somebody else")
        # An address and the word that it is verified belong together.
        source = claims if "email_verified" in claims else told
        address = {name: source.get(name) for name in ("email", "email_verified")}
        return {**told, **claims, **address}


def local(path: str) -> str:
    """A path here, of visible ASCII; InvalidParameterError for anything that leads elsewhere."""
    if not _LOCAL.fullmatch(path):
        raise InvalidParameterError(
            "return_to is a path here, like /runs: it begins with one slash.",
            details={"parameter": "return_to"},
        )
    return path


def _stale() -> SignInStaleError:
    return SignInStaleError(
        "This does not belong to a sign-in that this browser began of late: begin again."
    )
