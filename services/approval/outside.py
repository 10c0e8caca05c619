"""Deciding without being signed in: by a link of one's own, and by a button in Slack.

GET shows and changes nothing, so that whoever looks into mails for others does
no harm; POST decides. Who decides is whoever the link was made for, or whose
address Slack names: what that person may is asked as everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import orjson

from services.approval import pages
from services.approval.book import Book, Key
from services.approval.deciding import Choice, Deciding
from services.approval.links import Link, Links
from services.approval.post import Post
from services.approval.roster import Roster
from services.approval.slack import SlackPost, is_slacks, key_in
from weir.contract import ids
from weir.contract.approval_errors import (
    ApprovalNotFoundError,
    NotAssignedError,
    SlackRefusedError,
)
from weir.contract.errors import BadRequestError, SignatureInvalidError, WeirError
from weir.contract.identity_errors import LinkSpentError
from weir.core.approvals.asked import Option
from weir.core.approvals.life import Life
from weir.core.approvals.rules import Who
from weir.runtime.background import Background
from weir.runtime.http.call import Call, Reply

FORM = "application/x-www-form-urlencoded"
FIELDS = 200
BODY = 256 * 1024


class Outside:
    """The handlers."""

    def __init__(  # noqa: PLR0913, PLR0917 - what proves and what decides
        self,
        book: Book,
        roster: Roster,
        deciding: Deciding,
        links: Links,
        post: Post,
        slack: SlackPost,
        background: Background,
    ) -> None:
        self._book = book
        self._roster = roster
        self._deciding = deciding
        self._links = links
        self._post = post
        self._slack = slack
        self._background = background

    # -- links --

    async def look(self, call: Call) -> Reply:
        """GET /approval-links/{token}."""
        try:
            link, life, who = await self._linked(call)
            choice = Choice(link.option, link=link.link_id)
            self._deciding.may_decide(life, who, choice)
            option = _option(life, link)
        except WeirError as error:
            return _page_of(error)
        if life.asked.form is not None and option.form and not pages.is_flat(life.asked.form):
            text = "Its form is filled in in Weir: sign in at "
            return pages.refused(HTTPStatus.OK, "Open it in Weir", text + self._post.page(life))
        name = self._roster.called(who.id)
        return pages.asking(life, option, name, self._post.page(life))

    async def decide(self, call: Call) -> Reply:
        """POST /approval-links/{token}."""
        given = _fields(await call.body())
        try:
            link, life, who = await self._linked(call)
            option = _option(life, link)
            choice = Choice(
                link.option,
                given.get("comment", ""),
                pages.values_of(life.asked.form if option.form else None, given),
                "link",
                link.link_id,
            )
            call.audited(
                tenant=life.tenant,
                actor=who.id,
                resource=life.approval_id,
                changes={"option": {"new": link.option}, "via": {"new": "link"}},
            )
            life = await self._deciding.decide(link.key, who, choice)
        except WeirError as error:
            return _page_of(error)
        return pages.decided(life, link.option, self._roster.called(who.id))

    async def _linked(self, call: Call) -> tuple[Link, Life, Who]:
        """What the link proves; LinkSpentError if it proves nothing any more."""
        link = await self._links.read(call.segment("token"))
        if link is None or link.expires_ms <= self._book.clock.now_ms():
            raise LinkSpentError("The link is too old, or never was one.")
        await call.counted(link.key.tenant, "api")
        who = self._roster.member(link.key.tenant, link.user_id)
        try:
            life = await self._book.read(link.key)
        except ApprovalNotFoundError:
            raise LinkSpentError("What the link was about is gone.") from None
        if who is None:
            raise NotAssignedError("Whom the link was made for is no member any more.")
        return link, life, who

    # -- Slack --

    async def pressed(self, call: Call) -> Reply:
        """POST /approval-slack/{tenant}/{credential}."""
        body = await call.body()
        payload = _payload(body)
        tenant, name = call.segment("tenant"), call.segment("credential")
        action = next((one for one in payload.get("actions") or () if isinstance(one, dict)), {})
        found = key_in(action.get("value"), tenant)
        if not ids.TENANT.fullmatch(tenant) or found is None:
            raise _unsigned()
        key, option = found
        life, fields = await self._signed(call, key, name, body)
        await call.counted(tenant, "api")
        who, called = await self._presser(tenant, fields, payload)
        choice = Choice(option, via="slack")
        try:
            if who is None:
                raise NotAssignedError(
                    f"No member of the tenant has the address that Slack knows of {called}."
                )
            call.audited(
                tenant=tenant,
                actor=who.id,
                resource=key.approval_id,
                changes={"option": {"new": option}, "via": {"new": "slack"}},
            )
            life = await self._deciding.decide(key, who, choice)
            told = _told(life, option, self._roster.called(who.id))
        except WeirError as error:
            told = {"response_type": "ephemeral", "replace_original": False, "text": error.message}
        answer_to = payload.get("response_url")
        if isinstance(answer_to, str):
            self._background.spawn(self._tell(answer_to, told), "answer Slack")
        return Reply({})

    async def _signed(
        self, call: Call, key: Key, name: str, body: bytes
    ) -> tuple[Life, Mapping[str, Any]]:
        """The approval and its credential, if Slack signed this by it."""
        try:
            life = await self._book.read(key)
            slack = life.asked.slack
            if slack is None or slack.credential != name:
                raise _unsigned()
            fields = await self._slack.fields(life, slack)
        except (ApprovalNotFoundError, SlackRefusedError):
            raise _unsigned() from None
        headers = call.request.headers
        now_s = self._book.clock.now_ms() / 1000
        stamp = headers.get("X-Slack-Request-Timestamp", "")
        signature = headers.get("X-Slack-Signature", "")
        secret = fields.get("signing_secret") or ""
        if not secret or not is_slacks(secret, stamp, signature, body, now_s):
            raise _unsigned()
        return life, fields

    async def _presser(
        self, tenant: str, fields: Mapping[str, Any], payload: Mapping[str, Any]
    ) -> tuple[Who | None, str]:
        """Who of us pressed the button, by the address that Slack has of them."""
        user = payload.get("user")
        slack_id = str(user.get("id", ""))[:40] if isinstance(user, dict) else ""
        try:
            told = await self._slack.call(fields, "users.info", {"user": slack_id})
        except SlackRefusedError:
            return None, slack_id
        known = _object(told, "user")
        address = _object(known, "profile").get("email")
        if not isinstance(address, str) or not address or known.get("deleted"):
            return None, slack_id
        user_id = self._roster.find(tenant, address)
        return (self._roster.member(tenant, user_id) if user_id else None), slack_id

    async def _tell(self, url: str, message: Mapping[str, Any]) -> None:
        try:
            await self._slack.post(url, message)
        except SlackRefusedError:
            return  # they see it in Slack: nothing happens there


def _object(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _option(life: Life, link: Link) -> Option:
    option = life.asked.option(link.option)
    if option is None:
        raise LinkSpentError("What the link was about is gone.")
    return option


def _fields(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=FIELDS, keep_blank_values=True))
    except ValueError:
        raise BadRequestError("The form cannot be read.") from None


def _payload(body: bytes) -> dict[str, Any]:
    try:
        payload = orjson.loads(_fields(body).get("payload", ""))
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        raise BadRequestError("It holds no payload in JSON, as Slack sends it.")
    return payload


def _unsigned() -> SignatureInvalidError:
    return SignatureInvalidError(
        "Nothing proves that this comes from Slack: compare the app's signing secret with the "
        "credential, and the address with the one in the how-to."
    )


def _told(life: Life, option: str, name: str) -> dict[str, Any]:
    end = life.end
    if end is None:
        text = f"{name} chose {option}; others have to agree."
        return {"response_type": "in_channel", "replace_original": False, "text": text}
    return {
        "replace_original": True,
        "text": f"{life.asked.title or life.step}: {end.option} by {name}",
    }


def _page_of(error: WeirError) -> Reply:
    title = _TITLES.get(error.code, "That did not work")
    text = error.message
    problems = (error.details or {}).get("errors") or []
    for one in problems:
        if isinstance(one, dict):
            text += f" {one.get('path')}: {one.get('message')}."
    return pages.refused(error.status, title, text)


_TITLES = {
    "APPROVAL_CLOSED": "It is decided already",
    "LINK_SPENT": "The link does not count any more",
    "NOT_ASSIGNED": "You do not decide about this",
    "SELF_APPROVAL": "You do not decide about this",
    "DECISION_INVALID": "Something is missing",
}
