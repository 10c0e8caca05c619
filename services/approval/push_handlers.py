"""What somebody does about push notices to themselves."""

from __future__ import annotations

from http import HTTPStatus

from services.approval.push import Push
from services.approval.push_crypto import AUTH, Target, point, read
from services.approval.push_devices import Devices
from services.approval.push_models import PushSubscription
from services.approval.roster import Roster
from weir.contract import ids
from weir.contract.approval_errors import PushDeviceNotFoundError
from weir.contract.identity_errors import PersonRequiredError
from weir.contract.messages import PushDevice
from weir.ports.node_context import Terminal
from weir.runtime.access import Permission
from weir.runtime.http.call import Call, Reply, wrong
from weir.runtime.worker_url import parsed

_ADVICE = "Send what PushSubscription.toJSON() of the browser gives."


class PushHandlers:
    """The handlers."""

    def __init__(self, devices: Devices, push: Push, roster: Roster) -> None:
        self._devices = devices
        self._push = push
        self._roster = roster

    async def key(self, call: Call) -> Reply:
        """GET /push/key."""
        self._person(call)
        return Reply({"key": await self._push.public_key()})

    async def listed(self, call: Call) -> Reply:
        """GET /push/devices."""
        owned = await self._devices.read(call.tenant, self._person(call))
        return Reply({"items": [_shown(one) for one in owned]})

    async def subscribe(self, call: Call) -> Reply:
        """POST /push/devices."""
        who = self._person(call)
        asked = await call.model(PushSubscription)
        name = " ".join(asked.name.split())
        device = await self._devices.add(call.tenant, who, name, _target(asked))
        call.audited(resource=device.id, changes={"name": {"new": name}})
        return Reply(_shown(device))

    async def unsubscribe(self, call: Call) -> Reply:
        """DELETE /push/devices/{device_id}."""
        who = self._person(call)
        device = await self._devices.remove(call.tenant, who, _id(call))
        call.audited(resource=device.id, changes={"name": {"old": device.name}})
        return Reply(status=HTTPStatus.NO_CONTENT)

    async def test(self, call: Call) -> Reply:
        """POST /push/devices/{device_id}/test."""
        who = self._person(call)
        device = await self._devices.one(call.tenant, who, _id(call))
        problem = await self._push.test(call.tenant, who, device)
        return Reply({"sent": not problem, "problem": problem})

    def _person(self, call: Call) -> str:
        call.reach(Permission.RUNS_READ)  # in whichever project: it is about oneself
        who = self._roster.person(call.principal.id)
        if not ids.is_id(who, "usr"):
            raise PersonRequiredError("Push notices are for people: sign in.")
        return who


def _id(call: Call) -> str:
    return call.id("device_id", "psh", PushDeviceNotFoundError, "device")


def _target(asked: PushSubscription) -> Target:
    """What was sent, if a notice can be sent there."""
    try:
        url = parsed(asked.endpoint)
    except Terminal as error:
        raise wrong("endpoint", error.message, _ADVICE) from None
    if url.scheme != "https":
        raise wrong("endpoint", "it is no https address", _ADVICE)
    try:
        p256dh = point(asked.keys.p256dh)
    except ValueError:
        raise wrong("keys.p256dh", "it is no point of the curve P-256", _ADVICE) from None
    try:
        auth = read(asked.keys.auth)
    except ValueError:
        auth = b""
    if len(auth) != AUTH:
        raise wrong("keys.auth", f"it is not {AUTH} bytes in base64url", _ADVICE)
    return Target(asked.endpoint, p256dh, auth)


def _shown(device: PushDevice) -> dict[str, str]:
    return {
        "id": device.id,
        "name": device.name,
        "added_at": device.created_at,
        "fingerprint": device.fingerprint,
    }
