"""What the trigger's routes read and answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from weir.core.definition import CREDENTIAL

LabelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")]
LabelText = Annotated[str, StringConstraints(max_length=256)]


class Asked(BaseModel):
    """Base of requests: a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StartCallback(Asked):
    """Who is told of the end of this run, beside whom the definition names."""

    url: str = Field(min_length=1, max_length=2_000, description="https:// or http://.")
    secret: str = Field(
        pattern=CREDENTIAL,
        description="The credential whose field `secret` signs, as {{ credentials.x }}.",
    )
    events: list[Literal["succeeded", "failed", "cancelled"]] = Field(
        default_factory=list, description="The ends that are told; all if empty."
    )


class StartRun(Asked):
    """What a run is started with; everything may be left out."""

    input: Any = Field(default_factory=dict, description="The run's input, any JSON value.")
    version: str | None = Field(default=None, description="A version; the current one without.")
    trigger: str | None = Field(
        default=None, description="The trigger node to fire, where there are several."
    )
    trigger_data: dict[str, Any] = Field(
        default_factory=dict,
        description="Of a trial alone: what its steps read in `trigger` beside `payload`, which is "
        "the input; `trigger.data` of a run is such a sample. 64 kB at most.",
    )
    labels: dict[LabelName, LabelText] = Field(default_factory=dict, max_length=32)
    priority: Literal["low", "normal", "high"] | None = Field(
        default=None, description="Whose steps go first; as the version has it without."
    )
    callback: StartCallback | None = None


class StartOne(StartRun):
    """A run of a batch, with a key of its own."""

    idempotency_key: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")] | None = None


class StartMany(Asked):
    """Many runs of one workflow."""

    items: list[StartOne] = Field(min_length=1, max_length=1_000)


class RunStarted(BaseModel):
    """A run that exists now. With `wait`, and if it ended in time, how it ended."""

    run_id: str
    workflow_id: str
    version: str
    status: str
    started_at: str
    duplicate: bool
    ended_at: str | None = None
    output: Any = None
    error: dict[str, Any] | None = None
    reason: str | None = None
    step: str | None = Field(default=None, description="Of a webhook that answers at a node.")
    step_status: str | None = None
    response_error: dict[str, Any] | None = Field(
        default=None, description="Why the webhook's own response could not be made."
    )


class Refused(BaseModel):
    """Why one run of a batch was not started."""

    error: dict[str, Any]


class ManyStarted(BaseModel):
    """One answer per item, in order."""

    items: list[RunStarted | Refused]


Reason = Annotated[str, StringConstraints(max_length=2_000)]
Mode = Literal["graceful", "terminate"]


class SendSignal(Asked):
    """What a run is told. The same `id` is the same signal, however often it is sent."""

    name: str = Field(min_length=1, max_length=200, description="What the waiting step calls it.")
    payload: Any = Field(default=None, description="What the step's output shows.")
    id: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")] | None = Field(
        default=None, description="Without it the Idempotency-Key counts, if there is one."
    )
    step: str = Field(
        default="",
        max_length=1_000,
        description="The step that must wait for it; without one it is kept for whoever asks.",
    )


class CancelRun(Asked):
    """Why the run is to end, and how: after undoing what can be undone, or at once."""

    reason: Reason = ""
    mode: Mode = "graceful"


class PauseRun(Asked):
    """Why the run is to stand still."""

    reason: Reason = ""


class ResumeRun(Asked):
    """Nothing needs to be said."""


class DecideStep(Asked):
    """What becomes of a failed step that waits for a person."""

    decision: Literal["retry", "skip", "fail"]
    output: Any = Field(default=None, description="For `skip`: what the step's output shows.")
    reason: Reason = ""


class MoveDeadline(Asked):
    """When a waiting step is to wait no longer."""

    due_at: str = Field(description="RFC 3339; a time in the past ends the wait now.")


class Recorded(BaseModel):
    """The wish is in the run's log; what comes of it shows in the run."""

    run_id: str
    recorded: bool
    request_id: str


class SignalRecorded(BaseModel):
    """The signal is in the run's log; it waits there until a step asks for it."""

    run_id: str
    recorded: bool
    signal_id: str


class RetryRun(Asked):
    """How a failed run is tried again; with `dry_run` only what would be done is told."""

    version: str = Field(default="original", description="original, current, or a version's id.")
    dry_run: bool = False


class ForkRun(RetryRun):
    """From where a new run goes on."""

    step: str = Field(
        max_length=1_000, description="Path of a step of the run, such as each[6]/notify."
    )
    input: Any = Field(default=None, description="Another input for the new run.")


class Repeated(BaseModel):
    """A step with an effect outside that ran before and will run again."""

    step: str
    node_type: str


class Came(BaseModel):
    """Where a run goes on from."""

    run_id: str
    step: str


class Forked(BaseModel):
    """The new run, and what it will do once more. `run_id` is null in a dry run."""

    run_id: str | None
    workflow_id: str
    version: str
    status: str
    started_at: str | None
    duplicate: bool
    origin: Came
    carried: int = Field(description="How many steps are taken over and not executed again.")
    repeats: list[Repeated]


class Many(Asked):
    """Everything that the filters of the list take; with `dry_run` only tell what."""

    dry_run: bool = False
    limit: int = Field(default=100, ge=1, le=1_000)


class PauseMany(Many, PauseRun):
    """Why they are to stand still."""


class ResumeMany(Many):
    """Nothing more needs to be said."""


class CancelMany(Many, CancelRun):
    """Why they are to end, and how."""


class RetryMany(Many):
    """With which version."""

    version: str = Field(default="original", description="original, current, or a version's id.")


class Steered(BaseModel):
    """What became of one run: recorded, a new run, or the reason why not."""

    run_id: str
    new_run_id: str | None = None
    error: dict[str, Any] | None = None


class ManySteered(BaseModel):
    """One answer per run. `more`: there are others that the filters take."""

    dry_run: bool
    matched: int
    done: int
    refused: int
    more: bool
    items: list[Steered]


class Delivered(BaseModel):
    """What became of a delivery: a run, or the reason there is none."""

    run_id: str | None = None
    status: str | None = None
    duplicate: bool | None = None
    dropped: str | None = None
    ended_at: str | None = None
    output: Any = None
    error: dict[str, Any] | None = None
    reason: str | None = None
