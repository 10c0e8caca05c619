"""Whether a run is there: in the views, in the log and not yet in the views, gone, or unknown."""

from __future__ import annotations

from weir.contract import codec, subjects
from weir.contract.errors import RunNotFoundError, RunPurgedError
from weir.contract.subjects import RunKey
from weir.ports.log import Log
from weir.ports.views import RunRow, Views
from weir.runtime.archive import Archive
from weir.runtime.http.call import Call
from weir.runtime.projector.progress import Progress


class KnownRuns:
    """Finds the run that a request names."""

    def __init__(
        self, views: Views, runs: Log, archive: Archive, progress: Progress, shards: int
    ) -> None:
        self._views = views
        self._runs = runs
        self._archive = archive
        self._progress = progress
        self._shards = shards

    def key(self, call: Call) -> RunKey:
        """Where the run of the path lies, if it is there; RunNotFoundError if it cannot be."""
        run_id = call.id("run_id", "run", RunNotFoundError, "run")
        return subjects.run_key(call.tenant, run_id, self._shards)

    async def admit(self, call: Call, key: RunKey) -> None:
        """Go on if the caller may read this run, be it there or not.

        RunNotFoundError for one of a project that is closed to them, and then
        for one that is not there too; ForbiddenError.
        """
        if call.reach(call.route.permission) is not None:
            _require(call, key, await self._project(key))

    async def row(self, call: Call, key: RunKey) -> tuple[RunRow, str]:
        """The run and its workflow's name, for a caller who may read it.

        A run whose start is stored and not projected is waited for, so that
        whoever started it can look at once. Raises RunNotFoundError,
        RunPurgedError, ViewsBehindError, ForbiddenError.
        """
        found = await self._views.run(key.tenant, key.run_id)
        if found is None:
            await self.admit(call, key)
            await self._progress.wait(await self.start(key))
            found = await self._views.run(key.tenant, key.run_id)
        if found is None:
            raise unknown(key)
        _require(call, key, found[0].project)
        return found

    async def start(self, key: RunKey) -> int:
        """The sequence of the run's start in the log; RunNotFoundError, RunPurgedError."""
        stored = await self._runs.last(key.fact(subjects.start_fact()))
        if stored is not None:
            events = codec.decode(stored.data).events
            if events and events[0].run_started is not None:
                return stored.seq
            raise _purged(key)
        if await self._archive.find(key.tenant, key.run_id) is not None:
            raise _purged(key)
        raise unknown(key)

    async def _project(self, key: RunKey) -> str:
        """Whose roles count for the run; of one that nobody knows, and a tombstone: nobody's."""
        found = await self._views.run(key.tenant, key.run_id)
        if found is not None:
            return found[0].project
        stored = await self._runs.last(key.fact(subjects.start_fact()))
        events = codec.decode(stored.data).events if stored is not None else ()
        started = events[0].run_started if events else None
        return started.project if started is not None else ""


def _require(call: Call, key: RunKey, project: str) -> None:
    call.require(call.route.permission, project, lambda: unknown(key))


def unknown(key: RunKey) -> RunNotFoundError:
    """What is said of a run that is not there, or not for who asks."""
    return RunNotFoundError(
        f"There is no run {key.run_id}: its start was never stored, or is long gone.",
        details={"run_id": key.run_id},
    )


def _purged(key: RunKey) -> RunPurgedError:
    return RunPurgedError(
        f"The run {key.run_id} ended and was removed; what the archive holds of it is at "
        f"/api/v1/runs/{key.run_id}/events.",
        details={"run_id": key.run_id},
    )
