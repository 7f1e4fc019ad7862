"""Mail against a real SMTP server, in good and bad weather."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from services.notifier.channels.smtp import SmtpChannel
from services.notifier.domain.messages import Delivery
from services.notifier.domain.settings import SmtpSettings
from services.notifier.templates.library import TextLibrary
from tests.support.mail_server import Certificate, MailServer, certificate, mail_server
from tests.support.notifier import message

__all__ = ["certificate"]

ONE = "een@politie.example"
TWO = "twee@politie.example"


def send(server: MailServer | int, *addresses: str, **settings: Any) -> Delivery:
    """Send the message to these addresses by this server."""
    port = server if isinstance(server, int) else server.port
    fields: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "sender": "grootboek@x.example",
        "security": "none",
        "seconds": 5,
    }
    channel = SmtpChannel(SmtpSettings(**(fields | settings)), TextLibrary().to_html)
    return channel.send(message(addresses=addresses or (ONE,)))


def test_a_mail_has_what_a_mail_needs() -> None:
    """Plain text and HTML in both languages, a date, an id that follows from the message, no answers by machines."""
    with mail_server() as server:
        assert send(server) == Delivery(outcome="delivered", accepted=(ONE,))
    ((receivers, mail),) = server.mails
    assert receivers == (ONE,)
    assert (mail["From"], mail["To"], mail["Auto-Submitted"]) == ("grootboek@x.example", ONE, "auto-generated")
    assert mail["Subject"] == "Vertel de persoon uiterlijk 4 mei 2026 wat u met de gegevens doet"
    assert mail["Message-ID"] == f"<{message().id}@x.example>"
    assert mail["Date"] == "Mon, 04 May 2026 09:00:00 +0000"
    plain, html = mail.iter_parts()
    assert "Dit bericht is voor college." in plain.get_content()
    assert '<section lang="en">' in html.get_content()


def test_several_receivers_do_not_see_each_other() -> None:
    """One mail to all of them, without their addresses in it."""
    with mail_server() as server:
        assert send(server, ONE, TWO).accepted == (ONE, TWO)
    ((receivers, mail),) = server.mails
    assert receivers == (ONE, TWO)
    assert ONE not in mail.as_string()


def test_a_server_that_is_down_postpones() -> None:
    """Nobody listens: the mail waits."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert send(port) == Delivery(outcome="postponed", reason="ConnectionRefusedError")


def test_a_server_that_is_slow_postpones() -> None:
    """No answer within the time of the settings: the mail waits."""
    with mail_server() as server:
        server.stuck = True
        assert send(server, seconds=0.2) == Delivery(outcome="postponed", reason="SMTPServerDisconnected")


def test_a_server_that_never_greets_postpones() -> None:
    """A connection on which nothing comes is given up too."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert send(silent.getsockname()[1], seconds=0.2).outcome == "postponed"


def test_one_refused_receiver_does_not_cost_the_others_their_mail() -> None:
    """The refusal is for good and for that address; the mail counts as delivered to the others."""
    with mail_server() as server:
        server.receiver_answers[ONE] = ["550 5.1.1 no such user"]
        assert send(server, ONE, TWO) == Delivery(outcome="delivered", accepted=(TWO,), refused=(ONE,))
    assert [receivers for receivers, _ in server.mails] == [(TWO,)]


def test_all_refused_is_a_refusal() -> None:
    """There is nobody left to try."""
    with mail_server() as server:
        server.receiver_answers = {ONE: ["550 no"], TWO: ["553 no"]}
        assert send(server, ONE, TWO) == Delivery(outcome="refused", reason="smtp-550", refused=(ONE, TWO))


def test_greylisting_is_for_now() -> None:
    """A 450 at first, a 250 later: the same mail arrives once."""
    with mail_server() as server:
        server.receiver_answers[ONE] = ["450 4.2.0 greylisted, come back"]
        assert send(server) == Delivery(outcome="postponed", reason="smtp-450")
        assert send(server).outcome == "delivered"
    assert len(server.mails) == 1


def test_greylisting_of_one_of_several() -> None:
    """The one that has it is settled, the other one is tried again."""
    with mail_server() as server:
        server.receiver_answers[TWO] = ["451 later"]
        assert send(server, ONE, TWO) == Delivery(outcome="postponed", reason="smtp-451", accepted=(ONE,))


def test_a_server_that_hangs_up_at_one_receiver_has_served_nobody() -> None:
    """A 421 ends the connection before any mail was given: whoever was accepted by then still waits for his."""
    with mail_server() as server:
        server.receiver_answers[TWO] = ["421 4.3.2 closing"]
        assert send(server, ONE, TWO) == Delivery(outcome="postponed", reason="smtp-421")
        assert server.mails == []
        assert send(server, ONE, TWO).accepted == (ONE, TWO)
    with mail_server() as server:
        server.receiver_answers = {ONE: ["550 no"], TWO: ["421 4.3.2 closing"]}
        assert send(server, ONE, TWO) == Delivery(outcome="postponed", reason="smtp-421", refused=(ONE,))


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("554 5.7.1 spam", "refused"), ("452 4.3.1 disk full", "postponed"), ("552 big", "postponed")],
)
def test_the_mail_itself_is_refused(answer: str, outcome: str) -> None:
    """At the end of the data 5xx is for good and 4xx for now, for all receivers."""
    with mail_server() as server:
        server.data_answers = [answer]
        assert send(server).outcome == outcome
    assert server.mails == []


def test_starttls_and_a_password(certificate: Certificate) -> None:
    """The password goes over TLS, to a server whose certificate is believed."""
    with mail_server(certificate.of_server(), auth_required=True) as server:
        delivery = send(server, security="starttls", user="u", password="geheim", ca_file=str(certificate.file))
    assert delivery.outcome == "delivered"
    assert server.logins == [(b"u", b"geheim")]


def test_tls_from_the_start(certificate: Certificate) -> None:
    """Implicit TLS works too."""
    with mail_server(certificate.of_server(), at_once=True) as server:
        assert send(server, security="tls", ca_file=str(certificate.file)).outcome == "delivered"


def test_a_wrong_password_waits_for_the_operator(certificate: Certificate) -> None:
    """It is our settings that are wrong, not the message."""
    with mail_server(certificate.of_server(), auth_required=True) as server:
        delivery = send(server, security="starttls", user="u", password="x", ca_file=str(certificate.file))
    assert delivery == Delivery(outcome="postponed", reason="smtp-535")


def test_a_server_without_starttls_gets_nothing() -> None:
    """Whoever stands between cannot talk us out of encryption; neither mail nor password leaves."""
    with mail_server(auth_require_tls=False) as server:
        delivery = send(server, security="starttls", user="u", password="geheim")
    assert delivery == Delivery(outcome="postponed", reason="SMTPNotSupportedError")
    assert (server.mails, server.logins) == ([], [])


def test_a_certificate_that_nobody_vouches_for_is_not_believed(certificate: Certificate) -> None:
    """Not with STARTTLS and not from the start."""
    with mail_server(certificate.of_server()) as server:
        assert send(server, security="starttls").reason == "SSLCertVerificationError"
    with mail_server(certificate.of_server(), at_once=True) as server:
        assert send(server, security="tls").reason == "SSLCertVerificationError"


def test_a_password_is_never_sent_in_clear() -> None:
    """Even if settings without TLS and with a user came past their check."""
    with mail_server(auth_require_tls=False) as server:
        assert send(server, user="u", password="geheim") == Delivery(outcome="postponed", reason="PasswordInClear")
    assert (server.mails, server.logins) == ([], [])


def test_a_file_of_certificates_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    """At the start, not when the first message waits."""
    with pytest.raises(FileNotFoundError):
        send(1, ca_file=str(tmp_path / "none.pem"))
