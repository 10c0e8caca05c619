"""Where each message lies. Every subject of the platform is spelled here and nowhere else.

A run's log is `run.<shard>.<tenant>.<run>.…`; `in.…` are facts (anyone), `ev`,
`task.…`, `timer.…` and `snap` are written by the owner of the shard alone.
"""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

from weir.contract.approval_subjects import *  # noqa: F403 - one table in several files
from weir.contract.bus_subjects import *  # noqa: F403 - as above
from weir.contract.collab_subjects import *  # noqa: F403 - as above
from weir.contract.identity_subjects import *  # noqa: F403 - as above
from weir.contract.schedule_subjects import *  # noqa: F403 - as above
from weir.contract.schedule_subjects import ScheduleKey

RUNS = "RUNS"
REGISTRY = "REGISTRY"
IDENTITY = "IDENTITY"
ACCOUNTS = "ACCOUNTS"
AUDIT = "AUDIT"
NOTES = "NOTES"
LOGS = "LOGS"
RATES = "RATES"
DELIVERIES = "DELIVERIES"

SHARDS = 32

# How deep containers may stand in each other: a step's path is part of subjects.
NESTING = 8

EVERY_RUN = "run.>"
EVERY_LIMIT = "limit.>"
EVERY_SNAPSHOT = "run.*.*.*.snap"
EVERY_SEGMENT = "run.*.*.*.in.segment"
EVERY_ARCHIVED = "run.*.*.*.in.archived"
# What a run's state is folded from: facts, decisions and tasks.
FOLDED = frozenset({"in", "ev", "task"})
# Facts of runs, limits and schedules, by one filter: at every eight megabytes a consumer with
# several looks through all subjects there are, 0.1 s where they are half a million, in which the
# broker stores nothing.
EVERY_FACT = "*.*.*.*.in.>"
EVERY_LINE = "logs.>"
EVERY_WORKFLOW = "registry.*.workflow.*"
EVERY_LETTER = "registry.*.letter.*"
EVERY_DELIVERY = "delivery.>"


class RunKey(NamedTuple):
    """Names one run's log."""

    shard: int
    tenant: str
    run_id: str

    @property
    def prefix(self) -> str:
        """The beginning of all its subjects: `run.<shard>.<tenant>.<run>`."""
        return f"run.{self.shard}.{self.tenant}.{self.run_id}"

    def fact(self, name: str) -> str:
        """The literal subject of one fact, e.g. `start`, `result.notify.1`."""
        return f"{self.prefix}.in.{name}"

    @property
    def repeatable(self) -> str:
        """Filter over the facts of which there can be many: all but the single-worded ones."""
        return f"{self.prefix}.in.*.>"

    @property
    def tasks(self) -> str:
        """Filter over the tasks of this run, of every queue."""
        return f"{self.prefix}.task.>"

    @property
    def events(self) -> str:
        """Decisions of the owner."""
        return f"{self.prefix}.ev"

    def task(self, queue: str) -> str:
        """Tasks of this run for a queue."""
        return f"{self.prefix}.task.{queue}"

    def timer(self, timer: str) -> str:
        """The schedule of one timer; it fires into `in.timer.<id>`."""
        return f"{self.prefix}.timer.{timer}"

    @property
    def snapshot(self) -> str:
        """The run's last snapshot."""
        return f"{self.prefix}.snap"

    @property
    def everything(self) -> str:
        """Filter over the whole log of the run."""
        return f"{self.prefix}.>"


def shard_of(run_id: str, shards: int = SHARDS) -> int:
    """The shard a run lives on for ever."""
    return crc32(run_id.encode()) % shards


def run_key(tenant: str, run_id: str, shards: int = SHARDS) -> RunKey:
    """The key of a run."""
    return RunKey(shard_of(run_id, shards), tenant, run_id)


def parse_run(subject: str) -> tuple[RunKey, str, str]:
    """(key, class, rest): class is `in`, `ev`, `task`, `timer` or `snap`; rest what follows it."""
    _, shard, tenant, run_id, kind, *rest = subject.split(".", 5)
    return RunKey(int(shard), tenant, run_id), kind, rest[0] if rest else ""


def shard_in(subject: str) -> int:
    """The shard of a run's or a limit's subject."""
    return int(subject.split(".", 2)[1])


def run_log(key: RunKey) -> tuple[str, ...]:
    """Filters of what the state of one run is folded from."""
    return (f"{key.prefix}.in.>", key.events, f"{key.prefix}.task.>")


class LimitKey(NamedTuple):
    """Names the log of one shared limit."""

    shard: int
    tenant: str
    limit_id: str

    @property
    def prefix(self) -> str:
        """The beginning of all its subjects: `limit.<shard>.<tenant>.<limit>`."""
        return f"limit.{self.shard}.{self.tenant}.{self.limit_id}"

    def fact(self, name: str) -> str:
        """The literal subject of one fact, e.g. `ask.run_…`."""
        return f"{self.prefix}.in.{name}"

    @property
    def facts(self) -> str:
        """Filter over its facts."""
        return f"{self.prefix}.in.>"

    @property
    def events(self) -> str:
        """Decisions of the owner."""
        return f"{self.prefix}.ev"

    @property
    def snapshot(self) -> str:
        """The limit's last snapshot."""
        return f"{self.prefix}.snap"

    @property
    def everything(self) -> str:
        """Filter over the whole log of the limit."""
        return f"{self.prefix}.>"


def limit_key(tenant: str, limit_id: str, shards: int = SHARDS) -> LimitKey:
    """The key of a limit; it lives on the shard of its id, as a run does."""
    return LimitKey(shard_of(limit_id, shards), tenant, limit_id)


def schedule_key(tenant: str, schedule_id: str, shards: int = SHARDS) -> ScheduleKey:
    """The key of a schedule; it lives on the shard of its id, as a run does."""
    return ScheduleKey(shard_of(schedule_id, shards), tenant, schedule_id)


def parse_limit(subject: str) -> tuple[LimitKey, str, str]:
    """(key, class, rest): class is `in`, `ev` or `snap`; rest what follows it."""
    _, shard, tenant, limit_id, kind, *rest = subject.split(".", 5)
    return LimitKey(int(shard), tenant, limit_id), kind, rest[0] if rest else ""


def is_limit(subject: str) -> bool:
    """Whether a subject of the run log belongs to a limit."""
    return subject.startswith("limit.")


def shard_limits(shard: int) -> str:
    """Everything of the limits of one shard."""
    return f"limit.{shard}.>"


def shard_limit_facts(shard: int) -> str:
    """The facts of the limits of one shard: what its owner listens to."""
    return f"limit.{shard}.*.*.in.>"


def ask_fact(run_id: str) -> str:
    """A run's wish to go on under a limit."""
    return f"ask.{run_id}"


def return_fact(run_id: str) -> str:
    """A run's end, told to a limit."""
    return f"return.{run_id}"


def report_fact(report_id: str) -> str:
    """What came of a worker's calls to an integration."""
    return f"report.{report_id}"


def permits_fact(ask_id: str) -> str:
    """A worker's wish for permits."""
    return f"permits.{ask_id}"


def slot_fact(limit_id: str) -> str:
    """In a run's log: what a limit has decided about it."""
    return f"slot.{limit_id}"


def start_fact() -> str:
    """The fact that a run was started."""
    return "start"


def result_fact(step: str, attempt: int) -> str:
    """The outcome of one attempt of a step."""
    return f"result.{step}.{attempt}"


def timer_fact(timer: str) -> str:
    """A fired timer."""
    return f"timer.{timer}"


def cancel_fact(request_id: str) -> str:
    """A wish to cancel the run."""
    return f"cancel.{request_id}"


def signal_fact(signal_id: str) -> str:
    """Something that was told to the run."""
    return f"signal.{signal_id}"


def pause_fact(request_id: str) -> str:
    """A wish that the run stands still."""
    return f"pause.{request_id}"


def resume_fact(request_id: str) -> str:
    """A wish that the run goes on."""
    return f"resume.{request_id}"


def child_fact(run_id: str) -> str:
    """The end of the run that a step started."""
    return f"child.{run_id}"


def decision_fact(step: str, request_id: str) -> str:
    """What a person decided about a failed step."""
    return f"decision.{step}.{request_id}"


def deadline_fact(request_id: str) -> str:
    """Another time for a waiting step."""
    return f"deadline.{request_id}"


def archived_fact() -> str:
    """The archive's confirmation."""
    return "archived"


def segment_fact() -> str:
    """The archive's confirmation of a part of a run that still goes on; the last one counts."""
    return "segment"


def shard_filter(shard: int) -> str:
    """Everything of one shard."""
    return f"run.{shard}.>"


def runs_of(tenant: str, shard: int | str = "*") -> str:
    """Everything of a tenant's runs, on one shard or on all."""
    return f"run.{shard}.{tenant}.>"


def limits_of(tenant: str, shard: int | str = "*") -> str:
    """Everything of a tenant's shared limits, on one shard or on all."""
    return f"limit.{shard}.{tenant}.>"


def shard_facts(shard: int) -> str:
    """The facts of one shard: what its owner listens to."""
    return f"run.{shard}.*.*.in.>"


def shard_segments(shard: int) -> str:
    """The archive's confirmations of parts of runs in one shard."""
    return f"run.{shard}.*.*.in.{segment_fact()}"


def checkpoint(shard: int) -> str:
    """The open runs of one shard as they stood a while ago."""
    return f"checkpoint.{shard}"


def shard_snapshots(shard: int) -> str:
    """The snapshots in one shard."""
    return f"run.{shard}.*.*.snap"


def queue_filter(queue: str) -> str:
    """All tasks of a queue."""
    return f"run.*.*.*.task.{queue}"


def lease(shard: int, incarnation: str) -> str:
    """The fence of a shard in one incarnation of the broker (log-protocol P8)."""
    return f"lease.{shard}.{incarnation}"


def leases(shard: int) -> str:
    """The fences of a shard in all incarnations."""
    return f"lease.{shard}.*"


def live_run(run_id: str) -> str:
    """Filter of what the broker republishes of one run, as it was stored."""
    return f"live.*.*.{run_id}.>"


def live_events() -> str:
    """Filter of all owner messages that the broker republishes, of every run."""
    return "live.*.*.*.ev"


def cancel_notice(run_id: str) -> str:
    """Core subject: tells executors that a run was cancelled; may be lost."""
    return f"notice.cancel.{run_id}"


def registry_of(tenant: str) -> str:
    """Everything the registry has of a tenant, but for what lies under no tenant."""
    return f"registry.{tenant}.>"


def logs(tenant: str, run_id: str) -> str:
    """Log lines of a run's steps."""
    return f"logs.{tenant}.{run_id}"


def delivery(tenant: str, webhook_id: str) -> str:
    """What became of deliveries to a webhook."""
    return f"delivery.{tenant}.{webhook_id}"


def workflow(tenant: str, workflow_id: str) -> str:
    """Head of a workflow."""
    return f"registry.{tenant}.workflow.{workflow_id}"


def version(tenant: str, version_hash: str) -> str:
    """One immutable version."""
    return f"registry.{tenant}.version.{version_hash}"


def webhook(webhook_id: str) -> str:
    """A webhook; its address names no tenant, so neither does the subject."""
    return f"registry.-.webhook.{webhook_id}"


def credential(tenant: str, name: str) -> str:
    """A credential by the name definitions use."""
    return f"registry.{tenant}.credential.{name}"


def data_keys(tenant: str) -> str:
    """The keys that a tenant's secrets are sealed under, wrapped."""
    return f"registry.{tenant}.datakeys"


def grant(state_hash: str) -> str:
    """Somebody at an authorisation server; who comes back names no tenant."""
    return f"registry.-.grant.{state_hash}"


def errand(tenant: str, errand_id: str) -> str:
    """Something to be done by who opens credentials."""
    return f"registry.{tenant}.errand.{errand_id}"


def dead_letter(tenant: str, letter_id: str) -> str:
    """What somebody made of a dead letter."""
    return f"registry.{tenant}.letter.{letter_id}"


def request(tenant: str, request_id: str) -> str:
    """That a request with an Idempotency-Key was made."""
    return f"registry.{tenant}.request.{request_id}"


def is_request(subject: str) -> bool:
    """Whether a subject of the registry is such a request, and so no state."""
    return subject.split(".", 3)[2] == "request"


def rate(tenant: str, limit: str) -> str:
    """What is left of a rate limit or of a day's quota: told among edges, no contract's message."""
    return f"rate.{tenant}.{limit}"


def probe_asked() -> str:
    """Core subject: asks whether a webhook is served in the version that was published."""
    return "probe.ask"


def probe_answer(probe_id: str) -> str:
    """Core subject of the answers to one such question."""
    return f"probe.answer.{probe_id}"


def step_stream(tenant: str, run_id: str) -> str:
    """Core subject of what the steps of a run say while they work."""
    return f"stream.{tenant}.{run_id}"


def input_asked(what: str) -> str:
    """Core subject: somebody on a socket answers what a run waits for, by this route."""
    return f"input.ask.{what}"


def input_answer(process: str) -> str:
    """Core subject on which the process that holds such sockets learns what came of it."""
    return f"input.answer.{process}"


def beat(service: str) -> str:
    """Core subject on which the processes of a service tell each other that they live."""
    return f"beat.{service}"


def suspects(shard: int) -> str:
    """Which runs the shard's owner was about to decide after taking it over (P9)."""
    return f"lease.suspects.{shard}"
