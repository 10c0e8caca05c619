"""Accounts, sessions and passwords, put together for the service."""

from __future__ import annotations

from services.identity.accounts import Accounts
from services.identity.accounts_routes import (
    key_routes,
    own_tenant_routes,
    password_routes,
    registration_routes,
    sign_in_routes,
)
from services.identity.administrators import Administrators
from services.identity.administrators_routes import administrator_routes
from services.identity.challenges import Challenges
from services.identity.factors import Factors, Logins
from services.identity.factors_parts import SignIn as Given
from services.identity.factors_proof import Proofs
from services.identity.guessing import Guesses
from services.identity.invitations import Invitations
from services.identity.mail import Post
from services.identity.own_tenants import OwnTenants
from services.identity.passwords import Passwords
from services.identity.recovery import Recovery
from services.identity.registration import Registration
from services.identity.renewal import Renewal
from services.identity.roster import Roster
from services.identity.sessions import REFRESH_PATH, Sessions
from services.identity.sign_in import SignIn
from services.identity.signing_keys import SigningKeys
from services.identity.tokens import Signer
from weir.contract.messages import AccountRecord, IdentityRecord
from weir.runtime.background import Background
from weir.runtime.changes import Writer
from weir.runtime.http.browser import Browser
from weir.runtime.http.route import Route
from weir.runtime.platform import Platform
from weir.runtime.records import Records


class AccountParts:
    """What others build on stands as attributes; `routes` once they have."""

    def __init__(
        self, platform: Platform, identity: Writer[IdentityRecord], background: Background
    ) -> None:
        settings = platform.settings
        self._platform = platform
        self.identity = identity
        self.accounts = Writer(Records(platform.accounts, AccountRecord), platform.clock)
        self.browser = Browser(settings.public_url, REFRESH_PATH)
        self.challenges = Challenges(self.accounts)
        self.guesses = Guesses(self.accounts)
        self.passwords = Passwords()
        self._signer = Signer(identity, self.accounts, platform.secrets)
        self.sessions = Sessions(identity, self.accounts, self._signer, self.browser, platform)
        self._post = Post(self.challenges, platform.mail, settings, background)
        self.invitations = Invitations(self.accounts, platform.clock, self._post.invite)

    def sign_in(self, roster: Roster) -> Given:
        """What other ways of signing in are made of."""
        return Given(
            identity=self.identity,
            accounts=self.accounts,
            challenges=self.challenges,
            guesses=self.guesses,
            passwords=self.passwords,
            sessions=self.sessions,
            browser=self.browser,
            roster=roster,
        )

    def routes(self, factors: Factors, proofs: Proofs, roster: Roster) -> tuple[Route, ...]:
        """The routes."""
        logins = Logins(self.accounts)
        people = Accounts(self.identity, self.accounts)
        sign_in = SignIn(
            self.accounts.records,
            people,
            self.passwords,
            self.guesses,
            logins,
            factors,
            self.challenges,
            self.sessions,
        )
        recovery = Recovery(
            people,
            self.passwords,
            self.guesses,
            logins,
            self.challenges,
            self.sessions,
            self._post,
            proofs,
        )
        registration = Registration(
            self._platform,
            people,
            self.passwords,
            self.guesses,
            logins,
            self.challenges,
            self.sessions,
            self._post,
            proofs,
            sign_in,
            self.invitations,
            roster,
        )
        administrators = Administrators(
            roster, logins, self.sessions.end_all, self._post.unfactored
        )
        renewal = Renewal(self.identity, self.accounts, self._signer, self.sessions, self.browser)
        return (
            *sign_in_routes(sign_in, renewal),
            *own_tenant_routes(OwnTenants(self.identity, self.sessions)),
            *password_routes(recovery),
            *registration_routes(registration),
            *key_routes(SigningKeys(self._signer)),
            *administrator_routes(administrators),
        )

    def close(self) -> None:
        """Look at no more passwords."""
        self.passwords.stop()
