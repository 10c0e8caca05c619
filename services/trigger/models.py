"""What the trigger's routes read and answer."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

LabelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")]
LabelText = Annotated[str, StringConstraints(max_length=256)]


class Asked(BaseModel):
    """Base of requests: a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StartRun(Asked):
    """What a run is started with; everything may be left out."""

    input: Any = Field(default_factory=dict, description="The run's input, any JSON value.")
    version: str | None = Field(default=None, description="A version; the current one without.")
    trigger: str | None = Field(
        default=None, description="The trigger node to fire, where there are several."
    )
    labels: dict[LabelName, LabelText] = Field(default_factory=dict, max_length=32)


class StartOne(StartRun):
    """A run of a batch, with a key of its own."""

    idempotency_key: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")] | None = None


class StartMany(Asked):
    """Many runs of one workflow."""

    items: list[StartOne] = Field(min_length=1, max_length=500)


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


class Refused(BaseModel):
    """Why one run of a batch was not started."""

    error: dict[str, Any]


class ManyStarted(BaseModel):
    """One answer per item, in order."""

    items: list[RunStarted | Refused]


class CancelRun(Asked):
    """Why the run is to end."""

    reason: Annotated[str, StringConstraints(max_length=2_000)] = ""


class Recorded(BaseModel):
    """The wish is in the run's log; what comes of it shows in the run."""

    run_id: str
    recorded: bool
    request_id: str


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
