"""Settings that every process of the distributed shape has: how it listens, and how it proves to be itself."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from services.runtime.environment import Environment, Setting
from services.runtime.http_server import TlsFiles
from services.runtime.internal_http import PlainHttpRefused, check_listening

HOST: Final = "GROOTBOEK_INTERNAL_HOST"
PORT: Final = "GROOTBOEK_INTERNAL_PORT"
CERTIFICATE: Final = "GROOTBOEK_TLS_CERTIFICATE"
KEY: Final = "GROOTBOEK_TLS_KEY"
CA_FILE: Final = "GROOTBOEK_TLS_CA_FILE"
MESH_ENCRYPTS: Final = "GROOTBOEK_MESH_ENCRYPTS"
SERVICE_KEY: Final = "GROOTBOEK_SERVICE_KEY"
SERVICE_KEYS: Final = "GROOTBOEK_SERVICE_KEYS"
LEDGER_URL: Final = "GROOTBOEK_LEDGER_URL"

INTERNAL_PORT_DEFAULT: Final = 8100
PORT_MAX: Final = 65_535
SECURE: Final = "https"

INTERNAL: Final = (
    Setting(HOST),
    Setting(PORT),
    Setting(CERTIFICATE),
    Setting(KEY),
    Setting(CA_FILE),
    Setting(MESH_ENCRYPTS),
    Setting(SERVICE_KEY, is_required=True),
    Setting(SERVICE_KEYS, is_required=True),
)


class InternalSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where we listen for our own services, and how we prove to be ourselves."""

    host: str
    port: int
    tls: TlsFiles | None
    ca_file: Path | None
    mesh_encrypts: bool
    service_key: Path
    service_keys: Path

    def trusted(self, url: str) -> ssl.SSLContext | None:
        """Whose certificates we believe at an address: the authority that was named, or those of the machine.

        None where no certificate is shown.
        """
        return authorities(self.ca_file) if urlsplit(url).scheme == SECURE else None


def read_internal(environment: Environment) -> InternalSettings:
    """Read how this process listens and calls."""
    mesh_encrypts = environment.flag(MESH_ENCRYPTS)
    tls = read_tls(environment)
    settings = InternalSettings(
        host=environment.text(HOST, "127.0.0.1"),
        port=environment.number(PORT, INTERNAL_PORT_DEFAULT, 0, PORT_MAX),
        tls=tls,
        ca_file=environment.file(CA_FILE),
        mesh_encrypts=mesh_encrypts,
        service_key=environment.private_file(SERVICE_KEY) or Path(),
        service_keys=environment.folder(SERVICE_KEYS),
    )
    try:
        authorities(settings.ca_file)
    except OSError:
        environment.note(
            CA_FILE, "no-certificates", "There is no certificate in this file.", "Name a file in PEM format."
        )
    try:
        check_listening(settings.host, has_tls=tls is not None, mesh_encrypts=mesh_encrypts)
    except PlainHttpRefused as error:
        environment.note_error(HOST, error)
    return settings


def authorities(file: Path | None) -> ssl.SSLContext:
    """Believe whoever has a certificate of the authorities in a file; of those of the machine when there is none."""
    return ssl.create_default_context(cafile=None if file is None or not file.is_file() else str(file))


def read_tls(environment: Environment) -> TlsFiles | None:
    """Read the certificate to serve with and its key; both or neither."""
    certificate, key = environment.file(CERTIFICATE), environment.private_file(KEY)
    if certificate is not None and key is not None:
        return TlsFiles(certificate=certificate, key=key)
    if certificate is not None or key is not None:
        missing = CERTIFICATE if certificate is None else KEY
        environment.note(missing, "missing", "A certificate and its key go together.", "Give both, or neither.")
    return None
