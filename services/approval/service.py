"""Approvals: who is asked, who has decided, and what happens if nobody does.

It learns from the run log which steps wait for people, keeps the life of each
approval in a stream of its own, and tells the run what came of it by one fact.
Any number of them may run: whatever one has begun another ends. Runs that ask
nobody go on while it is away; those that ask wait for it.
"""

from __future__ import annotations

from services.approval.approvals import Approvals
from services.approval.book import Book, Key
from services.approval.deciding import Deciding
from services.approval.erasing import Erasing
from services.approval.kept import Kept
from services.approval.links import Links
from services.approval.lives import Lives, warnings
from services.approval.minder import Minder
from services.approval.notices import Notices
from services.approval.outside import Outside
from services.approval.post import Post
from services.approval.push import Push
from services.approval.push_crypto import new_key
from services.approval.push_devices import Devices
from services.approval.push_handlers import PushHandlers
from services.approval.push_routes import push_routes
from services.approval.roster import Roster
from services.approval.routes import routes
from services.approval.slack import SlackPost
from services.approval.sockets import Sockets
from services.approval.watch import Watch
from weir.contract import subjects
from weir.contract.errors import SettingsInvalidError
from weir.contract.messages import ApprovalPushKeyed, RegistryRecord
from weir.core.approvals.life import Life
from weir.ports.inbox import Inbox
from weir.ports.secrets import Place
from weir.runtime import metrics
from weir.runtime.audit import Audit
from weir.runtime.background import Background
from weir.runtime.deletions import Deletions
from weir.runtime.http.route import Route
from weir.runtime.platform import Platform
from weir.runtime.policy import Guard
from weir.runtime.records import Records
from weir.runtime.worker_credentials import Credentials
from weir.runtime.worker_guard import parse_allowed
from weir.runtime.worker_http import OutboundHttp
from weir.runtime.worker_reading import Readers


class Approval:
    """The service."""

    name = "approval"

    def __init__(self, platform: Platform, inbox: Inbox) -> None:
        settings, clock = platform.settings, platform.clock
        self.background = Background()
        book = self._book = Book(platform.approvals, clock)
        self.lives = Lives(platform.approvals, inbox)
        self._roster = Roster(platform.identity)
        self._audit = Audit(platform.notes, clock)
        self._http = OutboundHttp(parse_allowed(settings.outbound_allow))
        links = self.links = Links(book, platform.secrets)
        post = Post(platform.mail, links, settings)
        slack = SlackPost(
            Credentials(
                Records(platform.registry, RegistryRecord),
                platform.secrets,
                Readers(platform.runs, self._audit, self.name),
            ),
            Guard(platform.identity, platform.registry, clock),
            self._http,
            post,
        )
        secrets = platform.secrets
        self.devices = Devices(platform.approvals, secrets, clock)
        self._roster.on_leave.append(self.devices.leave)
        place = Place(subjects.INSTALLATION, "approval", "push")
        key = Kept(book, secrets, subjects.approval_push(), place, ApprovalPushKeyed, new_key)
        push = Push(self.devices, self._roster, key, self._http, clock, settings)
        notices = Notices(book, self._roster, post, slack, push, self.background)
        self._minder = Minder(
            book, self.lives, platform.runs, self._audit, notices, settings.shards
        )
        self._watch = Watch(
            platform.runs, platform.live, book, self.lives, self._roster, settings.shards
        )
        self._deletions = Deletions(platform.identity, clock, settings.erasure_grace)
        self._erasing = Erasing(platform.approvals, platform.runs, inbox, self.lives, self.devices)
        deciding = self.deciding = Deciding(book, self._minder, self._roster)
        approvals = Approvals(book, self.lives, inbox, self._roster, deciding)
        outside = Outside(book, self._roster, deciding, links, post, slack, self.background)
        sockets = Sockets(self.lives, approvals.reads, clock.now_ms)
        self.routes: tuple[Route, ...] = (
            *routes(approvals, outside, sockets),
            *push_routes(PushHandlers(self.devices, push, self._roster)),
        )
        platform.reminders.append(lambda: warnings(self.lives))
        platform.reminders.append(self._audit.warnings)
        metrics.APPROVALS_OPEN.set_function(lambda: len(self.lives.all()))

    async def start(self) -> None:
        """Read what there is, then follow it."""
        # Whoever has a device belonged to the tenant before.
        await self.devices.load()
        await self._roster.load()
        for tenant, user_id in self.devices.everybody():
            if not self._roster.belongs(tenant, user_id):
                self.devices.leave(tenant, user_id)
        await self.lives.load()
        self.background.spawn(self._roster.run(), "follow people")
        self.background.spawn(self.devices.run(), "follow devices")
        self.background.spawn(self.devices.removing(), "remove devices of who leaves")
        self.background.spawn(self.lives.run(), "follow approvals")
        self.background.spawn(self.lives.copy(), "bring the inbox up to date")
        self.background.spawn(self._minder.run(), "mind approvals")
        self.background.spawn(self._watch.run(), "read the run log for approvals")
        self.background.spawn(self._watch.hints(), "follow hints about approvals")
        self.background.spawn(self._deletions.run(), "follow deleted tenants")
        self.background.spawn(self._deletions.sweeping(self._erasing.sweep), "erase tenants")

    async def stop(self) -> None:
        """End the tasks."""
        await self.background.stop()
        await self._audit.stop()
        await self._http.close()

    async def read(self, tenant: str, approval_id: str) -> Life:
        """An approval as its stream has it; ApprovalNotFoundError."""
        return await self._book.read(Key(tenant, approval_id))

    def health(self) -> dict[str, bool]:
        """What it depends on is the broker alone, which the platform tells."""
        return {}


def build(platform: Platform) -> Approval:
    """The service for this platform. SettingsInvalidError where it has no database."""
    if platform.inbox is None:
        raise SettingsInvalidError(
            "The approval service needs a Postgres: set WEIR_POSTGRES_DSN, or run everything in "
            "one process with `weir up`."
        )
    return Approval(platform, platform.inbox)
