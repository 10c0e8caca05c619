"""What people see and change of how they sign in, and how passkeys sign them in."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from services.identity.factors import PASSKEY, Factors, Logins
from services.identity.factors_proof import Proofs
from services.identity.passkeys import Made, Passkeys
from services.identity.passkeys_models import (
    HalfwayMakePasskey,
    HalfwayPasskey,
    MakePasskey,
    ProvePasskey,
    RenamePasskey,
)
from services.identity.passkeys_site import Sites
from services.identity.second_step import SecondStep
from services.identity.sessions import Sessions
from services.identity.totp import Codes
from services.identity.totp_models import ConfirmTotp, Halfway, Proof
from weir.contract.messages import Passkey
from weir.runtime.http.call import Call, Reply


class OwnFactors:
    """One's own second factors."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it brings together
        self,
        logins: Logins,
        factors: Factors,
        proofs: Proofs,
        codes: Codes,
        passkeys: Passkeys,
        sites: Sites,
        step: SecondStep,
        now_ms: Callable[[], int],
    ) -> None:
        self._logins = logins
        self._factors = factors
        self._proofs = proofs
        self._codes = codes
        self._passkeys = passkeys
        self._sites = sites
        self._step = step
        self._now_ms = now_ms

    async def get(self, call: Call) -> Reply:
        """GET /auth/factors."""
        user_id, _, _ = await self._factors.owner(call)
        login = await self._logins.get(user_id)
        return Reply(
            {
                "totp": bool(login.totp),
                "recovery_codes_left": len(login.recovery),
                "passkeys": [_shown(one) for one in login.passkeys],
                "demanded": await self._factors.demanded(user_id),
            }
        )

    async def enrol(self, call: Call) -> Reply:
        """POST /auth/totp."""
        user_id = await self._proved(call)
        return Reply(await self._codes.enrol(user_id, await self._step.shown(user_id)))

    async def confirm(self, call: Call) -> Reply:
        """POST /auth/totp/confirm."""
        user_id, _, _ = await self._factors.owner(call)
        asked = await call.model(ConfirmTotp)
        return _codes(await self._codes.confirm(user_id, asked.enrolment, asked.code))

    async def disable(self, call: Call) -> Reply:
        """POST /auth/totp/disable."""
        user_id = await self._proved(call)
        await self._codes.disable(user_id, demanded=await self._factors.demanded(user_id))
        return Reply(status=HTTPStatus.NO_CONTENT)

    async def renew(self, call: Call) -> Reply:
        """POST /auth/recovery-codes."""
        return _codes(await self._codes.renew(await self._proved(call)))

    async def ask_to_register(self, call: Call) -> Reply:
        """POST /auth/passkey-registration."""
        user_id = await self._proved(call)
        shown = await self._step.shown(user_id)
        return Reply(await self._passkeys.ask_to_register(self._sites.of(call), user_id, shown))

    async def register(self, call: Call) -> Reply:
        """POST /auth/passkeys; the options that it answers were given for a proof."""
        user_id, _, _ = await self._factors.owner(call)
        asked = await call.model(MakePasskey)
        made = await self._passkeys.register(
            self._sites.of(call), user_id, asked.name, asked.credential
        )
        return Reply(_made(made), status=HTTPStatus.CREATED)

    async def rename(self, call: Call) -> Reply:
        """PUT /auth/passkeys/{passkey_id}."""
        user_id, _, _ = await self._factors.owner(call)
        asked = await call.model(RenamePasskey)
        renamed = await self._passkeys.rename(user_id, call.segment("passkey_id"), asked.name)
        return Reply(_shown(renamed))

    async def delete(self, call: Call) -> Reply:
        """POST /auth/passkeys/{passkey_id}/delete."""
        user_id = await self._proved(call)
        demanded = await self._factors.demanded(user_id)
        await self._passkeys.delete(user_id, call.segment("passkey_id"), demanded=demanded)
        return Reply(status=HTTPStatus.NO_CONTENT)

    async def _proved(self, call: Call) -> str:
        proof = await call.model(Proof, optional=True)
        return await self._proofs.owner(call, proof, self._now_ms())


class PasskeySignIn:
    """Signing in by a passkey, after a password or alone."""

    def __init__(
        self, passkeys: Passkeys, sites: Sites, step: SecondStep, sessions: Sessions
    ) -> None:
        self._passkeys = passkeys
        self._sites = sites
        self._step = step
        self._sessions = sessions

    async def ask_second(self, call: Call) -> Reply:
        """POST /auth/second-factor/passkey/options."""
        asked = await call.model(Halfway)
        half = await self._step.look(call, asked.challenge)
        return Reply(await self._passkeys.ask_second(self._sites.of(call), half.user_id))

    async def prove_second(self, call: Call) -> Reply:
        """POST /auth/second-factor/passkey."""
        asked = await call.model(HalfwayPasskey)
        half = await self._step.look(call, asked.challenge)
        await self._passkeys.prove_second(self._sites.of(call), half.user_id, asked.credential)
        return await self._step.complete(call, asked.challenge, PASSKEY)

    async def ask_to_register(self, call: Call) -> Reply:
        """POST /auth/second-factor/enrol/passkey/options."""
        asked = await call.model(Halfway)
        user_id = await self._step.enrolling(call, asked.challenge)
        shown = await self._step.shown(user_id)
        return Reply(await self._passkeys.ask_to_register(self._sites.of(call), user_id, shown))

    async def register(self, call: Call) -> Reply:
        """POST /auth/second-factor/enrol/passkey."""
        asked = await call.model(HalfwayMakePasskey)
        user_id = await self._step.enrolling(call, asked.challenge)
        made = await self._passkeys.register(
            self._sites.of(call), user_id, asked.name, asked.credential
        )
        return await self._step.complete(call, asked.challenge, PASSKEY, made.recovery)

    async def ask_alone(self, call: Call) -> Reply:
        """POST /auth/passkey/options."""
        return Reply(await self._passkeys.ask_alone(self._sites.of(call)))

    async def prove_alone(self, call: Call) -> Reply:
        """POST /auth/passkey."""
        asked = await call.model(ProvePasskey)
        user_id = await self._passkeys.prove_alone(self._sites.of(call), asked.credential)
        call.audited(actor=user_id)
        return await self._sessions.open(call, user_id, (PASSKEY,), asked.tenant)


def _codes(made: tuple[str, ...]) -> Reply:
    return Reply({"recovery_codes": made})


def _made(made: Made) -> dict[str, Any]:
    return _shown(made.passkey) | ({"recovery_codes": made.recovery} if made.recovery else {})


def _shown(passkey: Passkey) -> dict[str, Any]:
    return {
        "id": passkey.credential_id,
        "name": passkey.name,
        "created_at": passkey.created_at,
        "used_at": passkey.used_at,
        "transports": passkey.transports,
    }
