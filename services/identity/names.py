"""Names for ids that somebody came across: of people, accounts and keys of their own tenant.

An id stands wherever somebody made or changed something, so whoever is signed in
may ask. Whoever belongs to another tenant has no name here, like one who does not
exist; mail addresses are for those who manage users.
"""

from __future__ import annotations

from services.identity.index import Index, Roll
from weir.contract.errors import InvalidParameterError
from weir.runtime.http.call import Call, Reply

AT_ONCE = 100


class Names:
    """The handlers."""

    def __init__(self, index: Index) -> None:
        self._index = index

    async def told(self, call: Call) -> Reply:
        """GET /names."""
        asked = [one for one in call.query("ids").split(",") if one]
        if not 0 < len(asked) <= AT_ONCE:
            raise InvalidParameterError(
                f"ids names {len(asked)}: give 1 to {AT_ONCE}, separated by commas.",
                details={"parameter": "ids"},
            )
        roll = self._index.roll(call.tenant)
        names = {one: name for one in asked if (name := self._name(roll, one))}
        return Reply({"names": names})

    def _name(self, roll: Roll, one: str) -> str:
        if (key := roll.keys.get(one)) is not None:
            return key.kind.name
        user = self._index.users.get(one) if one in roll.members else None
        return user.kind.name if user is not None else ""
