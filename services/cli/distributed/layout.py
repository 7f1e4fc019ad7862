"""Where the four processes keep their things and listen, and what each is told: nothing that it does not need."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from services.cli.prepare_database import LEDGER_ROLE, NOTIFIER_ROLE, Passwords
from services.ledger.storage import erasure_register_file
from services.ledger.storage.open_ledger import ClockKind
from services.runtime import kafka_environment, otlp
from services.runtime.environment import names_of
from services.runtime.ids import SystemIds
from services.runtime.service_tokens import make_service_keys, private_key_file, public_key_folder

HOST: Final = "127.0.0.1"
SERVICES: Final = ("ledger", "retention", "notifier", "gateway")
PASSWORD_BYTES: Final = 32
OURS: Final = "GROOTBOEK_"
# The password of the owner, who makes schema and roles, is for none of the processes.
OWNERS: Final = frozenset({"PGPASSWORD", "PGPASSFILE"})
# What whoever starts us may say about Kafka and telemetry is handed on to those whom it concerns.
HANDED_ON: Final[Mapping[str, frozenset[str]]] = {
    "ledger": names_of(kafka_environment.KAFKA) | otlp.KNOWN,
    "notifier": names_of(kafka_environment.KAFKA) | otlp.KNOWN,
    "retention": otlp.KNOWN,
    "gateway": otlp.KNOWN,
}


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """One ledger of four processes; ``internal`` is the port on which each is spoken to by the others."""

    home: Path
    issuer: Path
    owner: str
    lanes: int
    clock: ClockKind
    port: int
    kafka: Mapping[str, str]
    internal: Mapping[str, int]

    @property
    def vault_file(self) -> Path:
        """The vault, where that of the embedded shape lies too."""
        return self.home / "vault" / "vault"

    @property
    def base_url(self) -> str:
        """Where the public API answers."""
        return f"http://{HOST}:{self.port}"

    def url(self, service: str) -> str:
        """Where a service answers the others."""
        return f"http://{HOST}:{self.internal[service]}"

    def passwords(self) -> Passwords:
        """What the roles log in with, made at the first start."""
        return Passwords(ledger=self._password(LEDGER_ROLE), notifier=self._password(NOTIFIER_ROLE))

    def make(self) -> None:
        """Make the folders and the keys by which the services know each other; what is there stays."""
        for folder in (self.home, self.home / "vault", self._keys, self._secrets):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        make_service_keys(self._keys, SERVICES)

    def environment(self, service: str, given: Mapping[str, str]) -> dict[str, str]:
        """The environment of a process: that of ours, without any setting that is not meant for it."""
        kept = {name: value for name, value in given.items() if not name.startswith(OURS) and name not in OWNERS}
        handed = {name: given[name] for name in HANDED_ON[service] if name in given}
        return {**kept, **handed, **self._common(service), **self._own(service)}

    def _common(self, service: str) -> dict[str, str]:
        return {
            "GROOTBOEK_INTERNAL_HOST": HOST,
            "GROOTBOEK_INTERNAL_PORT": str(self.internal[service]),
            "GROOTBOEK_SERVICE_KEY": str(private_key_file(self._keys, service)),
            "GROOTBOEK_SERVICE_KEYS": str(public_key_folder(self._keys)),
        }

    def _own(self, service: str) -> dict[str, str]:
        ledger, notifier = (
            {"GROOTBOEK_LEDGER_URL": self.url("ledger")},
            {"GROOTBOEK_NOTIFIER_URL": self.url("notifier")},
        )
        own: Mapping[str, dict[str, str]] = {
            "ledger": {
                **self._database(LEDGER_ROLE),
                **self.kafka,
                "GROOTBOEK_LANES": str(self.lanes),
                "GROOTBOEK_CLOCK": self.clock,
                "GROOTBOEK_VAULT": str(self.vault_file),
                "GROOTBOEK_ERASURE_REGISTER": str(self.home / erasure_register_file.FOLDER),
                "GROOTBOEK_RETENTION_URL": self.url("retention"),
                **notifier,
            },
            "retention": ledger,
            "notifier": {
                **self._database(NOTIFIER_ROLE),
                **self.kafka,
                **ledger,
                "GROOTBOEK_NOTIFIER_FOLDER": str(self.home / "notifier"),
            },
            "gateway": {
                **ledger,
                **notifier,
                "GROOTBOEK_HOST": HOST,
                "GROOTBOEK_PORT": str(self.port),
                "GROOTBOEK_ISSUER": str(self.issuer),
            },
        }
        return own[service]

    def _database(self, role: str) -> dict[str, str]:
        """How a role reaches the database; its password stays in a file."""
        parts = {**conninfo_to_dict(self.owner), "user": role}
        return {
            "GROOTBOEK_POSTGRES": make_conninfo(**{name: str(parts[name]) for name in parts if name != "password"}),
            "GROOTBOEK_POSTGRES_PASSWORD_FILE": str(self._secrets / role),
        }

    def _password(self, role: str) -> str:
        path = self._secrets / role
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(SystemIds().random_bytes(PASSWORD_BYTES).hex())
        return path.read_text(encoding="ascii")

    @property
    def _keys(self) -> Path:
        return self.home / "service-keys"

    @property
    def _secrets(self) -> Path:
        return self.home / "secrets"


def free_ports(count: int) -> list[int]:
    """So many ports that nobody listens on now."""
    probes = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports
