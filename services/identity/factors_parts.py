"""Second factors, passkeys and sign-in from outside, put together for the service."""

from __future__ import annotations

from dataclasses import dataclass

from services.identity.accounts import Accounts
from services.identity.challenges import Challenges
from services.identity.factors import Factors, Logins
from services.identity.factors_handlers import OwnFactors, PasskeySignIn
from services.identity.factors_proof import Proofs
from services.identity.factors_routes import own_factor_routes, second_step_routes
from services.identity.guessing import Guesses
from services.identity.oidc import Oidc
from services.identity.oidc_browser import Trips
from services.identity.oidc_discovery import Discovery
from services.identity.oidc_people import People
from services.identity.passkeys import Passkeys
from services.identity.passkeys_site import Sites
from services.identity.passwords import Passwords
from services.identity.providers import Providers, Store
from services.identity.providers_routes import front_routes, provider_routes
from services.identity.roster import Roster
from services.identity.second_step import SecondStep
from services.identity.sessions import Sessions
from services.identity.totp import Codes
from weir.contract.messages import AccountRecord, IdentityRecord
from weir.runtime.changes import Writer
from weir.runtime.http.browser import Browser
from weir.runtime.http.route import Route
from weir.runtime.platform import Platform
from weir.runtime.worker_guard import parse_allowed
from weir.runtime.worker_http import OutboundHttp


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What signing in is made of already."""

    identity: Writer[IdentityRecord]
    accounts: Writer[AccountRecord]
    challenges: Challenges
    guesses: Guesses
    passwords: Passwords
    sessions: Sessions
    browser: Browser
    roster: Roster


class FactorParts:
    """`factors` tells login what must follow a right password; `close` when the service ends."""

    def __init__(self, platform: Platform, given: SignIn) -> None:
        records, clock = given.identity.records, platform.clock
        logins = Logins(given.accounts)
        self.factors = Factors(records, logins, given.sessions.tenants)
        codes = Codes(logins, given.challenges, given.guesses, platform.secrets, clock.now_ms)
        proofs = self.proofs = Proofs(self.factors, logins, codes, given.passwords, given.guesses)
        step = SecondStep(records, logins, given.challenges, codes, given.sessions)
        passkeys = Passkeys(logins, given.challenges, given.accounts.now)
        public_url = platform.settings.public_url
        sites = Sites(public_url)
        own = OwnFactors(logins, self.factors, proofs, codes, passkeys, sites, step, clock.now_ms)
        private = parse_allowed(platform.settings.oidc_allow)
        self._http = OutboundHttp(private)
        self.discovery = discovery = Discovery(self._http, private)
        store = self.store = Store(given.accounts, platform.accounts, platform.secrets)
        providers = Providers(store, discovery, clock, public_url)
        oidc = Oidc(
            store,
            discovery,
            given.challenges,
            Trips(given.browser, public_url),
            People(given.accounts, Accounts(given.identity, given.accounts), given.roster, clock),
            given.sessions,
            public_url,
        )
        self.routes: tuple[Route, ...] = (
            *own_factor_routes(own),
            *second_step_routes(step, PasskeySignIn(passkeys, sites, step, given.sessions)),
            *provider_routes(providers),
            *front_routes(oidc, providers),
        )

    async def close(self) -> None:
        """Close connections to providers."""
        await self._http.close()
