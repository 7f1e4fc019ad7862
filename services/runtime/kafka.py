"""How a process reaches Kafka: settings that are safe or refused, and the options of every producer and consumer.

Kafka's own library is not loaded here: a ledger without Kafka does without it.
"""

from __future__ import annotations

import re
import stat
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind
from services.runtime.hosts import is_loopback

Protocol = Literal["PLAINTEXT", "SSL", "SASL_SSL"]
PREFIX: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


class KafkaSettingsWrong(GrootboekError):
    """The settings for Kafka cannot be right."""

    code = "kafka_settings_wrong"
    kind = Kind.REJECTED
    remedy = "Repair every fault that is named, and start again."

    def __init__(self, faults: list[str]) -> None:
        """Name all faults at once."""
        super().__init__(" ".join(faults))
        self.faults = tuple(faults)


class KafkaUnsafe(GrootboekError):
    """What goes over the network to Kafka could be read or changed on its way."""

    code = "kafka_unsafe"
    kind = Kind.REJECTED
    remedy = (
        "Set GROOTBOEK_KAFKA_PROTOCOL=SSL or SASL_SSL; or GROOTBOEK_KAFKA_PLAINTEXT=true where a mesh encrypts traffic."
    )


class KafkaChecksumSlow(GrootboekError):
    """The package crc32c is missing, without which every record costs more than its encryption."""

    code = "kafka_checksum_slow"
    kind = Kind.INTERNAL
    remedy = "Install kafka-python with its extra crc32c, as requirements/runtime.txt does."


class KafkaSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where Kafka is, how it is spoken to, and how the topics have to be.

    ``source`` names this ledger in every record. Defaults are those of production: three copies, two of which have a
    record before it counts as published.
    """

    servers: tuple[str, ...]
    prefix: str = "grootboek"
    protocol: Protocol = "PLAINTEXT"
    allows_plaintext: bool = False
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    sasl_mechanism: Literal["SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_user: str | None = None
    sasl_password_file: Path | None = None
    replication: int = 3
    min_insync: int = 2
    retention_days: int = limits.TOPIC_RETENTION_DAYS_DEFAULT
    source: str = "urn:nld:systeem:grootboek"

    @property
    def events_topic(self) -> str:
        """The events of all lanes; a partition is a lane."""
        return f"{self.prefix}.events"

    @property
    def register_topic(self) -> str:
        """The positions of the register lane; one partition, which every consumer reads in full."""
        return f"{self.prefix}.register"

    @property
    def dead_letters_topic(self) -> str:
        """Records that a consumer could not read."""
        return f"{self.prefix}.dead-letters"


def split_servers(text: str) -> tuple[str, ...]:
    """The servers of a comma-separated list."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def check_kafka(settings: KafkaSettings) -> None:
    """Raise KafkaSettingsWrong, KafkaUnsafe or KafkaChecksumSlow unless these settings are whole and safe."""
    faults = [*_server_faults(settings), *_file_faults(settings), *_topic_faults(settings)]
    if faults:
        raise KafkaSettingsWrong(faults)
    is_open = settings.protocol == "PLAINTEXT" and not settings.allows_plaintext
    if is_open and not all(is_loopback(host_of(server)) for server in settings.servers):
        raise KafkaUnsafe
    if find_spec("crc32c") is None:
        raise KafkaChecksumSlow


def host_of(server: str) -> str:
    """The host of ``host:port``, of ``host``, and of ``[address]:port``."""
    if server.startswith("["):
        return server[1:].partition("]")[0]
    return server.partition(":")[0]


def _server_faults(settings: KafkaSettings) -> list[str]:
    """What is wrong with the addresses."""
    if not settings.servers:
        return ["No server is named."]
    behind = [server.rpartition("]")[2] if server.startswith("[") else server for server in settings.servers]
    ports = [each.partition(":")[2] for each in behind if ":" in each]
    if all(host_of(server) for server in settings.servers) and all(port.isdigit() for port in ports):
        return []
    return ["A server is a host, or a host, a colon and a port."]


def _file_faults(settings: KafkaSettings) -> list[str]:
    """What is wrong with certificates, keys and passwords."""
    faults = []
    if (settings.certificate_file is None) != (settings.key_file is None):
        faults.append("A certificate and its key go together.")
    if settings.protocol == "SASL_SSL" and (settings.sasl_user is None or settings.sasl_password_file is None):
        faults.append("SASL_SSL needs a user and the file of the password.")
    if settings.protocol == "PLAINTEXT" and (settings.ca_file or settings.certificate_file or settings.sasl_user):
        faults.append("PLAINTEXT uses no certificate and no user: choose SSL or SASL_SSL.")
    named = (settings.ca_file, settings.certificate_file, settings.key_file, settings.sasl_password_file)
    faults += [f"There is no file {file.name}." for file in named if file is not None and not file.is_file()]
    faults += [
        f"{file.name} can be read by others: close it to all but its owner."
        for file in (settings.key_file, settings.sasl_password_file)
        if file is not None and file.is_file() and file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    ]
    return faults


def _topic_faults(settings: KafkaSettings) -> list[str]:
    """What is wrong with how topics should be."""
    faults = []
    if not PREFIX.fullmatch(settings.prefix):
        faults.append("A prefix is lower-case letters, digits, dots and hyphens, at most a hundred.")
    if not 1 <= settings.min_insync <= settings.replication:
        faults.append("Of the copies of a record at least one is in sync, and at most all.")
    if not 1 <= settings.retention_days <= limits.TOPIC_RETENTION_DAYS_MAX - limits.TOPIC_SEGMENT_DAYS:
        days = limits.TOPIC_RETENTION_DAYS_MAX - limits.TOPIC_SEGMENT_DAYS
        faults.append(f"A topic keeps records from 1 to {days} days.")
    if not settings.source.startswith("urn:nld:") or not settings.source.isascii():
        faults.append("A source begins with urn:nld:.")
    return faults


def connection_options(settings: KafkaSettings, name: str) -> dict[str, Any]:
    """The options that every client of Kafka shares."""
    options: dict[str, Any] = {
        "bootstrap_servers": list(settings.servers),
        "client_id": f"grootboek-{name}",
        "security_protocol": settings.protocol,
        "bootstrap_timeout_ms": limits.KAFKA_CONNECT_SECONDS_MAX * 1000,
        "request_timeout_ms": limits.KAFKA_REQUEST_SECONDS_MAX * 1000,
        "reconnect_backoff_max_ms": limits.KAFKA_RECONNECT_SECONDS_MAX * 1000,
        # A cluster that moved to other machines is found again.
        "metadata_max_age_ms": limits.KAFKA_METADATA_SECONDS_MAX * 1000,
    }
    files = {
        "ssl_cafile": settings.ca_file,
        "ssl_certfile": settings.certificate_file,
        "ssl_keyfile": settings.key_file,
    }
    options |= {option: str(file) for option, file in files.items() if file is not None}
    if settings.protocol == "SASL_SSL":
        assert settings.sasl_password_file is not None, "checked before"
        options |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.sasl_user,
            "sasl_plain_password": settings.sasl_password_file.read_text(encoding="utf-8").strip(),
        }
    return options


def producer_options(settings: KafkaSettings, name: str) -> dict[str, Any]:
    """The options of a producer whose records are on the disks of several brokers before they count.

    All records between two flushes are one batch of Kafka, which it stores whole or not at all: it may be as large as
    the topic takes one, and waits for the flush. Idempotence is asked for by name, since the library drops it silently
    otherwise.
    """
    return connection_options(settings, name) | {
        "acks": "all",
        "enable_idempotence": True,
        "max_in_flight_requests_per_connection": limits.KAFKA_REQUESTS_IN_FLIGHT_MAX,
        "batch_size": limits.TOPIC_MESSAGE_BYTES_MAX,
        "max_request_size": limits.TOPIC_MESSAGE_BYTES_MAX,
        "linger_ms": limits.PUBLISH_LINGER_SECONDS * 1000,
        "delivery_timeout_ms": limits.PUBLISH_DELIVERY_SECONDS_MAX * 1000,
        "max_block_ms": limits.KAFKA_CONNECT_SECONDS_MAX * 1000,
        "allow_auto_create_topics": False,
        # Nobody reads them, and they cost a tenth of a record.
        "metrics_enabled": False,
    }


def consumer_options(settings: KafkaSettings, name: str, group: str | None) -> dict[str, Any]:
    """The options of a consumer that says itself what it has done."""
    return connection_options(settings, name) | {
        "group_id": group,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
    }
