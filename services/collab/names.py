"""What people and keys are called."""

from __future__ import annotations

from weir.contract import subjects
from weir.contract.errors import WeirError
from weir.contract.messages import IdentityRecord
from weir.runtime.records import Records


class Names:
    """Asks for names in IDENTITY."""

    def __init__(self, records: Records[IdentityRecord]) -> None:
        self._records = records

    async def of(self, principal: str) -> str:
        """The name of somebody; their id where none is known."""
        is_key = principal.startswith("key_")
        subject = subjects.api_key(principal) if is_key else subjects.user(principal)
        try:
            entry = await self._records.get(subject)
        except WeirError:
            return principal
        if entry is None:
            return principal
        held = entry.record.api_key_created if is_key else entry.record.user_saved
        return (held.name if held is not None else "") or principal
