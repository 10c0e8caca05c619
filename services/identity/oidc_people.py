"""Who somebody at a provider is here, and what they may from this sign-in on.

Whoever runs a tenant's provider decides whom it says it has before it. So what
it says counts for this tenant alone: it opens sessions that are good nowhere
else and change nothing of how the account signs in. An account that exists is
taken for theirs only if it is a member of this very tenant, the provider calls
the address verified, and the tenant trusts it to (`links_users`); operators of
the installation are never taken for anybody. A new account gets an address only
if it is verified and nobody's.

Roles follow the provider at every sign-in, as long as the membership is one
that it made: what an administrator gave, it does not take.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress

import structlog

from services.identity import oidc_claims
from services.identity.accounts import Accounts, themselves
from services.identity.oidc_claims import Person
from services.identity.roster import Put, Roster
from weir.contract import subjects
from weir.contract.identity_errors import (
    AccountExistsError,
    LastAdminError,
    SignInRefusedError,
)
from weir.contract.messages import (
    AccountRecord,
    MemberRemoved,
    MemberSaved,
    ProviderSaved,
    SubjectLinked,
    UserSaved,
)
from weir.ports.clock import Clock
from weir.runtime import audit_changes
from weir.runtime.access import Principal
from weir.runtime.changes import Writer
from weir.runtime.http.call import Call

ACTIVE, INVITED = "active", "invited"

_log = structlog.get_logger()


class People:
    """Finds them or makes them."""

    def __init__(
        self, accounts: Writer[AccountRecord], people: Accounts, roster: Roster, clock: Clock
    ) -> None:
        self._accounts = accounts
        self._people = people
        self._roster = roster
        self._clock = clock

    async def admit(self, call: Call, provider: ProviderSaved, person: Person) -> str:
        """The user they are, a member now with the role that their groups have.

        SignInRefusedError if they may not come in; a role that the provider
        took is taken all the same. The audit is told what that changed.
        """
        role = oidc_claims.role(person.groups, provider.roles, provider.default_role)
        user_id, revision = await self._linked(provider.issuer, person.subject)
        user = await self._people.user(user_id) if user_id else None
        if user is None:
            user = await self._known(provider, person)
            unmade = await self._unmade(user_id) if user_id else ""
            user = user or self._new(provider, person, role, unmade)
            if user.user_id != user_id:
                link = self._accounts.record(SubjectLinked(user_id=user.user_id), _by(provider))
                subject = outside(provider.issuer, person.subject)
                await self._accounts.records.put(subject, link, expect=revision)
            user = await self._owning(user, person)
        if user.status not in {ACTIVE, INVITED}:
            raise _refused("the account is disabled")
        call.audited(actor=user.user_id)
        await self._follow(call, provider, user, role)
        return user.user_id

    async def _linked(self, issuer: str, subject: str) -> tuple[str, int]:
        entry = await self._accounts.records.fresh(outside(issuer, subject))
        linked = entry.record.subject_linked if entry else None
        return (linked.user_id if linked else ""), (entry.revision if entry else 0)

    async def _known(self, provider: ProviderSaved, person: Person) -> UserSaved | None:
        """The account that has their verified address, if this provider may open it."""
        if not person.email:
            return None
        user = await self._people.user(await self._people.id_of(person.email))
        if user is None:
            return None
        member = await self._roster.writer.records.fresh(
            subjects.member(provider.tenant, user.user_id)
        )
        belongs = member is not None and member.record.member_saved is not None
        if not (provider.links_users and belongs) or user.platform:
            raise _refused("an account with this address exists, and this provider may not open it")
        return user

    async def _unmade(self, user_id: str) -> str:
        """The id if it was given and its account never made, because its maker died before."""
        entry = await self._roster.writer.records.fresh(subjects.user(user_id))
        return user_id if entry is None else ""

    def _new(self, provider: ProviderSaved, person: Person, role: str, user_id: str) -> UserSaved:
        if not provider.creates_users:
            raise _refused("there is no account for them, and this provider may make none")
        if not role:
            raise _refused("none of their groups has a role here")
        return UserSaved(
            user_id=user_id or self._clock.new_id("usr"),
            name=person.name or person.email or "Somebody",
            status=ACTIVE,
            created_at=self._accounts.now(),
        )

    async def _owning(self, user: UserSaved, person: Person) -> UserSaved:
        """A new account with the address, if that is nobody's."""
        if user.email or not person.email:
            return user
        with suppress(AccountExistsError):  # somebody was faster: then it is theirs
            await self._people.claim(themselves(user.user_id), person.email, user.user_id)
            return user.model_copy(update={"email": person.email})
        return user

    async def _follow(
        self, call: Call, provider: ProviderSaved, user: UserSaved, role: str
    ) -> None:
        """Let the membership be what the provider says, if it is its to say."""
        by = _by(provider)
        tenant, user_id = provider.tenant, user.user_id
        index = self._roster.index
        told: list[Put] = []

        def puts() -> Sequence[Put]:
            held = index.roll(tenant).members.get(user_id)
            member = held.kind if held else None
            after = _membership(provider, user_id, role, member, self._accounts.now())
            changes: list[Put] = []
            known = index.users.get(user_id)
            if isinstance(after, MemberSaved) and (known is None or known.kind.status == INVITED):
                active = known.kind.model_copy(update={"status": ACTIVE}) if known else user
                changes.append(Put(subjects.user(user_id), active))
            if after is not None and after != member:
                changes.append(Put(subjects.member(tenant, user_id), after, member))
            told[:] = changes
            return changes

        try:
            await self._roster.store(by, tenant, puts)
            for put in told[-1:]:
                call.audited(changes=audit_changes.changes(put.before, put.kind))
        except LastAdminError:
            # Else nobody could repair what is wrong at the provider, or with its table of roles.
            _log.warning("the last administrator stays one", tenant=tenant, user_id=user_id)
        left = await self._roster.writer.records.fresh(subjects.member(tenant, user_id))
        member = left.record.member_saved if left else None
        if member is None or (
            not role and member.source == provider.provider_id and not _more(member)
        ):
            raise _refused("they are no member, and none of their groups makes them one")


def _membership(
    provider: ProviderSaved, user_id: str, role: str, member: MemberSaved | None, now: str
) -> MemberSaved | MemberRemoved | None:
    """What it is to be; None where there is none and none is to come."""
    if member is None:
        if not (role and provider.creates_users):
            return None
        return MemberSaved(
            tenant=provider.tenant,
            user_id=user_id,
            role=role,
            source=provider.provider_id,
            created_at=now,
        )
    if member.source != provider.provider_id:
        return member
    if not role and not _more(member):
        return MemberRemoved(tenant=provider.tenant, user_id=user_id)
    return member.model_copy(update={"role": role})


def _more(member: MemberSaved) -> bool:
    """Whether administrators gave them something beside what the provider says."""
    return bool(member.projects or member.groups)


def outside(issuer: str, subject: str) -> str:
    """The subject of the log for somebody at an issuer."""
    return subjects.outside(
        hashlib.sha256(f"{len(issuer)} {issuer} {subject}".encode()).hexdigest()
    )


def _by(provider: ProviderSaved) -> Principal:
    return Principal(id=provider.provider_id, tenant=provider.tenant, role="")


def _refused(why: str) -> SignInRefusedError:
    return SignInRefusedError(
        f"You may not sign in here by this provider: {why}. Ask an administrator."
    )
