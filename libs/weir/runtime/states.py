"""The state of one run, read whole from log and archive: as its owner has it, or at a place in it.

What is read is folded in pieces, so that a run of many steps holds up nobody
else on the loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from weir.contract import codec
from weir.contract.errors import VersionNotFoundError
from weir.contract.subjects import FOLDED, RunKey, parse_run
from weir.core.runlog import RunLog, Watch
from weir.ports.log import Log, Stored
from weir.runtime.archive import Archive, read_parts
from weir.runtime.graphs import Graphs
from weir.runtime.replay import replay_in_turns


class States:
    """Reads runs."""

    def __init__(self, log: Log, archive: Archive, graphs: Graphs) -> None:
        self._log = log
        self._archive = archive
        self._graphs = graphs

    async def read(self, key: RunKey, watch: Watch | None = None) -> RunLog:
        """The run as far as it is stored; without a state if neither log nor archive knows it.

        `watch` sees every change on the way. ArchiveDamagedError.
        """
        run, known = RunLog(self._graphs.of, watch), False
        async for part in read_parts(self._log, self._archive, key):
            known = known or await self._know(part)
            await replay_in_turns(part, run)
        return run

    async def _know(self, part: Sequence[Stored]) -> bool:
        """Load the version the run was started with; a state can be read without it."""
        for message in part:
            if parse_run(message.subject)[1] not in FOLDED:
                continue
            envelope = codec.decode(message.data)
            if envelope.version:
                with suppress(VersionNotFoundError):
                    await self._graphs.get(envelope.tenant, envelope.version)
                return True
        return False
