"""Mail: what is sent, how it travels, and what becomes of it where nobody takes it."""

from __future__ import annotations

import asyncio
import email
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from services.identity import mail as posting
from tests.unit.identity.people_house import PASSWORD, PeopleHouse
from weir.adapters.mail.composing import composed, sender_of
from weir.adapters.mail.outbox import FileOutbox
from weir.adapters.mail.smtp import SmtpMailer
from weir.adapters.system import SystemClock
from weir.contract.errors import SettingsInvalidError
from weir.contract.identity_errors import MailFailedError
from weir.ports.mail import Mail

FROM = "Weir <weir@acme.example>"
MAIL = Mail("ann@acme.example", "Set a new password", "Grüße.\n\n    https://weir/x#token\n")


class Taker:
    """What a mail server does with mails: it keeps them, or refuses them."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail."""
        assert isinstance(envelope.content, bytes)
        read = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(read, EmailMessage)
        self.mails.append(read)
        self.envelopes.append(envelope)
        return self.answer


Serve = Callable[..., Any]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts mail servers on free ports: (taker, options) to port."""
    servers: list[asyncio.Server] = []

    async def start(taker: Taker, **options: Any) -> int:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(taker, loop=loop, hostname="localhost", **options), "127.0.0.1", 0
        )
        servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


async def test_a_mail_arrives_as_it_was_written(serve: Serve) -> None:
    """Sender, receiver, subject and text, in plain words that any reader shows."""
    taker = Taker()
    port = await serve(taker)
    await SmtpMailer(f"smtp://127.0.0.1:{port}", FROM).send(MAIL)
    (got,) = taker.mails
    assert (got["From"], got["To"], got["Subject"]) == (FROM, MAIL.to, MAIL.subject)
    assert got.get_content_type() == "text/plain"
    assert got.get_content().replace("\r\n", "\n") == MAIL.text
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Message-ID"].endswith("@acme.example>")
    assert taker.envelopes[0].mail_from == "weir@acme.example"
    assert taker.envelopes[0].rcpt_tos == ["ann@acme.example"]


async def test_addresses_of_all_letters_are_written_to(serve: Serve) -> None:
    """Where the server takes such."""
    taker = Taker()
    port = await serve(taker, enable_SMTPUTF8=True)
    await SmtpMailer(f"smtp://127.0.0.1:{port}", FROM).send(MAIL._replace(to="müller@acme.example"))
    assert taker.envelopes[0].rcpt_tos == ["müller@acme.example"]


async def test_a_password_is_not_sent_in_the_clear(serve: Serve) -> None:
    """A server that offers no encryption, or lost its offer on the way, is told nothing."""
    heard: list[str] = []

    def authenticate(*told: Any) -> AuthResult:
        heard.append(str(told))
        return AuthResult(success=True)

    taker = Taker()
    port = await serve(taker, authenticator=authenticate, auth_require_tls=False)
    mailer = SmtpMailer(f"smtp://weir:geheim@127.0.0.1:{port}", FROM)
    with pytest.raises(MailFailedError) as failed:
        await mailer.send(MAIL)
    assert (heard, taker.mails) == ([], [])
    assert "geheim" not in failed.value.message


@pytest.mark.parametrize("answer", ["550 no", "450 later", "554 5.7.1 spam"])
async def test_a_refusal_is_told(serve: Serve, answer: str) -> None:
    """By the server's name, and without what was in the mail."""
    taker = Taker()
    taker.answer = answer
    port = await serve(taker)
    with pytest.raises(MailFailedError) as failed:
        await SmtpMailer(f"smtp://127.0.0.1:{port}", FROM).send(MAIL)
    assert f"127.0.0.1:{port}" in failed.value.message
    assert "token" not in failed.value.message


async def test_a_server_that_is_not_there_is_told() -> None:
    """And nothing hangs."""
    with pytest.raises(MailFailedError):
        await SmtpMailer("smtp://127.0.0.1:1", FROM).send(MAIL)


@pytest.mark.parametrize("url", ["mail.example", "http://x", "smtp://", "smtp://x:99999999"])
def test_an_address_of_no_server_is_refused_at_the_start(url: str) -> None:
    """By the setting's name."""
    with pytest.raises(SettingsInvalidError, match="smtp_url"):
        SmtpMailer(url, FROM)


@pytest.mark.parametrize("sender", ["", "Weir", "Weir <>", "weir@"])
def test_a_sender_that_is_none_is_refused_at_the_start(sender: str) -> None:
    """By the setting's name."""
    with pytest.raises(SettingsInvalidError, match="mail_from"):
        sender_of(sender)


@pytest.mark.parametrize(
    "mail",
    [
        MAIL._replace(subject="x\r\nBcc: eve@evil.example"),
        MAIL._replace(to="ann@acme.example\r\nBcc: eve@evil.example"),
        MAIL._replace(to="ann@acme.example, eve@evil.example"),
    ],
)
def test_nobody_writes_headers_of_their_own(mail: Mail) -> None:
    """What would break a header is no mail, or harms nobody."""
    try:
        made = composed(mail, sender_of(FROM))
    except ValueError:
        return
    read = email.message_from_bytes(made.as_bytes(), policy=default)
    assert read["Bcc"] is None
    assert len(read["To"].addresses) == 1


async def test_without_a_server_mails_become_files(tmp_path: Path) -> None:
    """Each one a file that only its owner reads."""
    outbox = FileOutbox(tmp_path / "outbox", SystemClock())
    await outbox.send(MAIL)
    await outbox.send(MAIL)
    files = list((tmp_path / "outbox").iterdir())
    assert len(files) == 2
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (tmp_path / "outbox").stat().st_mode & 0o777 == 0o700
    read = email.message_from_bytes(files[0].read_bytes(), policy=default)
    assert isinstance(read, EmailMessage)
    assert "https://weir/x#token" in read.get_content()


async def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """As a mail that was not taken."""
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(MailFailedError):
        await FileOutbox(tmp_path / "outbox", SystemClock()).send(MAIL)


class Flaky:
    """A mailer that fails at first."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.asked = 0
        self.sent: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        """Take it, or not yet."""
        self.asked += 1
        if self.asked <= self.failures:
            raise MailFailedError("not now")
        self.sent.append(mail)


@pytest.mark.parametrize("failures", [2, 9])
async def test_a_mail_that_is_not_taken_is_tried_again(
    people: PeopleHouse, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    """A few times, after the answer, and then given up: the service goes on."""
    flaky, arrives = Flaky(failures), failures < 4
    post = people.service._accounts._post
    monkeypatch.setattr(posting, "_PAUSES_S", (0.0, 0.0, 0.0))
    monkeypatch.setattr(post, "_mailer", flaky)
    await people.person("ann")
    assert (await people.post("password/forgot", email="ann@acme.example")).status == 202
    async with asyncio.timeout(10):
        while post._waiting:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert bool(flaky.sent) is arrives
    assert flaky.asked == (failures + 1 if arrives else 4)
    assert (await people.login("ann", PASSWORD)).status == 200


async def test_waiting_mails_are_bounded(
    people: PeopleHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for more gets the same answer, and no task more is begun."""
    monkeypatch.setattr(people.service._accounts._post, "_waiting", posting.WAITING)
    assert (await people.post("password/forgot", email="ann@acme.example")).status == 202
    assert people.service._accounts._post._waiting == posting.WAITING


async def test_links_never_begin_with_what_a_request_claims(people: PeopleHouse) -> None:
    """A forged Host does not send the token somewhere else."""
    await people.person("ann")
    await people.ask(
        "POST",
        "/api/v1/auth/password/forgot",
        key=None,
        json={"email": "ann@acme.example"},
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )
    await people.mailed()
    assert "evil.example" not in people.mails[-1].text
