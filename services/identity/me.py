"""What a caller may learn about itself."""

from __future__ import annotations

from weir.contract import subjects
from weir.contract.messages import IdentityRecord
from weir.runtime.access import ROLES, Permission
from weir.runtime.http.call import Call, Reply
from weir.runtime.records import Records


class Me:
    """The handlers."""

    def __init__(self, records: Records[IdentityRecord]) -> None:
        self._records = records

    async def get(self, call: Call) -> Reply:
        """GET /auth/me."""
        who = call.principal
        entry = await self._records.get(subjects.user(who.id))
        user = entry.record.user_saved if entry else None
        return Reply(
            {
                "id": who.id,
                "tenant": who.tenant,
                "role": who.role,
                "projects": dict(who.projects),
                "permissions": sorted(each for each in Permission if who.may(each)),
                "roles": {role: sorted(may) for role, may in ROLES.items()},
                "name": user.name if user else "",
                "email": user.email if user else "",
                "platform": who.platform,
            }
        )
