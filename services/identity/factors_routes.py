"""Routes of second factors and passkeys."""

from __future__ import annotations

from functools import partial

from services.identity import passkeys_models, totp_models
from services.identity.factors_handlers import OwnFactors, PasskeySignIn
from services.identity.second_step import SecondStep
from weir.contract import errors, identity_errors
from weir.runtime.access import Permission
from weir.runtime.http.route import API, Route

AUTH = f"{API}/auth"
STEP = f"{AUTH}/second-factor"
_BODY = 64 * 1024  # what an authenticator answers is a few kilobytes
_NEEDS_PERSON = (identity_errors.PersonRequiredError, errors.ForbiddenError)
_PROOF = (
    *_NEEDS_PERSON,
    identity_errors.ProofRequiredError,
    identity_errors.SecondFactorWrongError,
    identity_errors.TooManyGuessesError,
)
_HALFWAY = (
    identity_errors.SignInStaleError,
    identity_errors.SecondFactorWrongError,
    identity_errors.TooManyGuessesError,
    identity_errors.SignInWrongError,
    errors.OriginForbiddenError,
)


def own_factor_routes(own: OwnFactors) -> tuple[Route, ...]:
    """One's own second factors."""
    route = partial(Route, tag="auth", permission=Permission.SELF, body_limit=_BODY)
    return (
        route(
            "GET",
            f"{AUTH}/factors",
            own.get,
            summary="How you prove beside a password who you are",
            answer=totp_models.FactorsAnswer,
            errors=_NEEDS_PERSON,
        ),
        route(
            "POST",
            f"{AUTH}/totp",
            own.enrol,
            summary="Begin to use time-based codes; the secret is shown this once",
            body=totp_models.Proof,
            answer=totp_models.Enrolment,
            errors=(*_PROOF, identity_errors.FactorExistsError),
        ),
        route(
            "POST",
            f"{AUTH}/totp/confirm",
            own.confirm,
            summary="Let the codes count from the first right one on; shows recovery codes once",
            body=totp_models.ConfirmTotp,
            answer=totp_models.RecoveryCodes,
            errors=(*_PROOF, identity_errors.FactorExistsError, identity_errors.SignInStaleError),
            audit="factor.totp_enrolled",
        ),
        route(
            "POST",
            f"{AUTH}/totp/disable",
            own.disable,
            summary="Use time-based codes no more",
            status=204,
            body=totp_models.Proof,
            errors=(
                *_PROOF,
                identity_errors.FactorNotFoundError,
                identity_errors.SecondFactorRequiredError,
            ),
            audit="factor.totp_disabled",
        ),
        route(
            "POST",
            f"{AUTH}/recovery-codes",
            own.renew,
            summary="Make ten new recovery codes; those before count no more",
            body=totp_models.Proof,
            answer=totp_models.RecoveryCodes,
            errors=(*_PROOF, identity_errors.FactorNotFoundError),
            audit="factor.recovery_renewed",
        ),
        route(
            "POST",
            f"{AUTH}/passkey-registration",
            own.ask_to_register,
            summary="What the browser is asked to make a passkey",
            body=totp_models.Proof,
            answer=passkeys_models.Options,
            errors=(*_PROOF, identity_errors.FactorExistsError, errors.OriginForbiddenError),
        ),
        route(
            "POST",
            f"{AUTH}/passkeys",
            own.register,
            summary="Add the passkey that the browser made",
            status=201,
            body=passkeys_models.MakePasskey,
            answer=passkeys_models.MadePasskey,
            errors=(
                *_NEEDS_PERSON,
                identity_errors.SecondFactorWrongError,
                identity_errors.SignInStaleError,
                identity_errors.FactorExistsError,
                errors.OriginForbiddenError,
            ),
            audit="factor.passkey_added",
        ),
        route(
            "PUT",
            f"{AUTH}/passkeys/{{passkey_id}}",
            own.rename,
            summary="Call a passkey otherwise",
            audit="factor.passkey_renamed",
            body=passkeys_models.RenamePasskey,
            answer=totp_models.PasskeyAnswer,
            errors=(*_NEEDS_PERSON, identity_errors.FactorNotFoundError),
        ),
        route(
            "POST",
            f"{AUTH}/passkeys/{{passkey_id}}/delete",
            own.delete,
            summary="Remove a passkey",
            status=204,
            body=totp_models.Proof,
            errors=(
                *_PROOF,
                identity_errors.FactorNotFoundError,
                identity_errors.SecondFactorRequiredError,
            ),
            audit="factor.passkey_removed",
        ),
    )


def second_step_routes(step: SecondStep, passkeys: PasskeySignIn) -> tuple[Route, ...]:
    """The second step of signing in, and signing in by a passkey alone."""
    route = partial(
        Route, "POST", tag="auth", permission=Permission.PUBLIC, body_limit=_BODY, errors=_HALFWAY
    )
    enrolling = (*_HALFWAY, identity_errors.FactorExistsError)
    return (
        route(
            f"{STEP}/totp",
            step.totp,
            summary="Complete a sign-in by a time-based code",
            body=totp_models.HalfwayCode,
            answer=totp_models.SignedIn,
            audit="user.signed_in",
        ),
        route(
            f"{STEP}/recovery",
            step.recovery,
            summary="Complete a sign-in by a recovery code",
            body=totp_models.HalfwayCode,
            answer=totp_models.SignedIn,
            audit="user.signed_in",
        ),
        route(
            f"{STEP}/passkey/options",
            passkeys.ask_second,
            summary="What the browser is asked to complete a sign-in by a passkey",
            body=totp_models.Halfway,
            answer=passkeys_models.Options,
            errors=(*_HALFWAY, identity_errors.FactorNotFoundError),
        ),
        route(
            f"{STEP}/passkey",
            passkeys.prove_second,
            summary="Complete a sign-in by a passkey",
            body=passkeys_models.HalfwayPasskey,
            answer=totp_models.SignedIn,
            audit="user.signed_in",
        ),
        route(
            f"{STEP}/enrol/totp",
            step.enrol,
            summary="Begin to use time-based codes, where a tenant demands it to sign in",
            body=totp_models.Halfway,
            answer=totp_models.Enrolment,
            errors=enrolling,
        ),
        route(
            f"{STEP}/enrol/totp/confirm",
            step.confirm,
            summary="Let the codes count and complete the sign-in; recovery codes are shown once",
            body=totp_models.HalfwayConfirm,
            answer=totp_models.SignedIn,
            errors=enrolling,
            audit="factor.totp_enrolled",
        ),
        route(
            f"{STEP}/enrol/passkey/options",
            passkeys.ask_to_register,
            summary="What the browser is asked to make a passkey, where a tenant demands it",
            body=totp_models.Halfway,
            answer=passkeys_models.Options,
            errors=enrolling,
        ),
        route(
            f"{STEP}/enrol/passkey",
            passkeys.register,
            summary="Add the passkey and complete the sign-in; recovery codes are shown once",
            body=passkeys_models.HalfwayMakePasskey,
            answer=totp_models.SignedIn,
            errors=enrolling,
            audit="factor.passkey_added",
        ),
        route(
            f"{AUTH}/passkey/options",
            passkeys.ask_alone,
            summary="What the browser is asked to sign in by a passkey alone",
            answer=passkeys_models.Options,
        ),
        route(
            f"{AUTH}/passkey",
            passkeys.prove_alone,
            summary="Sign in by a passkey alone",
            body=passkeys_models.ProvePasskey,
            answer=totp_models.SignedIn,
            audit="user.signed_in",
        ),
    )
