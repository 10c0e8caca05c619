"""A mail as it travels (RFC 5322)."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr

from weir.contract.errors import SettingsInvalidError
from weir.ports.mail import Mail


def sender_of(text: str) -> Address:
    """The sender in `Weir <weir@example.com>`; SettingsInvalidError if there is none."""
    name, spec = parseaddr(text)
    try:
        sender = Address(display_name=name, addr_spec=spec)
    except (ValueError, IndexError) as error:
        raise SettingsInvalidError(f"mail_from {text!r} is no address: {error}.") from None
    if not sender.username or not sender.domain:
        raise SettingsInvalidError(f"mail_from {text!r} is no address like weir@example.com.")
    return sender


def composed(mail: Mail, sender: Address) -> EmailMessage:
    """The whole message. ValueError if an address or the subject would break a header."""
    message = EmailMessage(policy=SMTP)
    user, _, domain = mail.to.rpartition("@")
    message["From"] = sender
    message["To"] = Address(username=user, domain=domain)
    message["Subject"] = mail.subject
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=sender.domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message
