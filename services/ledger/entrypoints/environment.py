"""The settings of a ledger process of the distributed shape."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from services.ledger.storage.open_ledger import ClockKind, LanesInvalid, check_lanes
from services.runtime import limits
from services.runtime.database_settings import DATABASE, read_database
from services.runtime.environment import Environment, Setting, names_of, required_of
from services.runtime.kafka import KafkaSettings
from services.runtime.kafka_environment import KAFKA, read_kafka
from services.runtime.otlp import KNOWN as OTLP
from services.runtime.service_settings import INTERNAL, InternalSettings, read_internal

LANES: Final = "GROOTBOEK_LANES"
CLOCK: Final = "GROOTBOEK_CLOCK"
REPLICAS: Final = "GROOTBOEK_REPLICAS"
VAULT: Final = "GROOTBOEK_VAULT"
ERASURE_REGISTER: Final = "GROOTBOEK_ERASURE_REGISTER"
RETENTION_URL: Final = "GROOTBOEK_RETENTION_URL"
NOTIFIER_URL: Final = "GROOTBOEK_NOTIFIER_URL"

SETTINGS: Final = (
    *INTERNAL,
    *DATABASE,
    *KAFKA,
    Setting(LANES, is_required=True),
    Setting(CLOCK),
    Setting(REPLICAS),
    Setting(VAULT, is_required=True),
    Setting(ERASURE_REGISTER, is_required=True),
    Setting(RETENTION_URL),
    Setting(NOTIFIER_URL),
)
KNOWN: Final = names_of(SETTINGS) | OTLP
REQUIRED: Final = required_of(SETTINGS)


class LedgerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a ledger process needs to know; ``followers`` are the services that go along with a scenario clock."""

    internal: InternalSettings
    conninfo: str
    kafka: KafkaSettings
    lanes: int
    clock_kind: ClockKind
    vault_file: Path
    register_folder: Path
    followers: Mapping[str, str]

    def __repr__(self) -> str:
        """Show nothing: the conninfo holds a password."""
        return "LedgerSettings(...)"


def read_settings(values: Mapping[str, str]) -> LedgerSettings:
    """Read and check all of it; SettingsInvalid with every fault."""
    environment = Environment(values, SETTINGS)
    internal = read_internal(environment)
    clock_kind: ClockKind = environment.choice(CLOCK, ("system", "scenario"), "system")
    urls = {
        service: environment.address(name, mesh_encrypts=internal.mesh_encrypts)
        for service, name in (("retention", RETENTION_URL), ("notifier", NOTIFIER_URL))
    }
    settings = LedgerSettings(
        internal=internal,
        conninfo=read_database(environment),
        kafka=read_kafka(environment),
        lanes=environment.number(LANES, 1, 1, limits.LANES_MAX),
        clock_kind=clock_kind,
        vault_file=Path(environment.text(VAULT)),
        register_folder=environment.folder(ERASURE_REGISTER),
        followers={service: url for service, url in urls.items() if url and clock_kind == "scenario"},
    )
    check_clock(environment, clock_kind, urls)
    try:
        check_lanes(settings.lanes)
    except LanesInvalid as error:
        environment.note_error(LANES, error)
    environment.refuse_faults()
    return settings


def check_clock(environment: Environment, clock_kind: ClockKind, urls: Mapping[str, str]) -> None:
    """A scenario's clock lives in one process, which has to know who goes along with it."""
    replicas = environment.number(REPLICAS, 1, 1, limits.REPLICAS_MAX)
    if clock_kind == "system":
        return
    if replicas > 1:
        remedy = "Run one replica, or the clock of the real world."
        environment.note(REPLICAS, "scenario-replicated", "A scenario's clock lives in one process.", remedy)
    for name, url in ((RETENTION_URL, urls["retention"]), (NOTIFIER_URL, urls["notifier"])):
        if not url:
            remedy = "Name the service, so that it goes along when the clock is moved."
            environment.note(name, "missing", "On a scenario clock this setting cannot be left out.", remedy)
