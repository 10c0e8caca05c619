"""What people do with an approval: decide, comment, hand on, withdraw. One place for every way in.

Whether somebody may is asked of the approval as it stands when their word is
stored, after all that was due by then: a word that comes after the deadline, or
after somebody else's, changes nothing and hears what has been decided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from services.approval.book import Book, Key, Said
from services.approval.minder import Minder
from services.approval.roster import Roster
from weir.contract.approval_errors import (
    ApprovalClosedError,
    DecisionInvalidError,
    NotAssignedError,
    SelfApprovalError,
)
from weir.contract.identity_errors import LinkSpentError
from weir.contract.messages import (
    ApprovalCommented,
    ApprovalDelegated,
    ApprovalReassigned,
    ApprovalVoted,
    ApprovalWithdrawn,
    Message,
)
from weir.core.approvals.life import OPEN, WITHDRAWN, Life
from weir.core.approvals.rules import Who, barred, is_asked, problems


class Choice(NamedTuple):
    """What somebody wants to be decided; `via` is app, link or slack."""

    option: str
    comment: str = ""
    values: Any = None
    via: str = "app"
    link: str = ""


class Deciding:
    """Changes approvals in people's names."""

    def __init__(self, book: Book, minder: Minder, roster: Roster) -> None:
        self._book = book
        self._minder = minder
        self._roster = roster

    async def decide(self, key: Key, who: Who, choice: Choice) -> Life:
        """Count somebody's choice; the same one again changes nothing.

        Raises ApprovalNotFoundError, ApprovalClosedError, NotAssignedError,
        SelfApprovalError, DecisionInvalidError, LinkSpentError.
        """
        await self._minder.settle(key)

        def next_of(life: Life) -> Sequence[Said]:
            self.may_decide(life, who, choice)
            before = life.votes.get(who.id)
            same = before is not None and (
                (before.option, before.comment, before.values)
                == (choice.option, choice.comment, choice.values)
            )
            if same and not choice.link:
                return []
            if found := problems(life.asked, choice.option, choice.comment, choice.values):
                raise DecisionInvalidError(
                    f"The decision does not fit: {found[0]['path']}: {found[0]['message']}.",
                    details={"errors": found},
                )
            voted = ApprovalVoted(
                option=choice.option,
                comment=choice.comment,
                values=choice.values,
                via=choice.via,
                link=choice.link,
            )
            return [Said(who.id, voted)]

        return await self._book.change(key, next_of)

    def may_decide(self, life: Life, who: Who, choice: Choice) -> None:
        """Raises why somebody does not decide here; who repeats what counted is let through."""
        if choice.link and choice.link in life.links:
            raise LinkSpentError("The link was used already, and counts once.")
        mine = life.votes.get(who.id)
        repeated = mine is not None and not choice.link and mine.option == choice.option
        if life.status != OPEN and not (repeated and life.status != WITHDRAWN):
            raise self.closed(life)
        if not is_asked(life, who):
            raise NotAssignedError(
                "You are not among those who decide about this: ask one of them to delegate to "
                "you.",
                details={"assignees": list(life.assignees)},
            )
        if barred(life, who):
            raise SelfApprovalError(
                "You started the run, and do not decide in it: let another assignee decide."
            )

    async def comment(self, key: Key, by: str, text: str) -> Life:
        """Say something; also of what is over."""
        return await self._say(key, by, lambda _: ApprovalCommented(text=text), late=True)

    async def delegate(self, key: Key, who: Who, to: str, comment: str) -> Life:
        """Give one's part to another member. NotAssignedError, SelfApprovalError."""

        def kind(life: Life) -> Message:
            if not is_asked(life, who):
                raise NotAssignedError("You are not asked, so you have nothing to hand on.")
            if to in life.started_by and not life.asked.self_approval:
                raise SelfApprovalError("They started the run, and do not decide in it.")
            return ApprovalDelegated(to=to, comment=comment)

        return await self._say(key, who.id, kind)

    async def reassign(self, key: Key, by: str, assignees: tuple[str, ...], comment: str) -> Life:
        """Ask others from now on."""
        kind = ApprovalReassigned(assignees=assignees, comment=comment)
        return await self._say(key, by, lambda _: kind)

    async def withdraw(self, key: Key, by: str, reason: str) -> Life:
        """Ask no more: the step fails."""
        kind = ApprovalWithdrawn(cause="person", reason=reason)
        return await self._say(key, by, lambda _: kind)

    async def _say(
        self, key: Key, by: str, kind_of: Callable[[Life], Message], *, late: bool = False
    ) -> Life:
        await self._minder.settle(key)

        def next_of(life: Life) -> Sequence[Said]:
            if life.status != OPEN and not late:
                raise self.closed(life)
            return [Said(by, kind_of(life))]

        return await self._book.change(key, next_of)

    def closed(self, life: Life) -> ApprovalClosedError:
        """That it is over: how, by whom and when."""
        end = life.end
        name = self._roster.called(end.by) if end else ""
        told = {
            "status": life.status,
            "option": (end.option or None) if end else None,
            "by": end.by if end else None,
            "by_name": name,
            "at": end.at if end else None,
            "how": end.how if end else None,
        }
        said = f"{end.option} by {name} at {end.at}" if end and end.option else life.status
        return ApprovalClosedError(
            f"It is not open any more: {said}. Nothing was changed.", details=told
        )
