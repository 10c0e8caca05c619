"""The keys of access tokens, for whoever checks tokens and whoever replaces them."""

from __future__ import annotations

from services.identity.accounts_models import Rotate
from services.identity.tokens import Signer
from weir.runtime.access_tokens import jwk
from weir.runtime.http.call import Call, Reply


class SigningKeys:
    """The handlers."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    async def listed(self, _: Call) -> Reply:
        """GET /.well-known/jwks.json."""
        keys = await self._signer.public()
        return Reply({"keys": [jwk(key) for key in keys]})

    async def rotate(self, call: Call) -> Reply:
        """POST /auth/signing-keys/rotate."""
        asked = await call.model(Rotate, optional=True)
        kid = await self._signer.rotate(call.principal, drop=asked.drop)
        call.audited(resource=kid)
        return Reply({"kid": kid})
