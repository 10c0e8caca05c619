"""When a schedule is to begin runs: do its fields name times at all?"""

from __future__ import annotations

from weir.contract.codec import canonical
from weir.core.schedules.calendar import CalendarError
from weir.core.schedules.wish import fields
from weir.core.validation.draft import Draft, DraftNode
from weir.core.validation.problems import Findings

MOST_INPUT = 32 * 1024
_ADVICE = "Compare with the page of the node `schedule`."


def check_schedules(draft: Draft, findings: Findings) -> None:
    """Check every schedule of the definition."""
    for node in draft.nodes.values():
        if node.type == "schedule":
            _check(node, findings)


def _check(node: DraftNode, findings: Findings) -> None:
    at = f"{node.pointer}/config"
    try:
        fields(node.config)
    except CalendarError as error:
        place = f"{at}/{error.field}" if error.field else at
        findings.error("CONFIG_INVALID", place, str(error)[:300], _ADVICE, node=node.id)
    written = canonical(node.config.get("input"))
    if b"{{" in written or b"${" in written:
        message, advice = "the input stands as it is written", "Read it in the steps instead."
        findings.error("EXPRESSION_NOT_ALLOWED", f"{at}/input", message, advice, node=node.id)
    if len(written) > MOST_INPUT:
        message, advice = "the input is over 32 kB", "Have the run read it from somewhere."
        findings.error("CONFIG_INVALID", f"{at}/input", message, advice, node=node.id)
