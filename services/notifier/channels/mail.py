"""A message as mail: plain text and the same as HTML, with an id that follows from the message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from email.headerregistry import Address, Group
from email.message import EmailMessage
from email.utils import format_datetime

from services.notifier.domain.messages import Message
from services.notifier.domain.texts import Text, plain

Layout = Callable[[Sequence[Text]], str]
"""Makes an HTML page of texts, everything in them escaped."""


def build_mail(message: Message, sender: str, to_html: Layout) -> EmailMessage:
    """Build the mail; each attempt gives the same Message-ID, by which a reader recognises a repetition.

    Addresses of several receivers do not stand in it: they need not know of each other.
    """
    mail = EmailMessage()
    mail["From"] = as_address(sender)
    mail["To"] = as_address(message.addresses[0]) if len(message.addresses) == 1 else Group("undisclosed-recipients")
    mail["Subject"] = message.texts[0].title
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = message_id_of(message, sender)
    # Nobody's out-of-office answers a machine (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = ", ".join(text.language for text in message.texts)
    # Quoted-printable: seven bits and short lines pass through every server.
    mail.set_content(plain(message.texts), cte="quoted-printable")
    mail.add_alternative(to_html(message.texts), subtype="html", cte="quoted-printable")
    return mail


def message_id_of(message: Message, sender: str) -> str:
    """The Message-ID: the id of the message at the domain of the sender."""
    return f"<{message.id}@{sender.rpartition('@')[2]}>"


def as_address(text: str) -> Address:
    """A plain address for a header."""
    return Address(addr_spec=text)
