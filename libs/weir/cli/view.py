"""A run as it is shown: put together from the API, moved along by frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from weir.client import ApiError, Client
from weir.contract import times

STEP_ENDED = frozenset({"succeeded", "failed", "caught", "skipped", "cancelled", "compensated"})
RUN_ENDED = frozenset({"succeeded", "failed", "cancelled"})

_STEP_STATUS = {
    "step:queued": "queued",
    "step:dispatched": "running",
    "step:succeeded": "succeeded",
    "step:retrying": "retrying",
    "step:waiting": "waiting",
    "step:caught": "caught",
    "step:failed": "failed",
    "step:skipped": "skipped",
    "step:entered": "running",
    "step:compensated": "compensated",
}
_RUN_STATUS = {
    "run:started": "running",
    "run:cancelling": "cancelling",
    "run:compensating": "compensating",
    "run:paused": "paused",
    "run:resumed": "running",
    "run:succeeded": "succeeded",
    "run:failed": "failed",
    "run:cancelled": "cancelled",
}


@dataclass(slots=True)
class StepView:
    """One step."""

    path: str
    type: str = ""
    status: str = "pending"
    port: str = ""
    input: Any = None
    output: Any = None
    error: Mapping[str, Any] | None = None
    attempt: int = 0
    began_ms: int | None = None
    ended_ms: int | None = None
    due_ms: int | None = None
    waits: str = ""
    inside: tuple[int, int, int] | None = None  # of a loop: done, all of them, failed
    attempts: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class RunView:
    """One run. `types` are the node types of its version by node id."""

    id: str
    workflow: str = ""
    status: str = "queued"
    trigger: Mapping[str, Any] = field(default_factory=dict)
    input: Any = None
    output: Any = None
    error: Mapping[str, Any] | None = None
    reason: str = ""
    began_ms: int | None = None
    ended_ms: int | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    steps: dict[str, StepView] = field(default_factory=dict)

    def step(self, path: str) -> StepView:
        """The step at this path, made if it is new."""
        found = self.steps.get(path)
        if found is None:
            found = self.steps[path] = StepView(path, self.types.get(path.rpartition("/")[2], ""))
        return found

    @property
    def state(self) -> str:
        """The status; no frame tells when a run goes from running to waiting and back."""
        left = {step.status for step in self.steps.values()} - STEP_ENDED
        if self.status == "running" and left and left <= {"waiting", "retrying"}:
            return "waiting"
        return self.status

    def begin_again(self) -> None:
        """Forget what happened: frames will tell it from the beginning."""
        self.status, self.output, self.error, self.ended_ms = "queued", None, None, None
        self.steps.clear()

    def take(self, other: RunView) -> None:
        """Be as the other one is."""
        for name in self.__slots__:
            setattr(self, name, getattr(other, name))

    def apply(self, frame: Mapping[str, Any]) -> None:
        """Move along by a frame; one that is not known changes nothing."""
        name, data = str(frame["type"]), frame["data"]
        at_ms = times.to_ms(frame["at"])
        path = str(frame.get("step") or "")
        if name == "run:compensating" and path:
            return  # a scope's; the run goes on
        if "[" in path:
            return  # inside a loop, which is shown by its count
        if name in _RUN_STATUS:
            self._run(_RUN_STATUS[name], data, at_ms)
        elif name in _STEP_STATUS:
            self._step(self.step(frame["step"]), _STEP_STATUS[name], data, at_ms)
        elif name == "step:iteration_completed":
            self._iteration(self.step(path), data)
        elif name == "step:attempt_failed":
            self.step(frame["step"]).error = data["error"]
        elif name == "reset":
            self.begin_again()

    def _run(self, status: str, data: Mapping[str, Any], at_ms: int) -> None:
        self.status = status
        if "trigger" in data:
            self.began_ms, self.trigger = at_ms, data["trigger"]
            node = str(data["trigger"]["node"])
            if node:  # no frame tells of it: the start is its end
                step = self.step(node)
                step.status, step.port = "succeeded", "out"
                step.began_ms = step.ended_ms = at_ms
        if status in RUN_ENDED:
            self.ended_ms = at_ms
            self.output, self.error = data.get("output"), data.get("error")
            self.reason = data.get("reason") or ""
            for one in self.steps.values():
                if one.status not in STEP_ENDED:
                    one.status, one.ended_ms = "cancelled", at_ms

    @staticmethod
    def _iteration(step: StepView, data: Mapping[str, Any]) -> None:
        done, total, failed = step.inside or (0, 0, 0)
        step.inside = (done + 1, max(total, done + 1), failed + bool(data.get("error")))

    @staticmethod
    def _step(step: StepView, status: str, data: Mapping[str, Any], at_ms: int) -> None:
        step.status = status
        if step.began_ms is None or (status == "running" and not step.attempt):
            step.began_ms = at_ms
        step.attempt = data.get("attempt", step.attempt)
        step.type = data.get("node_type") or data.get("kind") or step.type
        step.waits = str(data.get("for") or "")
        if data.get("kind") in {"for_each", "while"}:
            step.inside = (0, int(data.get("count") or 0), 0)
        step.port = data.get("port") or step.port
        step.due_ms = times.to_ms(data["until"]) if data.get("until") else None
        step.error = data.get("error", step.error if status != "succeeded" else None)
        if status in STEP_ENDED:
            step.ended_ms, step.output = at_ms, data.get("output")


async def load(client: Client, run_id: str) -> RunView:
    """The run as the views hold it, with the types of its steps and what each was given."""
    told = await client.get(f"/runs/{run_id}")
    view = RunView(
        id=told["id"],
        workflow=told["workflow_name"] or told["workflow_id"],
        status=told["status"],
        trigger=told["trigger"],
        input=told["input"],
        output=told["output"],
        error=told["error"],
        began_ms=times.to_ms(told["started_at"]),
        ended_ms=_ms(told["ended_at"]),
        types=await types(client, told["workflow_id"], told["version"]),
    )
    await _add_steps(client, view, "")
    return view


async def _add_steps(client: Client, view: RunView, under: str) -> None:
    """The steps on one level, and what stands in their containers; of loops only the counts."""
    query: dict[str, str | int] = {"levels": 1} | ({"under": under} if under else {})
    async for step in client.items(f"/runs/{view.id}/steps", query):
        shown = view.steps[step["step"]] = _shown(step, view.types)
        if step["inside"] and shown.inside is None:
            await _add_steps(client, view, shown.path)


async def types(client: Client, workflow: str, version: str) -> dict[str, str]:
    """The node types of a version by node id; none if the workflow was deleted."""
    try:
        told = await client.get(f"/workflows/{workflow}/versions/{version}")
    except ApiError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return {}
    return {node["id"]: node["type"] for node in told["frozen"]["nodes"]}


async def add_inputs(client: Client, view: RunView) -> None:
    """What each task was given, from the run's log: the views do not keep it."""
    async for message in client.items(f"/runs/{view.id}/events"):
        if message["kind"] == "task":
            for event in message["envelope"]["events"]:
                if "task_scheduled" in event and event.get("step") in view.steps:
                    view.steps[event["step"]].input = event["task_scheduled"].get("config")


def _shown(step: Mapping[str, Any], types: Mapping[str, str]) -> StepView:
    path = step["step"]
    return StepView(
        path=path,
        type=step["node_type"] or types.get(path.rpartition("/")[2], ""),
        status=step["status"],
        port=step["port"],
        output=step["output"],
        error=step["error"],
        attempt=step["attempt"],
        began_ms=_ms(step["started_at"] or step["scheduled_at"]),
        ended_ms=_ms(step["ended_at"]),
        due_ms=_ms(step["wake_at"]),
        waits=step["waits"] or "",
        inside=_counts(step),
        attempts=step["attempts"],
    )


def _counts(step: Mapping[str, Any]) -> tuple[int, int, int] | None:
    if step["node_type"] not in {"for_each", "while"} or not step["inside"]:
        return None
    return step["inside"]["done"], step["inside"]["total"], step["inside"]["failed"]


def _ms(text: str | None) -> int | None:
    return None if text is None else times.to_ms(text)
