"""Who runs the installation, and what they alone may do to an account.

An installation keeps at least one active administrator: the changes are stored
like those of a tenant's roster, under the roster of no tenant (`-`), so two who
take the role from each other at one moment do not both succeed.

Lost second factors are given back by nobody: they are taken away, every session
ends, and the person is told. An account may be at home in many tenants, so the
administrator of one of them cannot do it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from services.identity.factors import Logins
from services.identity.index import Held
from services.identity.members import ACTIVE, EndSessions, user_of
from services.identity.people_models import same
from services.identity.roster import Put, Roster
from weir.contract import subjects
from weir.contract.identity_errors import MemberInvitedError, MemberNotFoundError
from weir.contract.messages import LoginSaved, UserSaved
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.listing import page

NO_TENANT = "-"


class Administrators:
    """The handlers. `tell` writes to somebody whose factors were taken away."""

    def __init__(
        self,
        roster: Roster,
        logins: Logins,
        end_sessions: EndSessions,
        tell: Callable[[UserSaved], None],
    ) -> None:
        self._roster = roster
        self._index = roster.index
        self._logins = logins
        self._end_sessions = end_sessions
        self._tell = tell

    async def listed(self, call: Call) -> Reply:
        """GET /platform/administrators."""
        await self._index.reach(call.number("min_sequence", 0, 0, 2**62))
        found = [held for held in self._index.users.values() if held.kind.platform]
        return Reply(page(call, found, _by_name, _shown))

    async def make(self, call: Call) -> Reply:
        """PUT /platform/administrators/{user_id}."""
        user_id = user_of(call)

        def puts() -> Sequence[Put]:
            user = self._user(user_id).kind
            if user.status != ACTIVE or user.tenant:
                raise MemberInvitedError(
                    "Only somebody with an active account of their own can run the installation: "
                    "they take up their invitation first.",
                    details={"user_id": user_id},
                )
            return self._put(user, platform=True)

        return await self._changed(call, puts)

    async def take(self, call: Call) -> Reply:
        """DELETE /platform/administrators/{user_id}."""
        user_id = user_of(call)

        def puts() -> Sequence[Put]:
            return self._put(self._user(user_id).kind, platform=False)

        return await self._changed(call, puts)

    async def reset_factors(self, call: Call) -> Reply:
        """DELETE /people/{user_id}/factors: they sign in by password, and enrol anew."""
        user_id = user_of(call)
        user = self._user(user_id).kind

        def without(login: LoginSaved) -> LoginSaved:
            return login.model_copy(update={"totp": "", "recovery": (), "passkeys": ()})

        await self._logins.change(user_id, without, call.principal)
        await self._end_sessions(call.principal, user_id, "factors reset")
        self._tell(user)
        return Reply(status=HTTPStatus.NO_CONTENT)

    def _user(self, user_id: str) -> Held[UserSaved]:
        held = self._index.users.get(user_id)
        if held is None:
            raise MemberNotFoundError(
                f"There is no account {user_id!r}: the tenant it belongs to lists its members.",
                details={"user_id": user_id},
            )
        return held

    def _put(self, user: UserSaved, *, platform: bool) -> Sequence[Put]:
        if user.platform is platform:
            return ()
        saved = user.model_copy(update={"platform": platform})
        return (Put(subjects.user(user.user_id), saved, user),)

    async def _changed(self, call: Call, puts: Callable[[], Sequence[Put]]) -> Reply:
        sequence = await self._roster.change(call, puts, NO_TENANT)
        return Reply(status=HTTPStatus.NO_CONTENT, sequence=sequence)


def _by_name(held: Held[UserSaved]) -> tuple[str, str]:
    return same(held.kind.name or held.kind.email), held.kind.user_id


def _shown(held: Held[UserSaved]) -> dict[str, Any]:
    user = held.kind
    return {"id": user.user_id, "name": user.name, "email": user.email, "status": user.status}
