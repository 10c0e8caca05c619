"""Every metric of the platform, and the one registry they are kept in.

docs/reference/metrics.md is printed from the list made here, so a metric that
is not in this module does not exist. Labels hold names of ours (a route's
pattern, a queue, a service), never ids: the number of series stays bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE

REGISTRY = CollectorRegistry(auto_describe=True)

_QUICK = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0)
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0)
_LONG = (0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0, 86400.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Described(NamedTuple):
    """One metric as the reference page shows it."""

    name: str
    type: str
    labels: tuple[str, ...]
    help: str


METRICS: list[Described] = []

M = TypeVar("M", Counter, Gauge, Histogram)


def _looked_up_once(metric: M) -> M:
    """Series of a metric that is never cleared stay the same objects: finding one costs little."""
    metric.labels = cache(metric.labels)  # type: ignore[method-assign]
    return metric


def _counter(name: str, text: str, *labels: str) -> Counter:
    METRICS.append(Described(name + "_total", "counter", labels, text))
    return _looked_up_once(Counter(name, text, labels, registry=REGISTRY))


def _gauge(name: str, text: str, *labels: str) -> Gauge:
    METRICS.append(Described(name, "gauge", labels, text))
    return Gauge(name, text, labels, registry=REGISTRY)


def _histogram(name: str, text: str, buckets: Sequence[float], *labels: str) -> Histogram:
    METRICS.append(Described(name, "histogram", labels, text))
    return _looked_up_once(Histogram(name, text, labels, registry=REGISTRY, buckets=buckets))


RUNS_STARTED = _counter("weir_runs_started", "Runs whose start fact was first.", "trigger_kind")
RUNS_ENDED = _counter("weir_runs_ended", "Runs that ended, by their final status.", "status")
RUN_SECONDS = _histogram(
    "weir_run_duration_seconds", "From a run's start to its end.", _LONG, "status"
)
RUNS_OPEN = _gauge("weir_runs_open", "Open runs in memory of this scheduler.")
RUNS_PARKED = _counter(
    "weir_runs_parked", "Runs set aside because deciding or committing them failed.", "reason"
)

COLLAB_ROOMS = _gauge("weir_collab_rooms", "Documents that are open in this process.")
COLLAB_PEERS = _gauge("weir_collab_peers", "Connections in documents that are open here.")
COLLAB_BYTES = _counter("weir_collab_bytes", "Bytes of documents on sockets.", "direction")
COLLAB_PROPAGATION = _histogram(
    "weir_collab_propagation_seconds",
    "From the arrival of a change until it is stored and told to the others.",
    _SECONDS,
)
COLLAB_TURNED_AWAY = _counter(
    "weir_collab_turned_away", "Frames and connections that were not taken, by why.", "reason"
)

SHARDS_OWNED = _gauge("weir_shards_owned", "Shards this scheduler owns.")
TAKEOVERS = _counter("weir_takeovers", "Shards taken over, by why.", "reason")
TAKEOVER_SECONDS = _histogram(
    "weir_takeover_seconds", "From taking a shard's lease to its first decision.", _SECONDS
)
EVENTS = _counter("weir_bus_events", "Events of subscriptions, by what became of them.", "outcome")
EVENT_DELAY = _histogram(
    "weir_bus_event_start_seconds", "From the storing of an event to its run's start.", _SECONDS
)
BUS_LAG = _gauge(
    "weir_bus_lag_events", "Events that wait before the subscriptions this process reads."
)
BUS_LAG_SECONDS = _gauge(
    "weir_bus_lag_seconds", "Age of the oldest event before a subscription this process reads."
)
SUBSCRIPTIONS_READ = _gauge("weir_bus_subscriptions", "Subscriptions that this process reads.")

CHECKPOINTS = _counter("weir_checkpoints", "Times the open runs of a shard were written down.")
FENCED = _counter("weir_fenced", "Appends refused because another scheduler owns the shard.")
DECIDE_SECONDS = _histogram(
    "weir_decide_seconds", "One decision of one run, without its commit.", _QUICK
)
COMMIT_MESSAGES = _histogram(
    "weir_commit_messages", "Messages that were appended together.", _SIZES, "mode"
)
COMMIT_SECONDS = _histogram(
    "weir_commit_seconds", "From sending a commit to its acknowledgement.", _SECONDS, "mode"
)
SNAPSHOT_SECONDS = _histogram(
    "weir_snapshot_seconds",
    "One snapshot of one run, from its state to its acknowledgement.",
    _SECONDS,
)
SNAPSHOT_BYTES = _counter("weir_snapshot_bytes", "Bytes of states written as snapshots.")
TRUNCATIONS = _counter(
    "weir_truncations", "Times the past of a run that goes on was removed from the log."
)
UNKNOWN_OUTCOMES = _counter(
    "weir_unknown_outcomes", "Appends whose outcome could not be told and was read back."
)
UNKNOWN_EVENTS = _counter(
    "weir_unknown_events_skipped", "Events of a newer writer that this version skipped."
)

RECORDS_UNREADABLE = _counter(
    "weir_records_unreadable", "Records of registry or identities that could not be read.", "stream"
)

TOKEN_RENEWALS = _counter(
    "weir_token_renewals", "Times access tokens of credentials were renewed, or not.", "outcome"
)
CREDENTIALS_STALE = _gauge(
    "weir_credentials_stale", "Secrets of all tenants that lie under a data key that is not newest."
)
DATA_KEYS_OLD = _gauge(
    "weir_data_keys_old", "Tenants whose newest data key is older than ninety days."
)

AUDIT_DROPPED = _counter(
    "weir_audit_dropped", "Audit notes that could not be stored and did not fit the queue."
)
AUDIT_LINKS = _counter("weir_audit_links", "Links that this process added to chains of audit.")
AUDIT_LAG = _gauge("weir_audit_lag_seconds", "Age of the oldest note that is in no chain yet.")
AUDIT_PUSHED = _counter(
    "weir_audit_pushed", "Audit entries that a receiver outside has taken.", "receiver"
)

RUNS_HELD = _gauge(
    "weir_runs_held_back", "Runs with steps that find no room in the window of a queue.", "queue"
)
SCHEDULE_TIMES = _counter(
    "weir_schedule_times",
    "Times of schedules by what became of them: fired, refused, or why they were skipped.",
    "outcome",
)
SCHEDULE_LATE_SECONDS = _histogram(
    "weir_schedule_late_seconds",
    "From the moment a time of a schedule was due to the decision that begins its run.",
    _SECONDS,
)
LIMIT_ANSWERS = _counter("weir_limit_answers", "What limits have told runs.", "verdict")
PERMITS_ASKED = _counter("weir_permits_asked", "Blocks of permits this worker has asked for.")
TASKS_DEFERRED = _counter(
    "weir_tasks_deferred", "Tasks given back because what they call took no work.", "why"
)
LIMIT_RETURNS_FOUND = _counter(
    "weir_limit_returns_found", "Slots of ended runs that nobody had given back, found by looking."
)
TASKS_DISPATCHED = _counter("weir_tasks_dispatched", "Tasks handed to a queue.", "queue")
TASKS_RUNNING = _looked_up_once(
    _gauge("weir_tasks_in_flight", "Tasks this executor runs now.", "queue")
)
TASKS_REDELIVERED = _counter(
    "weir_tasks_redelivered", "Tasks this executor got that another had got before.", "queue"
)
RESULTS = _counter(
    "weir_results", "Results of tasks, by outcome: succeeded, failed, late.", "queue", "outcome"
)
TASK_SECONDS = _histogram(
    "weir_task_duration_seconds", "One attempt of a task on an executor.", _LONG, "node_type"
)

PROJECTION_LAG = _gauge(
    "weir_projection_lag_messages", "Messages of the log the projection has not stored.", "name"
)
PROJECTED = _counter("weir_projected", "Messages stored by the projection.", "name")
DEAD_LETTERS = _counter(
    "weir_dead_letters",
    "Dead letters that were made, or failed again; counted anew when views are rebuilt.",
    "reason",
)
PROJECTION_SKIPPED = _counter(
    "weir_projection_skipped", "Messages the projection could not read or fold.", "name"
)
HISTORIES_BROKEN = _counter(
    "weir_histories_broken", "Runs whose hash chain says that something was lost or changed."
)
CALLBACKS = _counter(
    "weir_callbacks", "Ends of runs that were handed on to be told outside.", "status"
)
ARCHIVED = _counter("weir_runs_archived", "Ended runs written to the archive.")
PURGED = _counter("weir_runs_purged", "Ended runs that left the log, all but a tombstone.")
SEGMENTS = _counter(
    "weir_segments_archived", "Parts of runs that go on, written to the archive and confirmed."
)
BLOBS_COLLECTED = _counter(
    "weir_blobs_collected", "Values kept outside the log that nothing referred to any more."
)

WEBHOOKS = _counter(
    "weir_webhook_deliveries",
    "Webhook deliveries: accepted, duplicate, dropped by the filter, refused.",
    "outcome",
)
DELIVERIES_UNTOLD = _counter(
    "weir_webhook_deliveries_untold",
    "Deliveries that started no run and are not in the history: there were too many at once, or "
    "the broker took nothing.",
)
WEBHOOK_PROBES = _counter(
    "weir_webhook_probes",
    "Webhooks asked after when they were published: served, refused, silent.",
    "outcome",
)
LIMITED = _counter(
    "weir_http_limited", "Requests refused because a limit or quota was used up.", "limit"
)
LIMITS_ALONE = _counter(
    "weir_limits_alone", "Times a limit was counted by this process alone, without the broker."
)
HTTP_SECONDS = _histogram(
    "weir_http_request_seconds",
    "HTTP requests by route; `route` is the pattern, empty where none fits.",
    _SECONDS,
    "method",
    "route",
    "status",
)

STREAM_BYTES = _gauge(
    "weir_broker_stream_bytes", "What the broker keeps of a stream, told by schedulers.", "stream"
)
STORAGE_SIZE = _gauge(
    "weir_broker_storage_size_bytes",
    "A bound of what the broker can keep, told by schedulers: its disk and what it was allowed of"
    " that (store) where it runs on this machine, limits of its account where some are set.",
    "of",
)
STORAGE_FREE = _gauge(
    "weir_broker_storage_free_bytes", "What is left of it for the broker; 0: it is full.", "of"
)

APPROVALS_ENDED = _counter(
    "weir_approvals_ended",
    "Approvals that ended, by how: status decided, expired or withdrawn.",
    "status",
    "how",
)
APPROVAL_TIME = _histogram(
    "weir_approval_duration_seconds", "From an approval's asking until its run was told.", _LONG
)
APPROVALS_OPEN = _gauge("weir_approvals_open", "Approvals that this process knows as open.")
APPROVAL_NOTICES = _counter(
    "weir_approval_notices", "Times people were written to, by how that ended.", "status"
)
LOOP_LAG = _histogram(
    "weir_event_loop_lag_seconds",
    "How late the event loop wakes a sleeper, measured twice a second.",
    _QUICK,
)
BUILD = _gauge("weir_build_info", "Always 1; the label tells the version.", "version")


def text() -> bytes:
    """All metrics in the Prometheus text format."""
    return generate_latest(REGISTRY)


def reference() -> str:
    """The page docs/reference/metrics.md."""
    rows = [
        f"| `{one.name}` | {one.type} | {', '.join(one.labels) or 'none'} | {one.help} |"
        for one in METRICS
    ]
    return "\n".join(
        [
            "# Metrics",
            "",
            "Printed from the code by `make docs`: do not edit.",
            "",
            "Each process serves its own at `/metrics` in the Prometheus text format.",
            "A histogram has the series `_bucket`, `_sum` and `_count`.",
            "",
            "| name | type | labels | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


__all__ = ["CONTENT_TYPE", "METRICS", "REGISTRY", "reference", "text"]
