"""Which dead letters a query takes, as Postgres would say it."""

from __future__ import annotations

import orjson

from weir.ports.letters import Letter, LetterQuery


def wanted(letter: Letter, query: LetterQuery) -> bool:
    """Whether everything holds that is asked for."""
    dead = letter.dead
    code = "" if dead.error is None else orjson.loads(dead.error).get("code")
    place = (dead.last_ms, dead.letter_id)
    return (
        (query.projects is None or dead.project in query.projects)
        and (not query.statuses or letter.status in query.statuses)
        and (not query.reasons or dead.reason in query.reasons)
        and query.workflow_id in {None, dead.workflow_id}
        and query.run_id in {None, dead.run_id}
        and (not query.codes or code in query.codes)
        and (query.from_ms is None or dead.last_ms >= query.from_ms)
        and (query.before_ms is None or dead.last_ms < query.before_ms)
        and (query.after is None or place < query.after)
    )
