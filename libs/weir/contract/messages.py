"""The contract's messages. Generated from proto/weir/v1 by `make gen`: do not edit."""

# A message stands after those that it is made of, and its annotations are no strings, which
# pydantic would have to compile: a quarter of the time that each process takes to load them.

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

# Strict, for a lenient reader takes "yes" for true and -1 for a count: what is not the
# JSON form of the field's type is refused.
Bool = Annotated[bool, Field(strict=True)]
Int32 = Annotated[int, Field(strict=True, ge=-(2**31), le=2**31 - 1)]
Uint32 = Annotated[int, Field(strict=True, ge=0, le=2**32 - 1)]
Double = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Timestamp = Annotated[
    str,
    Field(
        pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
        r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z$"
    ),
]


class Message(BaseModel):
    """A frozen value; unknown fields of newer writers are skipped."""

    model_config = ConfigDict(frozen=True, extra="ignore")


_set = object.__setattr__
_fields: dict[type[Message], str] = {}
_members: dict[type[Message], dict[str, type[Message]]] = {}
_others: dict[type[Message], dict[str, Any]] = {}
M = TypeVar("M", bound="Holder")


class Holder(Message):
    """A message that holds one of several kinds. An instance keeps the one that is set.

    The others are None by their class: an event has some fifty of them, and carrying them all
    costs three times as much to make, to read and to write.
    """

    @model_validator(mode="after")
    def _only_one(self) -> Self:
        was = self.__dict__
        if "kind" not in was:
            kind, members = type(self), _members[type(self)]
            given = [name for name in self.__pydantic_fields_set__ if was[name] is not None]
            named = [name for name in given if name in members]
            if len(named) > 1:
                also = " and ".join(sorted(named))
                raise ValueError(f"only one of 'kind' can be set, not {also}")
            held = was[named[0]] if named else None
            kept = {name: was[name] for name in (*_others[kind], *named)}
            _set(self, "__dict__", {**kept, "kind": held})
        return self

    @classmethod
    def kinds(cls) -> Mapping[str, type[Message]]:
        """What it can hold, by field."""
        return _members[cls]

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """See pydantic; an update may set another kind."""
        made = super().model_copy(update=update, deep=deep)
        held = [made.__dict__.get(name) for name in update or () if name in _members[type(self)]]
        if held:
            made.__dict__["kind"] = held[0]
        return made


def holding(kind: type[M], held: Message, fields: dict[str, Any]) -> M:
    """A message of parts that are known to be right: nothing is checked a second time."""
    made = kind.__new__(kind)
    member = _fields[type(held)]
    _set(made, "__dict__", {**_others[kind], **fields, member: held, "kind": held})
    _set(made, "__pydantic_fields_set__", {member, *fields})
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made


def _holds(message: type[Message], fields: dict[type[Message], str]) -> None:
    """Which kinds a message holds, each in which field."""
    _fields.update(fields)
    _members[message] = members = {name: kind for kind, name in fields.items()}
    _others[message] = {
        name: field.default for name, field in message.model_fields.items() if name not in members
    }
    for name in members:
        setattr(message, name, None)


class EmailClaimed(Message):
    """An address belongs to this user; the subject carries its hash."""

    user_id: str = ""


class EmailFreed(Message):
    """An address belongs to nobody any more."""

    user_id: str = ""


class RefreshSaved(Message):
    """The refresh tokens of a session: one counts, those before it end the session when they come again."""

    session_id: str = ""
    user_id: str = ""
    token_hash: str = ""
    before_hash: str = ""
    generation: Uint32 = 0
    renewed_at: Timestamp = ""
    expires_at: Timestamp = ""
    address: str = ""
    agent: str = ""
    ended: Bool = False
    methods: tuple[str, ...] = ()


class ChallengeSet(Message):
    """Something was sent or shown that counts once: a link by mail, the challenge of a ceremony."""

    purpose: str = ""
    user_id: str = ""
    expires_at: Timestamp = ""
    data: Any = None


class ChallengeSpent(Message):
    """It was used."""

    purpose: str = ""


class GuessesCounted(Message):
    """How often somebody guessed wrongly of late."""

    count: Uint32 = 0
    until: Timestamp = ""


class ProviderSaved(Message):
    """Who signs people in from outside, by OpenID Connect."""

    provider_id: str = ""
    tenant: str = ""
    name: str = ""
    issuer: str = ""
    client_id: str = ""
    client_secret: str = ""
    groups_claim: str = ""
    roles: dict[str, str] = Field(default_factory=dict)
    default_role: str = ""
    creates_users: Bool = False
    scopes: tuple[str, ...] = ()
    created_at: Timestamp = ""
    links_users: Bool = False


class ProviderDeleted(Message):
    """It signs in nobody any more."""

    provider_id: str = ""


class SubjectLinked(Message):
    """Somebody at a provider is this user; the subject carries the hash of issuer and subject."""

    user_id: str = ""


class SigningKeysSealed(Message):
    """The private keys of access tokens, sealed."""

    sealed: dict[str, str] = Field(default_factory=dict)


class LoginErased(Message):
    """Nothing proves any more that somebody is this user."""

    user_id: str = ""


class PersonKeyed(Message):
    """The key of what the audit knows about a person beyond what they did."""

    person: str = ""
    key: str = ""


class PersonErased(Message):
    """That key is destroyed: what it sealed opens nowhere any more, and nothing new is sealed."""

    person: str = ""


class Passkey(Message):
    """A WebAuthn credential."""

    credential_id: str = ""
    public_key: str = ""
    sign_count: Uint32 = 0
    name: str = ""
    created_at: Timestamp = ""
    used_at: Timestamp | None = None
    transports: tuple[str, ...] = ()


class ApprovalAsked(Message):
    """A step of a run waits for people. The first message of every approval."""

    approval_id: str = ""
    run_id: str = ""
    step: str = ""
    workflow_id: str = ""
    version: str = ""
    project: str = ""
    started_by: tuple[str, ...] = ()
    asked_at: Timestamp = ""
    asked: Any = None


class ApprovalVoted(Message):
    """Somebody chose an option; of one person the last one counts."""

    option: str = ""
    comment: str = ""
    values: Any = None
    via: str = ""
    link: str = ""


class ApprovalCommented(Message):
    """Somebody said something."""

    text: str = ""


class ApprovalDelegated(Message):
    """Somebody gave their part to somebody else."""

    to: str = ""
    comment: str = ""


class ApprovalReassigned(Message):
    """Other people are asked from now on."""

    assignees: tuple[str, ...] = ()
    comment: str = ""


class ApprovalReminded(Message):
    """People were reminded."""

    number: Uint32 = 0


class ApprovalEscalated(Message):
    """Nobody had decided by a time that the node names."""

    number: Uint32 = 0
    notify: tuple[str, ...] = ()
    reassign: tuple[str, ...] = ()
    decide: str = ""


class ApprovalExpired(Message):
    """The time was over."""

    decide: str = ""


class ApprovalWithdrawn(Message):
    """It is not asked any more."""

    cause: str = ""
    reason: str = ""


class ApprovalTold(Message):
    """The run's log has what came of it."""

    other: Bool = False


class ApprovalNotified(Message):
    """Somebody was written to, or could not be."""

    notice: str = ""
    status: str = ""
    people: Uint32 = 0
    problem: str = ""
    devices: Uint32 = 0


class ApprovalLinksKeyed(Message):
    """The key that signs links, sealed."""

    sealed: str = ""


class ApprovalsReadTo(Message):
    """How far the run log was read for steps that wait for people."""

    through: str = ""
    incarnation: str = ""


class ApprovalPushKeyed(Message):
    """The key by which push services know this installation (VAPID), sealed. Made once."""

    sealed: str = ""


class PushDevice(Message):
    """A browser that takes push notices."""

    id: str = ""
    name: str = ""
    created_at: Timestamp = ""
    fingerprint: str = ""
    sealed: str = ""


class AuditReadTo(Message):
    """How far a reader has come, whose work must be neither lost nor done twice."""

    reader: str = ""
    through: str = ""
    incarnation: str = ""


class AuditEntry(Message):
    """Who did what, where from, and what came of it."""

    id: str = ""
    at: Timestamp = ""
    event: str = ""
    tenant: str = ""
    actor: str = ""
    outcome: str = ""
    resource: str = ""
    request_id: str = ""
    address: str = ""
    agent: str = ""
    changes: Any = None
    reason: str = ""
    count: Uint32 = 0


class Error(Message):
    """What went wrong, in a form that a person and a program can act on."""

    code: str = ""
    message: str = ""
    step: str = ""
    details: Any = None


class BlobRef(Message):
    """A value kept outside the log. Written durably before any message that names it."""

    key: str = ""
    size: Double = 0.0
    media_type: str = ""


class SubscriptionSaved(Message):
    """What a trigger node listens to on the tenant's bus: keyed by workflow and node, so that its place is stable over versions. What an event means stands in the version."""

    subscription_id: str = ""
    workflow_id: str = ""
    node: str = ""
    pattern: str = ""
    enabled: Bool = False
    active: Bool = False
    generation: Uint32 = 0
    after: str = ""
    since: Timestamp | None = None
    reason: str = ""
    created_at: Timestamp = ""


class CursorRecord(Message):
    """A message of the CURSORS stream: how far a subscription has come. The last one counts."""

    id: str = ""
    tenant: str = ""
    at: Timestamp = ""
    subscription_id: str = ""
    generation: Uint32 = 0
    after: str = ""
    batch: str = ""
    event_sequence: str = ""
    event_at: Timestamp | None = None
    events: Double = 0.0
    started: Double = 0.0
    dropped: Double = 0.0
    refused: Double = 0.0


class DraftTouch(Message):
    """Somebody touched entries of a document."""

    by: str = ""
    at: Timestamp = ""
    places: tuple[str, ...] = ()


class RunParent(Message):
    """The step of another run that started this one."""

    run_id: str = ""
    step: str = ""
    depth: Uint32 = 0


class RunOrigin(Message):
    """Where a forked run comes from."""

    run_id: str = ""
    step: str = ""
    carried: Any = None


class RunCallback(Message):
    """Where the end of a run is told to: a signed POST, sent until it is taken."""

    url: str = ""
    credential: str = ""
    events: tuple[str, ...] = ()


class RunOrder(Message):
    """Runs with the same key of a subscription go on one after the other. Whoever starts one asks the limit at once, before the next one is started: so they stand there in the order of the events. The run waits for that limit from its start on: its answer may come before any SlotAwaited."""

    limit_id: str = ""
    key: str = ""


class TimerFired(Message):
    """A timer is due. May come twice, or after the owner has noticed by itself."""

    timer: str = ""


class CancelRequested(Message):
    """Somebody wishes that the run ends; what came of it is what the owner records."""

    request_id: str = ""
    reason: str = ""
    requested_by: str = ""
    terminate: Bool = False


class SignalReceived(Message):
    """Something was told to the run; a step that waits for it goes on, an early one is kept."""

    signal_id: str = ""
    name: str = ""
    payload: Any = None
    sent_by: str = ""


class PauseRequested(Message):
    """Somebody wishes that the run stands still."""

    request_id: str = ""
    reason: str = ""
    requested_by: str = ""


class ResumeRequested(Message):
    """Somebody wishes that a run that stands still goes on."""

    request_id: str = ""
    requested_by: str = ""


class StepDecided(Message):
    """Somebody decided about a failed step that waited for a person."""

    request_id: str = ""
    decision: str = ""
    output: Any = None
    reason: str = ""
    decided_by: str = ""


class ApprovalDecided(Message):
    """People have decided for a step that waits for them, or will not; the first one counts."""

    approval_id: str = ""
    outcome: str = ""
    option: str = ""
    output: Any = None
    decided_by: str = ""
    reason: str = ""


class DeadlineMoved(Message):
    """Somebody gave a waiting step another time."""

    request_id: str = ""
    due_at: Timestamp = ""
    moved_by: str = ""


class SlotAnswered(Message):
    """A limit has decided about the run: told by the limit's owner, final."""

    limit_id: str = ""
    gate: str = ""
    verdict: str = ""
    by: str = ""


class TaskDeferred(Message):
    """An attempt was not begun: what it calls takes no work now. Not counted as an attempt."""

    what: str = ""
    reason: str = ""
    until_at: Timestamp = ""
    worker: str = ""


class RunArchived(Message):
    """The archive holds every message of the finished run up to `through`."""

    key: str = ""
    through: str = ""
    status: str = ""
    ended_at: Timestamp = ""
    request_hash: str = ""


class RunSegmentArchived(Message):
    """The archive holds the messages of a run that still goes on, from `after` up to `through`; what lies before that was confirmed before. The owner may remove them from the log."""

    key: str = ""
    after: str = ""
    through: str = ""


class StepEntered(Message):
    """The step's inputs are there; it waits for room in its queue."""

    queue: str = ""


class StepSkipped(Message):
    """The step will not run: no branch that leads to it was taken, or it is disabled."""


class TaskScheduled(Message):
    """An attempt of a step goes to its queue. Record and work item in one."""

    node_type: str = ""
    queue: str = ""
    config: Any = None
    scope: Any = None
    deadline_at: Timestamp = ""
    timeout_ms: Double = 0.0
    idempotency_key: str = ""
    type_version: Uint32 = 0
    output_schema: Any = None
    limits: Any = None


class TimerCancelled(Message):
    """The step no longer waits for that time."""

    timer: str = ""


class RunCancelled(Message):
    """The run has ended because somebody wished it."""

    reason: str = ""
    requested_by: str = ""


class CheckpointTaken(Message):
    """All open runs of a shard as they stood, so that a new owner need not read the shard's past."""

    position: str = ""
    runs: str = ""


class LeaseTaken(Message):
    """A scheduler took a shard; its stream sequence fences the owner before it."""

    owner: str = ""
    incarnation: str = ""


class RunPurged(Message):
    """The tombstone a purged run leaves on its start subject for the idempotency horizon."""

    request_hash: str = ""
    status: str = ""
    ended_at: Timestamp = ""


class ScopeEntered(Message):
    """A container was reached; the steps inside it begin."""

    kind: str = ""
    count: Uint32 = 0
    concurrency: Uint32 = 0
    items: Any = None
    acc: Any = None
    more: Bool = False
    deadline_at: Timestamp = ""
    chained: Bool = False


class RunResumed(Message):
    """The run goes on after it stood still."""

    requested_by: str = ""


class VariablesSet(Message):
    """Variables of the run have new values."""

    values: Any = None


class AttributesSet(Message):
    """What the run is found by has new values; names that are not here keep theirs."""

    labels: dict[str, str] = Field(default_factory=dict)
    search: dict[str, str] = Field(default_factory=dict)


class SlotAwaited(Message):
    """The run waits for a limit before its first step."""

    gate: str = ""
    limit_id: str = ""
    key: str = ""
    limit: Uint32 = 0
    policy: str = ""
    for_ms: Double = 0.0
    priority: str = ""


class ApiKeyCreated(Message):
    """An API key may be used from now on."""

    key_id: str = ""
    tenant: str = ""
    name: str = ""
    role: str = ""
    secret_hash: str = ""
    expires_at: Timestamp | None = None
    scopes: tuple[str, ...] = ()
    project: str = ""
    owner: str = ""
    platform: Bool = False
    created_at: Timestamp = ""


class ApiKeyRevoked(Message):
    """An API key is refused from now on, for good."""

    key_id: str = ""
    tenant: str = ""


class TenantDeleted(Message):
    """A tenant is being removed with all that is its own; nothing of it is answered any more."""

    tenant: str = ""


class ProjectSaved(Message):
    """A part of a tenant with roles of its own; workflows and credentials belong to one or to none."""

    project_id: str = ""
    tenant: str = ""
    name: str = ""
    created_at: Timestamp = ""


class ProjectDeleted(Message):
    """A project is gone; it was empty."""

    project_id: str = ""
    tenant: str = ""


class UserSaved(Message):
    """Somebody, or a program that is somebody (a service account)."""

    user_id: str = ""
    name: str = ""
    email: str = ""
    status: str = ""
    sessions_after: Timestamp | None = None
    platform: Bool = False
    tenant: str = ""
    created_at: Timestamp = ""


class UserDeleted(Message):
    """Somebody is gone; nothing personal is left of them here."""

    user_id: str = ""


class MemberSaved(Message):
    """What somebody may do in a tenant."""

    tenant: str = ""
    user_id: str = ""
    role: str = ""
    projects: dict[str, str] = Field(default_factory=dict)
    groups: tuple[str, ...] = ()
    source: str = ""
    created_at: Timestamp = ""


class MemberRemoved(Message):
    """Somebody is no member any more."""

    tenant: str = ""
    user_id: str = ""


class GroupSaved(Message):
    """Members that get roles together."""

    group_id: str = ""
    tenant: str = ""
    name: str = ""
    role: str = ""
    projects: dict[str, str] = Field(default_factory=dict)
    created_at: Timestamp = ""


class GroupDeleted(Message):
    """A group is gone, and what it gave."""

    group_id: str = ""
    tenant: str = ""


class SessionStarted(Message):
    """Somebody signed in: its access tokens count until it ends."""

    session_id: str = ""
    user_id: str = ""
    expires_at: Timestamp = ""
    tenant: str = ""
    tenant_only: Bool = False
    strong: Bool = False


class SessionEnded(Message):
    """A session is over: signed out, or its refresh token came twice."""

    session_id: str = ""
    user_id: str = ""
    reason: str = ""


class PoliciesSaved(Message):
    """A tenant's policies: who may publish or execute what, beyond roles."""

    tenant: str = ""
    text: str = ""


class RosterChanged(Message):
    """Of a tenant's people, groups, projects or keys something was changed that had to be held against all others; it is stored together with that change, so that two such changes never cross."""

    tenant: str = ""


class KeyUsed(Message):
    """An API key was used, or somebody signed in, to within minutes."""

    key_id: str = ""
    tenant: str = ""
    used_at: Timestamp = ""


class RateLimit(Message):
    """So many requests of one kind in a window."""

    name: str = ""
    count: Uint32 = 0
    window_ms: Uint32 = 0


class SigningKey(Message):
    """One of them."""

    kid: str = ""
    public: str = ""
    created_at: Timestamp = ""


class SlotAsked(Message):
    """A run wishes to go on under the limit. Told by the run's owner, after its log says so."""

    run_id: str = ""
    limit: Uint32 = 0
    policy: str = ""
    priority: str = ""
    for_ms: Double = 0.0
    key: str = ""


class SlotReturned(Message):
    """A run has ended, or no longer wishes to go on: whatever it holds or waits for is free."""

    run_id: str = ""


class PermitsAsked(Message):
    """A worker wishes for permits: probes of a half-open breaker, or a block of a rate."""

    worker: str = ""
    number: Uint32 = 0
    wanted: Uint32 = 0
    name: str = ""
    rate: Uint32 = 0
    per_ms: Double = 0.0


class SlotGranted(Message):
    """A run may go on."""

    run_id: str = ""


class SlotRefused(Message):
    """A run may not go on."""

    run_id: str = ""
    verdict: str = ""
    by: str = ""


class HolderRecalled(Message):
    """A run that goes on is asked to end, so that another can take its place."""

    run_id: str = ""
    by: str = ""


class LimitStood(Message):
    """The whole state of a limit, in the place of the one before it."""

    state: Any = None


class BreakerPolicy(Message):
    """When a breaker opens."""

    failures: Uint32 = 0
    within_ms: Double = 0.0
    open_ms: Double = 0.0


class PermitsGranted(Message):
    """Permits for one worker."""

    worker: str = ""
    number: Uint32 = 0
    count: Uint32 = 0
    from_at: Timestamp = ""
    spread_ms: Double = 0.0


class LogLine(Message):
    """One line."""

    at: Timestamp = ""
    step: str = ""
    attempt: Uint32 = 0
    level: str = ""
    message: str = ""
    fields: Any = None
    trace_parent: str = ""


class FiresAsked(Message):
    """Somebody wishes that times which lie behind are answered again, or that a run begins now."""

    request_id: str = ""
    after_at: Timestamp = ""
    upto_at: Timestamp = ""
    overlap: str = ""
    now: Bool = False
    asked_by: str = ""


class ScheduledRunEnded(Message):
    """A run that the schedule began has ended. Told by the run's owner."""

    run_id: str = ""
    status: str = ""


class FiresServed(Message):
    """All that was asked for is answered."""

    request_id: str = ""


class ScheduleStood(Message):
    """The whole state of a schedule, in the place of the one before it."""

    state: Any = None
    past: Any = None


class ScheduleSaved(Message):
    """A schedule: of a trigger node, keyed by workflow and node, or made by itself on a workflow."""

    schedule_id: str = ""
    workflow_id: str = ""
    trigger_node: str = ""
    from_node: Bool = False
    name: str = ""
    cron: str = ""
    timezone: str = ""
    every_ms: Double = 0.0
    from_at: Timestamp | None = None
    once_at: Timestamp | None = None
    ends_at: Timestamp | None = None
    overlap: str = ""
    catch_up_ms: Double = 0.0
    jitter_ms: Double = 0.0
    input: Any = None
    paused: Bool = False
    note: str = ""
    effective_at: Timestamp = ""
    created_at: Timestamp = ""
    created_by: str = ""


class ScheduledTime(Message):
    """A time that is to be answered: one of the calendar, or of a request."""

    nominal_at: Timestamp = ""
    request_id: str = ""


class ScheduleDeleted(Message):
    """The schedule is gone."""

    schedule_id: str = ""
    workflow_id: str = ""


class WorkflowSaved(Message):
    """The workflow's head: its draft definition and which version is current."""

    workflow_id: str = ""
    name: str = ""
    description: str = ""
    definition: Any = None
    current_version: str = ""
    current_number: Uint32 = 0
    created_at: Timestamp = ""
    created_by: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    last_number: Uint32 = 0
    project: str = ""
    drawn: str = ""


class WorkflowPublished(Message):
    """An immutable version under its content hash, with node kinds, ports, retry and timeouts frozen in, so that running it asks no catalogue."""

    workflow_id: str = ""
    version: str = ""
    number: Uint32 = 0
    definition: Any = None
    frozen: Any = None
    note: str = ""


class WebhookSaved(Message):
    """A webhook is keyed by workflow and node: its address is stable over versions."""

    webhook_id: str = ""
    workflow_id: str = ""
    node: str = ""
    enabled: Bool = False
    scheme: str = ""
    secrets: tuple[str, ...] = ()
    config: Any = None
    created_at: Timestamp = ""
    previous_until: Timestamp = ""


class WorkflowDeleted(Message):
    """The workflow is gone; its versions stay as long as runs refer to them."""

    workflow_id: str = ""
    project: str = ""


class WebhookDeleted(Message):
    """The webhook is gone."""

    webhook_id: str = ""


class CredentialDeleted(Message):
    """The credential is gone."""

    credential_id: str = ""
    name: str = ""


class RequestRecorded(Message):
    """A request that came with an Idempotency-Key; kept for the idempotency horizon."""

    request_hash: str = ""


class DeadLetterHandled(Message):
    """What somebody made of a dead letter; a letter that comes after it is a new one."""

    letter_id: str = ""
    action: str = ""
    reason: str = ""
    through: str = ""
    new_run_id: str = ""


class GrantAsked(Message):
    """Somebody was sent to an authorisation server; kept for minutes, under the hash of its state."""

    credential_id: str = ""
    name: str = ""
    browser_hash: str = ""
    sealed: str = ""
    return_to: str = ""
    until: Timestamp = ""


class GrantSpent(Message):
    """The state came back: it counts no more."""

    credential_id: str = ""


class ErrandAsked(Message):
    """Something that only who opens credentials can do; one worker takes it."""

    errand_id: str = ""
    action: str = ""
    credential_id: str = ""
    name: str = ""
    sealed: str = ""
    type: str = ""


class ErrandTaken(Message):
    """A worker does it."""

    errand_id: str = ""
    worker: str = ""


class ErrandDone(Message):
    """What came of it."""

    errand_id: str = ""
    ok: Bool = False
    code: str = ""
    message: str = ""
    took_ms: Double = 0.0


class Tokens(Message):
    """What an authorisation server has granted to a credential."""

    sealed: str = ""
    version: Uint32 = 0
    expires_at: Timestamp | None = None
    scope: str = ""
    problem: str = ""
    tried_at: Timestamp = ""
    renewing_until: Timestamp | None = None


class DataKey(Message):
    """A key of a tenant."""

    data_key_id: str = ""
    provider: str = ""
    provider_key: str = ""
    wrapped: str = ""
    created_at: Timestamp = ""
    wrapped_at: Timestamp = ""


class LoginSaved(Message):
    """How somebody signs in."""

    user_id: str = ""
    password_hash: str = ""
    totp: str = ""
    totp_step: Double = 0.0
    recovery: tuple[str, ...] = ()
    passkeys: tuple[Passkey, ...] = ()
    password_at: Timestamp | None = None


class ApprovalDevicesSaved(Message):
    """The browsers in which somebody gets push notices of approvals: all of them, in one tenant."""

    user_id: str = ""
    devices: tuple[PushDevice, ...] = ()


class AuditNoted(Message):
    """What a service saw happen, not chained yet."""

    entries: tuple[AuditEntry, ...] = ()


class AuditSealed(Message):
    """A link of a tenant's chain."""

    number: Uint32 = 0
    before: str = ""
    digest: str = ""
    entries: tuple[AuditEntry, ...] = ()
    through: str = ""
    incarnation: str = ""


class EventRefused(Message):
    """An event that started no run and never will by itself: a dead letter."""

    letter_id: str = ""
    subscription_id: str = ""
    workflow_id: str = ""
    node: str = ""
    project: str = ""
    generation: Uint32 = 0
    subject: str = ""
    sequence: str = ""
    stored_at: Timestamp = ""
    headers: dict[str, str] = Field(default_factory=dict)
    data: str = ""
    base64: Bool = False
    error: Error | None = None


class TaskFailed(Message):
    """An attempt of a step came to a bad end; the owner judges whether there is another."""

    error: Error | None = None
    retryable: Bool = False
    retry_after_ms: Double | None = None
    started_at: Timestamp = ""
    worker: str = ""


class StepFailed(Message):
    """The step has failed for good."""

    error: Error | None = None
    handling: str = ""
    dead_letter: Bool = False


class TimerSet(Message):
    """The step waits for a time."""

    timer: str = ""
    due_at: Timestamp = ""
    reason: str = ""
    error: Error | None = None


class RunPaused(Message):
    """The run stands still until somebody acts."""

    reason: str = ""
    error: Error | None = None


class RunFailed(Message):
    """The run has ended because of an error."""

    error: Error | None = None
    spared: Bool = False


class SectionEntered(Message):
    """A try goes on in another of its sections; what was open in the last one is cancelled."""

    section: str = ""
    error: Error | None = None
    output: Any = None


class IterationCompleted(Message):
    """One iteration of a loop has ended; its steps are no longer part of the state."""

    index: Uint32 = 0
    output: Any = None
    source: str = ""
    error: Error | None = None
    more: Bool = False
    keep: Bool = False


class CompensationStarted(Message):
    """What the scope has done is being undone, last done first; what was open in it is cancelled."""

    error: Error | None = None


class StepCompensated(Message):
    """A step was undone, or could not be."""

    error: Error | None = None


class CompensationEnded(Message):
    """All that could be undone was."""

    undone: Uint32 = 0
    failed: tuple[Error, ...] = ()


class WaitStarted(Message):
    """The step waits for something from outside."""

    what: str = ""
    due_at: Timestamp = ""
    timer: str = ""
    error: Error | None = None
    approval: Any = None


class ScheduledRunRefused(Message):
    """A run that was to begin cannot: the workflow is gone, its input does not fit, a policy forbids it."""

    run_id: str = ""
    error: Error | None = None


class DeliveryRecord(Message):
    """What became of a delivery to a webhook, where no start of a run tells it: it was refused, dropped by the filter or a repetition, or it was made by a person (a test, a replay)."""

    id: str = ""
    at: Timestamp = ""
    tenant: str = ""
    webhook_id: str = ""
    workflow_id: str = ""
    version: str = ""
    verdict: str = ""
    code: str = ""
    reason: str = ""
    run_id: str = ""
    delivery_id: str = ""
    method: str = ""
    headers: dict[str, str] = Field(default_factory=dict)
    query: dict[str, str] = Field(default_factory=dict)
    body: str = ""
    body_ref: BlobRef | None = None
    size: Double = 0.0
    truncated: Bool = False
    verified: Bool = False
    address: str = ""
    status: Uint32 = 0
    source: str = ""
    replay_of: str = ""
    by: str = ""
    untold: Uint32 = 0


class TaskSucceeded(Message):
    """An attempt of a step came to a good end."""

    output: Any = None
    output_ref: BlobRef | None = None
    port: str = ""
    started_at: Timestamp = ""
    worker: str = ""


class ChildEnded(Message):
    """The run that a step started has ended."""

    run_id: str = ""
    status: str = ""
    output: Any = None
    output_ref: BlobRef | None = None
    error: Error | None = None


class StepCompleted(Message):
    """A pure step was evaluated in place; its outcome is recorded here and never computed again."""

    output: Any = None
    port: str = ""
    output_ref: BlobRef | None = None


class RunSucceeded(Message):
    """The run has ended well."""

    output: Any = None
    output_ref: BlobRef | None = None


class SnapshotTaken(Message):
    """The whole state of a run, canonical; rolled up on the run's snapshot subject."""

    state: Any = None
    state_ref: BlobRef | None = None


class ChildStarted(Message):
    """The step starts a run of another workflow and waits for its end."""

    run_id: str = ""
    workflow_id: str = ""
    version: str = ""
    input: Any = None
    input_ref: BlobRef | None = None
    depth: Uint32 = 0


class DraftEdited(Message):
    """People or programs changed the document. It counts on top of all before it, in any order."""

    workflow_id: str = ""
    epoch: str = ""
    data: str = ""
    part: Uint32 = 0
    parts: Uint32 = 0
    touches: tuple[DraftTouch, ...] = ()
    merged: str = ""


class DraftCompacted(Message):
    """The document as it stood; what lies before it is removed."""

    workflow_id: str = ""
    epoch: str = ""
    data: str = ""
    part: Uint32 = 0
    parts: Uint32 = 0
    touches: tuple[DraftTouch, ...] = ()
    merged: str = ""


class RunStarted(Message):
    """Somebody or something started the run. The first message of every run."""

    trigger_node: str = ""
    trigger_kind: str = ""
    input: Any = None
    input_ref: BlobRef | None = None
    trigger: Any = None
    labels: dict[str, str] = Field(default_factory=dict)
    env: dict[str, str] = Field(default_factory=dict)
    idempotency_key: str = ""
    request_hash: str = ""
    started_by: str = ""
    parent: RunParent | None = None
    origin: RunOrigin | None = None
    priority: str = ""
    callback: RunCallback | None = None
    project: str = ""
    order: RunOrder | None = None


class TenantSaved(Message):
    """A tenant of the installation."""

    tenant: str = ""
    name: str = ""
    status: str = ""
    limits: tuple[RateLimit, ...] = ()
    quotas: dict[str, Double] = Field(default_factory=dict)
    allowed_hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    created_at: Timestamp = ""
    audit_runs: str = ""
    second_factor: str = ""


class SigningKeysSaved(Message):
    """The public keys of access tokens. The first signs; all of them count."""

    keys: tuple[SigningKey, ...] = ()


class CallsReported(Message):
    """What came of the calls of one worker to an integration since its last report."""

    worker: str = ""
    failures: Uint32 = 0
    successes: Uint32 = 0
    name: str = ""
    breaker: BreakerPolicy | None = None


class IntegrationStood(Message):
    """How an integration stands now, whole: workers read the last one."""

    name: str = ""
    state: str = ""
    until_at: Timestamp = ""
    times: Uint32 = 0
    blocks: tuple[PermitsGranted, ...] = ()


class LogBatch(Message):
    """Lines a step wrote, as many as were ready together."""

    tenant: str = ""
    run_id: str = ""
    lines: tuple[LogLine, ...] = ()


class ScheduleAdopted(Message):
    """From now on the schedule is what the registry's record says."""

    revision: str = ""
    saved: ScheduleSaved | None = None
    starts_at: Timestamp = ""


class TimeFired(Message):
    """A run begins for this time."""

    time: ScheduledTime | None = None
    run_id: str = ""


class TimesSkipped(Message):
    """No run begins for these times."""

    time: ScheduledTime | None = None
    why: str = ""
    times: Uint32 = 0


class TimeQueued(Message):
    """A run begins for this time when those before it have ended."""

    time: ScheduledTime | None = None


class RunsReplaced(Message):
    """The runs that go on are told to end; then comes this time, and nothing else that waited."""

    time: ScheduledTime | None = None
    terminate: Bool = False


class CredentialSaved(Message):
    """A credential under the name that definitions use."""

    credential_id: str = ""
    name: str = ""
    type: str = ""
    sealed: str = ""
    key_id: str = ""
    created_at: Timestamp = ""
    projects: tuple[str, ...] = ()
    version: Uint32 = 0
    given_at: Timestamp | None = None
    tokens: Tokens | None = None


class DataKeysSaved(Message):
    """The keys that a tenant's secrets are sealed under, each wrapped by a key provider."""

    keys: tuple[DataKey, ...] = ()
    rotated_at: Timestamp | None = None


class AccountRecord(Holder):
    """A message of the ACCOUNTS stream, which the identity service alone reads: full state, the last one of a subject counts. Here lies what proves who somebody is."""

    id: str = ""
    at: Timestamp = ""
    by: str = ""
    login_saved: LoginSaved | None = None
    email_claimed: EmailClaimed | None = None
    email_freed: EmailFreed | None = None
    refresh_saved: RefreshSaved | None = None
    challenge_set: ChallengeSet | None = None
    challenge_spent: ChallengeSpent | None = None
    guesses_counted: GuessesCounted | None = None
    provider_saved: ProviderSaved | None = None
    provider_deleted: ProviderDeleted | None = None
    subject_linked: SubjectLinked | None = None
    signing_keys_sealed: SigningKeysSealed | None = None
    login_erased: LoginErased | None = None
    person_keyed: PersonKeyed | None = None
    person_erased: PersonErased | None = None

    if TYPE_CHECKING:
        kind: ClassVar[
            LoginSaved
            | EmailClaimed
            | EmailFreed
            | RefreshSaved
            | ChallengeSet
            | ChallengeSpent
            | GuessesCounted
            | ProviderSaved
            | ProviderDeleted
            | SubjectLinked
            | SigningKeysSealed
            | LoginErased
            | PersonKeyed
            | PersonErased
            | None
        ]

    @classmethod
    def of(
        cls,
        kind: "LoginSaved | EmailClaimed | EmailFreed | RefreshSaved | ChallengeSet | ChallengeSpent | GuessesCounted | ProviderSaved | ProviderDeleted | SubjectLinked | SigningKeysSealed | LoginErased | PersonKeyed | PersonErased",
        **fields: Any,
    ) -> "AccountRecord":
        """A AccountRecord holding this kind; its parts are taken unchecked."""
        return holding(cls, kind, fields)


class ApprovalRecord(Holder):
    """A message of the APPROVALS stream. The messages of a subject are the life of one approval, in order; each expects the one before it, so that the first of two deciders is the one who decided."""

    id: str = ""
    at: Timestamp = ""
    tenant: str = ""
    by: str = ""
    approval_asked: ApprovalAsked | None = None
    approval_voted: ApprovalVoted | None = None
    approval_commented: ApprovalCommented | None = None
    approval_delegated: ApprovalDelegated | None = None
    approval_reassigned: ApprovalReassigned | None = None
    approval_reminded: ApprovalReminded | None = None
    approval_escalated: ApprovalEscalated | None = None
    approval_expired: ApprovalExpired | None = None
    approval_withdrawn: ApprovalWithdrawn | None = None
    approval_told: ApprovalTold | None = None
    approval_notified: ApprovalNotified | None = None
    approval_links_keyed: ApprovalLinksKeyed | None = None
    approvals_read_to: ApprovalsReadTo | None = None
    approval_push_keyed: ApprovalPushKeyed | None = None
    approval_devices_saved: ApprovalDevicesSaved | None = None

    if TYPE_CHECKING:
        kind: ClassVar[
            ApprovalAsked
            | ApprovalVoted
            | ApprovalCommented
            | ApprovalDelegated
            | ApprovalReassigned
            | ApprovalReminded
            | ApprovalEscalated
            | ApprovalExpired
            | ApprovalWithdrawn
            | ApprovalTold
            | ApprovalNotified
            | ApprovalLinksKeyed
            | ApprovalsReadTo
            | ApprovalPushKeyed
            | ApprovalDevicesSaved
            | None
        ]

    @classmethod
    def of(
        cls,
        kind: "ApprovalAsked | ApprovalVoted | ApprovalCommented | ApprovalDelegated | ApprovalReassigned | ApprovalReminded | ApprovalEscalated | ApprovalExpired | ApprovalWithdrawn | ApprovalTold | ApprovalNotified | ApprovalLinksKeyed | ApprovalsReadTo | ApprovalPushKeyed | ApprovalDevicesSaved",
        **fields: Any,
    ) -> "ApprovalRecord":
        """A ApprovalRecord holding this kind; its parts are taken unchecked."""
        return holding(cls, kind, fields)


class AuditRecord(Holder):
    """A message of the NOTES stream, or of the AUDIT stream."""

    id: str = ""
    at: Timestamp = ""
    audit_noted: AuditNoted | None = None
    audit_sealed: AuditSealed | None = None
    audit_read_to: AuditReadTo | None = None

    if TYPE_CHECKING:
        kind: ClassVar[AuditNoted | AuditSealed | AuditReadTo | None]

    @classmethod
    def of(cls, kind: "AuditNoted | AuditSealed | AuditReadTo", **fields: Any) -> "AuditRecord":
        """A AuditRecord holding this kind; its parts are taken unchecked."""
        return holding(cls, kind, fields)


class DraftRecord(Holder):
    """A message of the COLLAB stream: the document of a draft, change by change."""

    id: str = ""
    tenant: str = ""
    at: Timestamp = ""
    draft_edited: DraftEdited | None = None
    draft_compacted: DraftCompacted | None = None

    if TYPE_CHECKING:
        kind: ClassVar[DraftEdited | DraftCompacted | None]

    @classmethod
    def of(cls, kind: "DraftEdited | DraftCompacted", **fields: Any) -> "DraftRecord":
        """A DraftRecord holding this kind; its parts are taken unchecked."""
        return holding(cls, kind, fields)


class Event(Holder):
    """One thing that happened to a run. A reader that does not know the kind skips the event and counts it."""

    step: str = ""
    attempt: Uint32 = 0
    run_started: RunStarted | None = None
    task_succeeded: TaskSucceeded | None = None
    task_failed: TaskFailed | None = None
    timer_fired: TimerFired | None = None
    cancel_requested: CancelRequested | None = None
    run_archived: RunArchived | None = None
    run_segment_archived: RunSegmentArchived | None = None
    signal_received: SignalReceived | None = None
    pause_requested: PauseRequested | None = None
    resume_requested: ResumeRequested | None = None
    child_ended: ChildEnded | None = None
    step_decided: StepDecided | None = None
    deadline_moved: DeadlineMoved | None = None
    approval_decided: ApprovalDecided | None = None
    slot_answered: SlotAnswered | None = None
    task_deferred: TaskDeferred | None = None
    step_entered: StepEntered | None = None
    step_completed: StepCompleted | None = None
    step_failed: StepFailed | None = None
    step_skipped: StepSkipped | None = None
    task_scheduled: TaskScheduled | None = None
    timer_set: TimerSet | None = None
    timer_cancelled: TimerCancelled | None = None
    run_paused: RunPaused | None = None
    run_succeeded: RunSucceeded | None = None
    run_failed: RunFailed | None = None
    run_cancelled: RunCancelled | None = None
    snapshot_taken: SnapshotTaken | None = None
    lease_taken: LeaseTaken | None = None
    run_purged: RunPurged | None = None
    scope_entered: ScopeEntered | None = None
    section_entered: SectionEntered | None = None
    iteration_completed: IterationCompleted | None = None
    compensation_started: CompensationStarted | None = None
    step_compensated: StepCompensated | None = None
    compensation_ended: CompensationEnded | None = None
    wait_started: WaitStarted | None = None
    run_resumed: RunResumed | None = None
    variables_set: VariablesSet | None = None
    child_started: ChildStarted | None = None
    checkpoint_taken: CheckpointTaken | None = None
    slot_awaited: SlotAwaited | None = None
    attributes_set: AttributesSet | None = None

    if TYPE_CHECKING:
        kind: ClassVar[
            RunStarted
            | TaskSucceeded
            | TaskFailed
            | TimerFired
            | CancelRequested
            | RunArchived
            | RunSegmentArchived
            | SignalReceived
            | PauseRequested
            | ResumeRequested
            | ChildEnded
            | StepDecided
            | DeadlineMoved
            | ApprovalDecided
            | SlotAnswered
            | TaskDeferred
            | StepEntered
            | StepCompleted
            | StepFailed
            | StepSkipped
            | TaskScheduled
            | TimerSet
            | TimerCancelled
            | RunPaused
            | RunSucceeded
            | RunFailed
            | RunCancelled
            | SnapshotTaken
            | LeaseTaken
            | RunPurged
            | ScopeEntered
            | SectionEntered
            | IterationCompleted
            | CompensationStarted
            | StepCompensated
            | CompensationEnded
            | WaitStarted
            | RunResumed
            | VariablesSet
            | ChildStarted
            | CheckpointTaken
            | SlotAwaited
            | AttributesSet
            | None
        ]

    @classmethod
    def of(
        cls,
        kind: "RunStarted | TaskSucceeded | TaskFailed | TimerFired | CancelRequested | RunArchived | RunSegmentArchived | SignalReceived | PauseRequested | ResumeRequested | ChildEnded | StepDecided | DeadlineMoved | ApprovalDecided | SlotAnswered | TaskDeferred | StepEntered | StepCompleted | StepFailed | StepSkipped | TaskScheduled | TimerSet | TimerCancelled | RunPaused | RunSucceeded | RunFailed | RunCancelled | SnapshotTaken | LeaseTaken | RunPurged | ScopeEntered | SectionEntered | IterationCompleted | CompensationStarted | StepCompensated | CompensationEnded | WaitStarted | RunResumed | VariablesSet | ChildStarted | CheckpointTaken | SlotAwaited | AttributesSet",
        **fields: Any,
    ) -> "Event":
        """A Event holding this kind; its parts are taken unchecked."""
        return holding(cls, kind, fields)


class IdentityRecord(Holder):
    """A message of the IDENTITY stream: full state, the last one of a subject counts. Here lies what every service must know to decide alone who may do what; what proves who somebody is (password hashes, refresh tokens) lies in ACCOUNTS."""

    id: str = ""
    at: Timestamp = ""
    by: str = ""
    api_key_created: ApiKeyCreated | None = None
    api_key_revoked: ApiKeyRevoked | None = None
    tenant_saved: TenantSaved | None = None
    tenant_deleted: TenantDeleted | None = None
    project_saved: ProjectSaved | None = None
    project_deleted: ProjectDeleted | None = None
    user_saved: UserSaved | None = None
    user_deleted: UserDeleted | None = None
    member_saved: MemberSaved | None = None
    member_removed: MemberRemoved | None = None
    group_saved: GroupSaved | None = None
    group_deleted: GroupDeleted | None = None
    session_started: SessionStarted | None = None
    session_ended: SessionEnded | None = None
    signing_keys_saved: SigningKeysSaved | None = None
    policies_saved: PoliciesSaved | None = None
    roster_changed: RosterChanged | None = None
    key_used: KeyUsed | None = None

    if TYPE_CHECKING:
        kind: ClassVar[
            ApiKeyCreated
            | ApiKeyRevoked
            | TenantSaved
            | TenantDeleted
            | ProjectSaved
            | ProjectDeleted
            | UserSaved
            | UserDeleted
            | MemberSaved
            | MemberRemoved
            | GroupSaved
            | GroupDeleted
            | SessionStarted
            | SessionEnded
            | SigningKeysSaved
            | PoliciesSaved
            | RosterChanged
            | KeyUsed
            | None
        ]

    @classmethod
    def of(
        cls,
        kind: "ApiKeyCreated | ApiKeyRevoked | TenantSaved | TenantDeleted | ProjectSaved | ProjectDeleted | UserSaved | UserDeleted | MemberSaved | MemberRemoved | GroupSaved | GroupDeleted | SessionStarted | SessionEnded | SigningKeysSaved | PoliciesSaved | RosterChanged | KeyUsed",
        **fields: Any,
    ) -> "IdentityRecord":
        """A IdentityRecord holding this kind; its parts are taken unchecked."""
        return holding(cls, kind, fields)


class LimitEvent(Holder):
    """One thing that happened to a limit."""

    slot_asked: SlotAsked | None = None
    slot_returned: SlotReturned | None = None
    calls_reported: CallsReported | None = None
    permits_asked: PermitsAsked | None = None
    slot_granted: SlotGranted | None = None
    slot_refused: SlotRefused | None = None
    holder_recalled: HolderRecalled | None = None
    integration_stood: IntegrationStood | None = None
    limit_stood: LimitStood | None = None

    if TYPE_CHECKING:
        kind: ClassVar[
            SlotAsked
            | SlotReturned
            | CallsReported
            | PermitsAsked
            | SlotGranted
            | SlotRefused
            | HolderRecalled
            | IntegrationStood
            | LimitStood
            | None
        ]

    @classmethod
    def of(
        cls,
        kind: "SlotAsked | SlotReturned | CallsReported | PermitsAsked | SlotGranted | SlotRefused | HolderRecalled | IntegrationStood | LimitStood",
        **fields: Any,
    ) -> "LimitEvent":
        """A LimitEvent holding this kind; its parts are taken unchecked."""
        return holding(cls, kind, fields)


class ScheduleEvent(Holder):
    """One thing that happened to a schedule."""

    fires_asked: FiresAsked | None = None
    scheduled_run_ended: ScheduledRunEnded | None = None
    schedule_adopted: ScheduleAdopted | None = None
    time_fired: TimeFired | None = None
    times_skipped: TimesSkipped | None = None
    time_queued: TimeQueued | None = None
    runs_replaced: RunsReplaced | None = None
    fires_served: FiresServed | None = None
    scheduled_run_refused: ScheduledRunRefused | None = None
    schedule_stood: ScheduleStood | None = None

    if TYPE_CHECKING:
        kind: ClassVar[
            FiresAsked
            | ScheduledRunEnded
            | ScheduleAdopted
            | TimeFired
            | TimesSkipped
            | TimeQueued
            | RunsReplaced
            | FiresServed
            | ScheduledRunRefused
            | ScheduleStood
            | None
        ]

    @classmethod
    def of(
        cls,
        kind: "FiresAsked | ScheduledRunEnded | ScheduleAdopted | TimeFired | TimesSkipped | TimeQueued | RunsReplaced | FiresServed | ScheduledRunRefused | ScheduleStood",
        **fields: Any,
    ) -> "ScheduleEvent":
        """A ScheduleEvent holding this kind; its parts are taken unchecked."""
        return holding(cls, kind, fields)


class RegistryRecord(Holder):
    """A message of the REGISTRY stream: full state, the last one of a subject counts."""

    id: str = ""
    tenant: str = ""
    at: Timestamp = ""
    by: str = ""
    workflow_saved: WorkflowSaved | None = None
    workflow_published: WorkflowPublished | None = None
    webhook_saved: WebhookSaved | None = None
    credential_saved: CredentialSaved | None = None
    workflow_deleted: WorkflowDeleted | None = None
    webhook_deleted: WebhookDeleted | None = None
    credential_deleted: CredentialDeleted | None = None
    request_recorded: RequestRecorded | None = None
    dead_letter_handled: DeadLetterHandled | None = None
    data_keys_saved: DataKeysSaved | None = None
    grant_asked: GrantAsked | None = None
    grant_spent: GrantSpent | None = None
    errand_asked: ErrandAsked | None = None
    errand_taken: ErrandTaken | None = None
    errand_done: ErrandDone | None = None
    schedule_saved: ScheduleSaved | None = None
    schedule_deleted: ScheduleDeleted | None = None
    subscription_saved: SubscriptionSaved | None = None
    event_refused: EventRefused | None = None

    if TYPE_CHECKING:
        kind: ClassVar[
            WorkflowSaved
            | WorkflowPublished
            | WebhookSaved
            | CredentialSaved
            | WorkflowDeleted
            | WebhookDeleted
            | CredentialDeleted
            | RequestRecorded
            | DeadLetterHandled
            | DataKeysSaved
            | GrantAsked
            | GrantSpent
            | ErrandAsked
            | ErrandTaken
            | ErrandDone
            | ScheduleSaved
            | ScheduleDeleted
            | SubscriptionSaved
            | EventRefused
            | None
        ]

    @classmethod
    def of(
        cls,
        kind: "WorkflowSaved | WorkflowPublished | WebhookSaved | CredentialSaved | WorkflowDeleted | WebhookDeleted | CredentialDeleted | RequestRecorded | DeadLetterHandled | DataKeysSaved | GrantAsked | GrantSpent | ErrandAsked | ErrandTaken | ErrandDone | ScheduleSaved | ScheduleDeleted | SubscriptionSaved | EventRefused",
        **fields: Any,
    ) -> "RegistryRecord":
        """A RegistryRecord holding this kind; its parts are taken unchecked."""
        return holding(cls, kind, fields)


class Envelope(Message):
    """Every message of a run's log. A fact carries exactly one event; a message of the shard's owner carries all events of one decision turn that belong together."""

    id: str = ""
    tenant: str = ""
    run_id: str = ""
    workflow_id: str = ""
    version: str = ""
    at: Timestamp = ""
    cause: str = ""
    trace_parent: str = ""
    seen: str = ""
    turn: Uint32 = 0
    chain: str = ""
    events: tuple[Event, ...] = ()


class LimitMessage(Message):
    """Every message of a limit's log. A fact carries exactly one event; a message of the shard's owner carries all events of one decision turn."""

    id: str = ""
    tenant: str = ""
    limit_id: str = ""
    at: Timestamp = ""
    seen: str = ""
    turn: Uint32 = 0
    events: tuple[LimitEvent, ...] = ()


class ScheduleMessage(Message):
    """Every message of a schedule's log. A fact carries exactly one event; a message of the shard's owner carries all events of one decision turn."""

    id: str = ""
    tenant: str = ""
    schedule_id: str = ""
    at: Timestamp = ""
    seen: str = ""
    turn: Uint32 = 0
    events: tuple[ScheduleEvent, ...] = ()


_holds(
    AccountRecord,
    {
        LoginSaved: "login_saved",
        EmailClaimed: "email_claimed",
        EmailFreed: "email_freed",
        RefreshSaved: "refresh_saved",
        ChallengeSet: "challenge_set",
        ChallengeSpent: "challenge_spent",
        GuessesCounted: "guesses_counted",
        ProviderSaved: "provider_saved",
        ProviderDeleted: "provider_deleted",
        SubjectLinked: "subject_linked",
        SigningKeysSealed: "signing_keys_sealed",
        LoginErased: "login_erased",
        PersonKeyed: "person_keyed",
        PersonErased: "person_erased",
    },
)


_holds(
    ApprovalRecord,
    {
        ApprovalAsked: "approval_asked",
        ApprovalVoted: "approval_voted",
        ApprovalCommented: "approval_commented",
        ApprovalDelegated: "approval_delegated",
        ApprovalReassigned: "approval_reassigned",
        ApprovalReminded: "approval_reminded",
        ApprovalEscalated: "approval_escalated",
        ApprovalExpired: "approval_expired",
        ApprovalWithdrawn: "approval_withdrawn",
        ApprovalTold: "approval_told",
        ApprovalNotified: "approval_notified",
        ApprovalLinksKeyed: "approval_links_keyed",
        ApprovalsReadTo: "approvals_read_to",
        ApprovalPushKeyed: "approval_push_keyed",
        ApprovalDevicesSaved: "approval_devices_saved",
    },
)


_holds(
    AuditRecord,
    {
        AuditNoted: "audit_noted",
        AuditSealed: "audit_sealed",
        AuditReadTo: "audit_read_to",
    },
)


_holds(
    DraftRecord,
    {
        DraftEdited: "draft_edited",
        DraftCompacted: "draft_compacted",
    },
)


_holds(
    Event,
    {
        RunStarted: "run_started",
        TaskSucceeded: "task_succeeded",
        TaskFailed: "task_failed",
        TimerFired: "timer_fired",
        CancelRequested: "cancel_requested",
        RunArchived: "run_archived",
        RunSegmentArchived: "run_segment_archived",
        SignalReceived: "signal_received",
        PauseRequested: "pause_requested",
        ResumeRequested: "resume_requested",
        ChildEnded: "child_ended",
        StepDecided: "step_decided",
        DeadlineMoved: "deadline_moved",
        ApprovalDecided: "approval_decided",
        SlotAnswered: "slot_answered",
        TaskDeferred: "task_deferred",
        StepEntered: "step_entered",
        StepCompleted: "step_completed",
        StepFailed: "step_failed",
        StepSkipped: "step_skipped",
        TaskScheduled: "task_scheduled",
        TimerSet: "timer_set",
        TimerCancelled: "timer_cancelled",
        RunPaused: "run_paused",
        RunSucceeded: "run_succeeded",
        RunFailed: "run_failed",
        RunCancelled: "run_cancelled",
        SnapshotTaken: "snapshot_taken",
        LeaseTaken: "lease_taken",
        RunPurged: "run_purged",
        ScopeEntered: "scope_entered",
        SectionEntered: "section_entered",
        IterationCompleted: "iteration_completed",
        CompensationStarted: "compensation_started",
        StepCompensated: "step_compensated",
        CompensationEnded: "compensation_ended",
        WaitStarted: "wait_started",
        RunResumed: "run_resumed",
        VariablesSet: "variables_set",
        ChildStarted: "child_started",
        CheckpointTaken: "checkpoint_taken",
        SlotAwaited: "slot_awaited",
        AttributesSet: "attributes_set",
    },
)


_holds(
    IdentityRecord,
    {
        ApiKeyCreated: "api_key_created",
        ApiKeyRevoked: "api_key_revoked",
        TenantSaved: "tenant_saved",
        TenantDeleted: "tenant_deleted",
        ProjectSaved: "project_saved",
        ProjectDeleted: "project_deleted",
        UserSaved: "user_saved",
        UserDeleted: "user_deleted",
        MemberSaved: "member_saved",
        MemberRemoved: "member_removed",
        GroupSaved: "group_saved",
        GroupDeleted: "group_deleted",
        SessionStarted: "session_started",
        SessionEnded: "session_ended",
        SigningKeysSaved: "signing_keys_saved",
        PoliciesSaved: "policies_saved",
        RosterChanged: "roster_changed",
        KeyUsed: "key_used",
    },
)


_holds(
    LimitEvent,
    {
        SlotAsked: "slot_asked",
        SlotReturned: "slot_returned",
        CallsReported: "calls_reported",
        PermitsAsked: "permits_asked",
        SlotGranted: "slot_granted",
        SlotRefused: "slot_refused",
        HolderRecalled: "holder_recalled",
        IntegrationStood: "integration_stood",
        LimitStood: "limit_stood",
    },
)


_holds(
    ScheduleEvent,
    {
        FiresAsked: "fires_asked",
        ScheduledRunEnded: "scheduled_run_ended",
        ScheduleAdopted: "schedule_adopted",
        TimeFired: "time_fired",
        TimesSkipped: "times_skipped",
        TimeQueued: "time_queued",
        RunsReplaced: "runs_replaced",
        FiresServed: "fires_served",
        ScheduledRunRefused: "scheduled_run_refused",
        ScheduleStood: "schedule_stood",
    },
)


_holds(
    RegistryRecord,
    {
        WorkflowSaved: "workflow_saved",
        WorkflowPublished: "workflow_published",
        WebhookSaved: "webhook_saved",
        CredentialSaved: "credential_saved",
        WorkflowDeleted: "workflow_deleted",
        WebhookDeleted: "webhook_deleted",
        CredentialDeleted: "credential_deleted",
        RequestRecorded: "request_recorded",
        DeadLetterHandled: "dead_letter_handled",
        DataKeysSaved: "data_keys_saved",
        GrantAsked: "grant_asked",
        GrantSpent: "grant_spent",
        ErrandAsked: "errand_asked",
        ErrandTaken: "errand_taken",
        ErrandDone: "errand_done",
        ScheduleSaved: "schedule_saved",
        ScheduleDeleted: "schedule_deleted",
        SubscriptionSaved: "subscription_saved",
        EventRefused: "event_refused",
    },
)
