"""Routes of accounts and sessions."""

from __future__ import annotations

from functools import partial

from services.identity import accounts_models as models
from services.identity.own_tenants import OwnTenants
from services.identity.recovery import Recovery
from services.identity.registration import Registration
from services.identity.renewal import Renewal
from services.identity.sessions import REFRESH_PATH
from services.identity.sign_in import SignIn
from services.identity.signing_keys import SigningKeys
from weir.contract import errors, identity_errors
from weir.runtime.access import Permission
from weir.runtime.http.route import API, Route

AUTH = f"{API}/auth"
_BODY = 16 * 1024
_GUESSED = (
    identity_errors.SignInWrongError,
    identity_errors.TooManyGuessesError,
    errors.OverloadedError,
    errors.OriginForbiddenError,
)
_LINK = (
    identity_errors.LinkSpentError,
    identity_errors.PasswordRefusedError,
    errors.OverloadedError,
)
_PERSON = (identity_errors.PersonRequiredError,)
_PROOF = (
    *_PERSON,
    identity_errors.ProofRequiredError,
    identity_errors.SecondFactorWrongError,
    identity_errors.TooManyGuessesError,
    errors.OverloadedError,
)
_public = partial(Route, "POST", permission=Permission.PUBLIC, tag="auth", body_limit=_BODY)
_own = partial(Route, permission=Permission.SELF, tag="auth", body_limit=_BODY)


def sign_in_routes(sign_in: SignIn, renewal: Renewal) -> tuple[Route, ...]:
    """In, on and out."""
    return (
        _public(
            f"{AUTH}/login",
            sign_in.login,
            summary="Sign in by address and password",
            body=models.Login,
            answer=models.SignedIn,
            errors=(*_GUESSED, errors.TenantForbiddenError),
            audit="user.signed_in",
        ),
        _public(
            REFRESH_PATH,
            renewal.refresh,
            summary="New tokens for a refresh token, which counts once",
            body=models.Refresh,
            answer=models.SignedIn,
            errors=(identity_errors.SessionOverError, errors.OriginForbiddenError),
            audit="session.refreshed",
        ),
        _own(
            "POST",
            f"{AUTH}/logout",
            renewal.logout,
            summary="Sign out",
            status=204,
            errors=_PERSON,
            audit="user.signed_out",
        ),
        _own(
            "POST",
            f"{AUTH}/logout/everywhere",
            renewal.logout_everywhere,
            summary="Sign out everywhere",
            status=204,
            errors=_PERSON,
            audit="user.signed_out_everywhere",
        ),
        _own(
            "GET",
            f"{AUTH}/sessions",
            renewal.listed,
            summary="Where you are signed in",
            answer=models.Sessions,
            errors=_PERSON,
        ),
        _own(
            "DELETE",
            f"{AUTH}/sessions/{{session_id}}",
            renewal.end,
            summary="End one of your sessions",
            status=204,
            errors=(*_PERSON, identity_errors.SessionNotFoundError),
            audit="session.ended",
        ),
    )


def own_tenant_routes(tenants: OwnTenants) -> tuple[Route, ...]:
    """Which tenant a session means."""
    return (
        _own(
            "GET",
            f"{AUTH}/tenants",
            tenants.listed,
            summary="The tenants you are a member of",
            answer=models.OwnTenants,
            errors=_PERSON,
        ),
        _own(
            "PUT",
            f"{AUTH}/tenant",
            tenants.choose,
            summary="Go on in another of your tenants, in this session",
            body=models.ChooseTenant,
            status=204,
            errors=(*_PERSON, errors.TenantForbiddenError),
            audit="session.tenant_changed",
        ),
    )


def password_routes(recovery: Recovery) -> tuple[Route, ...]:
    """Passwords."""
    return (
        _own(
            "PUT",
            f"{AUTH}/password",
            recovery.change,
            summary="Change your password; every other session ends",
            body=models.ChangePassword,
            answer=models.SignedIn,
            errors=(*_PROOF, identity_errors.PasswordRefusedError, identity_errors.LinkSpentError),
            audit="user.password_changed",
        ),
        _public(
            f"{AUTH}/password/forgot",
            recovery.forgotten,
            summary="Ask for a link to set a new password; the answer is always the same",
            status=202,
            body=models.Forgotten,
            errors=(identity_errors.TooManyGuessesError,),
        ),
        _public(
            f"{AUTH}/password/reset",
            recovery.reset,
            summary="Set a new password by the link; every session ends",
            status=204,
            body=models.Reset,
            errors=_LINK,
            audit="user.password_reset",
        ),
    )


def registration_routes(registration: Registration) -> tuple[Route, ...]:
    """How people get an account, and change its address."""
    return (
        _public(
            f"{AUTH}/register",
            registration.register,
            summary="Ask for an account; the answer is always the same, the rest comes by mail",
            status=202,
            body=models.Register,
            errors=(
                identity_errors.RegistrationClosedError,
                identity_errors.TooManyGuessesError,
            ),
        ),
        _public(
            f"{AUTH}/invitations/accept",
            registration.accept,
            summary="Take up an invitation: set a password and sign in",
            body=models.Accept,
            answer=models.SignedIn,
            errors=(
                *_LINK,
                identity_errors.RegistrationClosedError,
                identity_errors.AccountExistsError,
                errors.OriginForbiddenError,
            ),
            audit="user.joined",
        ),
        _own(
            "POST",
            f"{AUTH}/email",
            registration.change_email,
            summary="Change your address: a link goes to the new one",
            status=202,
            body=models.ChangeEmail,
            errors=_PROOF,
        ),
        _public(
            f"{AUTH}/email/verify",
            registration.verify_email,
            summary="Say by the link that a new address is yours",
            status=204,
            body=models.Verify,
            errors=(identity_errors.LinkSpentError, identity_errors.AccountExistsError),
            audit="user.email_changed",
        ),
    )


def key_routes(keys: SigningKeys) -> tuple[Route, ...]:
    """The keys of access tokens."""
    return (
        Route(
            "GET",
            "/.well-known/jwks.json",
            keys.listed,
            Permission.PUBLIC,
            "The public keys of access tokens",
            "auth",
            answer=models.Keys,
        ),
        Route(
            "POST",
            f"{AUTH}/signing-keys/rotate",
            keys.rotate,
            Permission.PLATFORM_MANAGE,
            "Sign access tokens by a new key",
            "auth",
            body=models.Rotate,
            answer=models.Rotated,
            errors=(errors.ConflictError,),
            audit="signing_key.rotated",
        ),
    )
