"""The audit's part of identity: what runs, what answers, and whether all of it is well."""

from __future__ import annotations

from services.identity.audit import Audits
from services.identity.audit_chainer import Chainer
from services.identity.audit_persons import Persons
from services.identity.audit_projector import AuditProjector
from services.identity.audit_pushing import Pushing
from services.identity.audit_routes import audit_routes
from services.identity.audit_runs import RunsTold
from services.identity.audit_turns import Turn
from weir.runtime.background import Background
from weir.runtime.http.route import Route
from weir.runtime.platform import Platform


class Auditing:
    """Chains, copies and reads; `persons` is what erasing somebody goes through."""

    def __init__(self, platform: Platform) -> None:
        self.persons = Persons(platform.accounts, platform.secrets, platform.clock)
        self._chainer = Chainer(platform.notes, platform.audit, self.persons, platform.clock)
        platform.reminders.append(self._chainer.warnings)
        views = platform.audit_views
        self._projector = AuditProjector(platform.audit, views) if views is not None else None
        self._runs = RunsTold(
            platform.runs,
            platform.notes,
            platform.identity,
            Turn(platform.notes, "runs", platform.clock),
            platform.clock,
        )
        self._pushing = [
            Pushing(
                platform.audit,
                Turn(platform.notes, receiver.name, platform.clock),
                receiver,
                self.persons,
            )
            for receiver in platform.receivers
        ]
        self.routes: tuple[Route, ...] = audit_routes(Audits(platform.audit, views, self.persons))

    def start(self, background: Background) -> None:
        """Begin."""
        background.spawn(self._chainer.run(), "chain the audit")
        if self._projector is not None:
            background.spawn(self._projector.run(), "make the audit searchable")

        background.spawn(self._runs.run(), "tell runs to the audit")
        for pushing in self._pushing:
            background.spawn(pushing.run(), "tell the audit outside")
