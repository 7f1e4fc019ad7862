"""A real SMTP server for tests: it can greylist, refuse single receivers, be slow, ask for TLS and a password."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.notifier import LoopThread


class MailServer:
    """Keeps what it accepted, and answers each receiver as it was told."""

    def __init__(self) -> None:
        """Accept everything."""
        self.mails: list[tuple[tuple[str, ...], EmailMessage]] = []
        self.receiver_answers: dict[str, list[str]] = {}
        self.data_answers: list[str] = []
        self.stuck = False
        self.logins: list[tuple[bytes, bytes]] = []
        self.port = 0

    @property
    def ids(self) -> list[str]:
        """The Message-ID of each mail that was accepted."""
        return [str(mail["Message-ID"]) for _, mail in self.mails]

    async def handle_RCPT(  # noqa: N802 - named by aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer for one receiver."""
        if self.stuck:
            await asyncio.sleep(3600)
        answers = self.receiver_answers.get(address, [])
        answer = answers.pop(0) if answers else "250 OK"
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - same
        """Take the mail, or refuse it as told."""
        answer = self.data_answers.pop(0) if self.data_answers else "250 OK"
        if answer.startswith("2"):
            assert isinstance(envelope.content, bytes)
            mail = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append((tuple(envelope.rcpt_tos), mail))
        return answer

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        """Take only the password 'geheim'."""
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"geheim", handled=False)


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None, *, at_once: bool = False, **options: Any) -> Iterator[MailServer]:
    """Run a server on this machine; with ``tls`` it offers STARTTLS, or speaks it ``at_once``."""
    handler = MailServer()
    if tls is not None and not at_once:
        options["tls_context"] = tls
    thread = LoopThread()

    def speak() -> SMTP:
        return SMTP(handler, hostname="127.0.0.1", authenticator=handler.authenticate, loop=thread.loop, **options)

    async def listen() -> asyncio.Server:
        return await thread.loop.create_server(speak, "127.0.0.1", 0, ssl=tls if at_once else None)

    async def hang_up() -> None:
        server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server: asyncio.Server = thread.run(listen())
    try:
        handler.port = server.sockets[0].getsockname()[1]
        yield handler
    finally:
        thread.run(hang_up())
        thread.close()


class Certificate:
    """A certificate for 127.0.0.1 and partner.example that signs itself, in files."""

    def __init__(self, folder: Path) -> None:
        """Make key and certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
        names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("partner.example")]
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.file = folder / "certificate.pem"
        self.key_file = folder / "key.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self.key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    def of_server(self) -> ssl.SSLContext:
        """What the server shows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key_file)
        return context

    def of_client(self) -> ssl.SSLContext:
        """What a client needs to believe it."""
        return ssl.create_default_context(cafile=str(self.file))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for the servers of the tests."""
    return Certificate(tmp_path_factory.mktemp("certificate"))
