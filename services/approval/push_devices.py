"""The browsers in which people get push notices: a record for each person and tenant.

A record holds all of somebody's browsers, so that their number has a limit
whoever adds one at the same moment. Where notices are sent, and the keys they
are encrypted for, lie sealed. Of a record the newest message alone is kept, and
none of whoever leaves the tenant. Everybody's are in memory, by following them.
"""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import orjson
import structlog

from services.approval.push_crypto import Target
from weir.contract import codec, ids, subjects, times
from weir.contract.approval_errors import PushDeviceNotFoundError, PushDevicesFullError
from weir.contract.errors import (
    ConflictError,
    RecordUnreadableError,
    UnavailableError,
    WeirError,
)
from weir.contract.messages import ApprovalDevicesSaved, ApprovalRecord, PushDevice
from weir.ports.clock import Clock
from weir.ports.log import Append, Log, Stored
from weir.ports.secrets import Place, Sealed, Secrets
from weir.runtime import records

MOST = 10  # of one person
_TRIES = 20  # more than the changes that can come at once to a record of ten
_AGAIN_S = 1.0

_log = structlog.get_logger()

Owned = tuple[PushDevice, ...]
Person = tuple[str, str]  # tenant and user


class Devices:
    """`load` it, then let `run` and `removing` go on for ever."""

    def __init__(self, log: Log, secrets: Secrets, clock: Clock) -> None:
        self._log = log
        self._secrets = secrets
        self._clock = clock
        self._of: dict[Person, tuple[int, Owned]] = {}
        self._position = 0
        self._gone: dict[Person, None] = {}
        self._leaving = asyncio.Event()

    async def load(self) -> None:
        """Read what there is."""
        upto = await self._log.last_seq()
        async for batch in self._log.read(subjects.EVERY_DEVICES, upto=upto):
            self._take(batch)
        self._position = upto

    async def run(self) -> None:
        """Follow, for ever."""
        following = self._log.follow(subjects.EVERY_DEVICES, after=self._position)
        try:
            async for batch in following:
                self._take(batch)
        finally:
            await following.close()

    # -- asking --

    def of(self, tenant: str, user_id: str) -> Owned:
        """Somebody's, as they were a moment ago."""
        return self._of.get((tenant, user_id), (0, ()))[1]

    def any(self, tenant: str) -> bool:
        """Whether anybody has one."""
        return any(owner[0] == tenant and owned for owner, (_, owned) in self._of.items())

    def everybody(self) -> list[Person]:
        """Of whom there is a record."""
        return list(self._of)

    async def read(self, tenant: str, user_id: str) -> Owned:
        """Somebody's, as they are now."""
        return (await self._read(tenant, user_id))[1]

    async def one(self, tenant: str, user_id: str, device_id: str) -> PushDevice:
        """One of somebody's; PushDeviceNotFoundError."""
        return _found(await self.read(tenant, user_id), device_id)

    async def target(self, tenant: str, user_id: str, device: PushDevice) -> Target:
        """Where its notices go; SecretUnreadableError."""
        place = Place(tenant, user_id, device.id)
        value = orjson.loads(await self._secrets.open(Sealed.parse(device.sealed), place))
        return Target(value["endpoint"], b64decode(value["p256dh"]), b64decode(value["auth"]))

    # -- changing --

    async def add(self, tenant: str, user_id: str, name: str, target: Target) -> PushDevice:
        """Keep a browser; once, however often it comes. PushDevicesFullError.

        It is that person's from then on, and nobody else's who had used it before.
        """
        device_id = ids.derived("psh", target.endpoint)
        value = {
            "endpoint": target.endpoint,
            "p256dh": b64encode(target.p256dh).decode(),
            "auth": b64encode(target.auth).decode(),
        }
        sealed = await self._secrets.seal(orjson.dumps(value), Place(tenant, user_id, device_id))
        made = PushDevice(
            id=device_id,
            name=name,
            created_at=times.from_ms(self._clock.now_ms()),
            fingerprint=hashlib.sha256(target.endpoint.encode()).hexdigest(),
            sealed=sealed.text,
        )

        def next_of(owned: Owned) -> Owned:
            same = next((one for one in owned if one.id == device_id), None)
            if same is not None:
                again = made.model_copy(update={"created_at": same.created_at})
                return tuple(again if one is same else one for one in owned)
            if len(owned) >= MOST:
                raise PushDevicesFullError(
                    f"You are notified on {MOST} devices already: remove one of them first.",
                    details={"limit": str(MOST)},
                )
            return (*owned, made)

        for other_tenant, other in list(self._with(device_id)):
            if other != user_id:
                with suppress(PushDeviceNotFoundError):
                    await self.remove(other_tenant, other, device_id)
        return _found(await self._change(tenant, user_id, next_of), device_id)

    async def remove(self, tenant: str, user_id: str, device_id: str) -> PushDevice:
        """Keep it no more; PushDeviceNotFoundError. Returns what it was."""
        removed: list[PushDevice] = []

        def next_of(owned: Owned) -> Owned:
            removed[:] = [_found(owned, device_id)]
            return tuple(one for one in owned if one.id != device_id)

        await self._change(tenant, user_id, next_of)
        return removed[0]

    async def forget(self, tenant: str) -> bool:
        """A tenant is gone; whether there was anything of it."""
        about = subjects.approval_devices_of(tenant)
        found = False
        async for _ in self._log.read(about):
            found = True
            break
        if found:
            await self._log.purge(about)
        for owner in [owner for owner in self._of if owner[0] == tenant]:
            del self._of[owner]
        return found

    # -- whoever leaves --

    def leave(self, tenant: str, user_id: str) -> None:
        """Somebody is no member any more: nothing of them stays."""
        self._gone[tenant, user_id] = None
        self._leaving.set()

    async def removing(self) -> None:
        """Remove what those had who left, for ever."""
        while True:
            await self._leaving.wait()
            self._leaving.clear()
            for tenant, user_id in list(self._gone):
                try:
                    await self._log.purge(subjects.approval_devices(tenant, user_id))
                except WeirError as error:
                    _log.warning("devices are not removed yet", tenant=tenant, why=error.message)
                    await asyncio.sleep(_AGAIN_S)
                    self._leaving.set()
                else:
                    self._gone.pop((tenant, user_id))
                    self._of.pop((tenant, user_id), None)

    # -- the record --

    async def _change(self, tenant: str, user_id: str, next_of: Callable[[Owned], Owned]) -> Owned:
        subject = subjects.approval_devices(tenant, user_id)
        for _ in range(_TRIES):
            revision, owned = await self._read(tenant, user_id)
            changed = next_of(owned)
            record = ApprovalRecord.of(
                ApprovalDevicesSaved(user_id=user_id, devices=changed),
                id=self._clock.new_id("apv"),
                at=times.from_ms(self._clock.now_ms()),
                tenant=tenant,
                by=user_id,
            )
            append = Append(subject, codec.encode(record), expect=revision, rollup=True)
            try:
                seq = await self._log.append(append)
            except ConflictError:
                continue
            self._keep((tenant, user_id), seq, changed)
            return changed
        raise UnavailableError("Others keep changing this at the same time: try again.")

    async def _read(self, tenant: str, user_id: str) -> tuple[int, Owned]:
        last = await self._log.last(subjects.approval_devices(tenant, user_id))
        return (last.seq, _owned(last)) if last is not None else (0, ())

    def _with(self, device_id: str) -> Iterator[Person]:
        for owner, (_, owned) in self._of.items():
            if any(one.id == device_id for one in owned):
                yield owner

    def _take(self, batch: Sequence[Stored]) -> None:
        for stored in batch:
            tenant, user_id = stored.subject.split(".")[2:]
            self._keep((tenant, user_id), stored.seq, _owned(stored))

    def _keep(self, owner: Person, seq: int, owned: Owned) -> None:
        if self._of.get(owner, (0, ()))[0] < seq:
            self._of[owner] = seq, owned


def _owned(stored: Stored) -> Owned:
    """What a record holds; nothing where it cannot be read, which is told once."""
    try:
        saved = records.read(ApprovalRecord, stored).approval_devices_saved
    except RecordUnreadableError:
        return ()
    return saved.devices if saved is not None else ()


def _found(owned: Owned, device_id: str) -> PushDevice:
    for one in owned:
        if one.id == device_id:
            return one
    raise PushDeviceNotFoundError(
        "There is no such device of yours: list them at /api/v1/push/devices.",
        details={"device_id": device_id},
    )
