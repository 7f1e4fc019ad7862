"""Mail over SMTP: encrypted on the way, no password in clear, refusals of one receiver told apart from bad weather."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from email.message import EmailMessage
from typing import Final
from uuid import UUID

from services.notifier.channels.mail import Layout, build_mail
from services.notifier.domain.messages import Delivery, Message
from services.notifier.domain.settings import SmtpSettings

# RFC 5321: 4xx is for now, 5xx is for good. 552 was "too many recipients" once and is mostly a full mailbox.
_FOR_GOOD: Final = range(500, 600)
_FULL: Final = 552
# The server hangs up, and whoever it had accepted before gets nothing either.
_CLOSING: Final = 421
# Our settings or the server's mood are at fault, not the message: it waits until somebody has looked.
_OURS: Final = (
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPSenderRefused,
)
Replies = Mapping[str, tuple[int, bytes]]


class _PasswordInClear(smtplib.SMTPException):
    """The connection is not encrypted, so the password is not sent."""


class SmtpChannel:
    """Implements the port ``Channel``; one connection for each message, used in the thread that calls."""

    def __init__(self, settings: SmtpSettings, to_html: Layout) -> None:
        """Take the mail server; raises when its file of certificates cannot be read."""
        self._settings = settings
        self._to_html = to_html
        self._tls = ssl.create_default_context()
        if settings.ca_file is not None:
            self._tls.load_verify_locations(settings.ca_file)

    def send(self, message: Message) -> Delivery:
        """Hand the mail to the server for every address that was not settled before."""
        mail = build_mail(message, self._settings.sender, self._to_html)
        try:
            replies = self._hand_over(mail, message.addresses)
        except smtplib.SMTPRecipientsRefused as error:
            return nobody_served(message.addresses, error.recipients)
        except smtplib.SMTPResponseException as error:
            return _whole(message, error)
        except (smtplib.SMTPException, OSError) as error:
            return Delivery(outcome="postponed", reason=_reason(error))
        return sort_replies(message.addresses, replies)

    def _hand_over(self, mail: EmailMessage, addresses: tuple[str, ...]) -> Replies:
        """The refusals of single addresses. What goes wrong in taking leave does not undo what was accepted."""
        server = self._connect()
        try:
            replies = server.send_message(mail, self._settings.sender, addresses)
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()
        return replies

    def forget(self, message_id: UUID) -> None:
        """Nothing is kept here: the mail server has it."""

    def _connect(self) -> smtplib.SMTP:
        """A connection that is as private as the settings ask, logged in where they name a user."""
        settings = self._settings
        if settings.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=settings.seconds, context=self._tls
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=settings.seconds)
        try:
            if settings.security == "starttls":
                # Raises when the server does not offer it, so nobody on the way can talk us out of it.
                server.starttls(context=self._tls)
            self._log_in(server)
        except BaseException:
            server.close()
            raise
        return server

    def _log_in(self, server: smtplib.SMTP) -> None:
        """Give name and password where the settings have them, never over a connection that others can read."""
        settings = self._settings
        if settings.user is None or settings.password is None:
            return
        if settings.security == "none":
            raise _PasswordInClear
        server.login(settings.user, settings.password)


def sort_replies(addresses: tuple[str, ...], refusals: Replies) -> Delivery:
    """What became of each address: accepted, refused for good, or refused for now."""
    refused = tuple(address for address, (code, _) in refusals.items() if _is_for_good(code))
    waiting = tuple(address for address in refusals if address not in refused)
    accepted = tuple(address for address in addresses if address not in refusals)
    if waiting:
        codes = {refusals[address][0] for address in waiting}
        return Delivery(outcome="postponed", reason=f"smtp-{min(codes)}", accepted=accepted, refused=refused)
    if not accepted:
        codes = {code for code, _ in refusals.values()}
        return Delivery(outcome="refused", reason=f"smtp-{min(codes, default=500)}", refused=refused)
    return Delivery(outcome="delivered", accepted=accepted, refused=refused)


def nobody_served(addresses: tuple[str, ...], refusals: Replies) -> Delivery:
    """The mail went to no address: one of which the server said nothing, or good, before it hung up waits."""
    return sort_replies(addresses, dict.fromkeys(addresses, (_CLOSING, b"")) | dict(refusals))


def _whole(message: Message, error: smtplib.SMTPResponseException) -> Delivery:
    """The server refused the mail itself, its sender, or our password."""
    if isinstance(error, _OURS) or not _is_for_good(error.smtp_code):
        return Delivery(outcome="postponed", reason=f"smtp-{error.smtp_code}")
    return Delivery(outcome="refused", reason=f"smtp-{error.smtp_code}", refused=message.addresses)


def _is_for_good(code: int) -> bool:
    return code in _FOR_GOOD and code != _FULL


def _reason(error: Exception) -> str:
    """Why it failed, as the name of the error: its words may quote an address."""
    return type(error).__name__.lstrip("_")
