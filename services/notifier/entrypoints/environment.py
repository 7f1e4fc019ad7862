"""The settings of a notifier process of the distributed shape."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from services.runtime.database_settings import DATABASE, read_database
from services.runtime.environment import Environment, Setting, names_of, required_of
from services.runtime.kafka import KafkaSettings
from services.runtime.kafka_environment import KAFKA, read_kafka
from services.runtime.otlp import KNOWN as OTLP
from services.runtime.service_settings import INTERNAL, LEDGER_URL, InternalSettings, read_internal

FOLDER: Final = "GROOTBOEK_NOTIFIER_FOLDER"
SETTINGS_FOLDER: Final = "GROOTBOEK_NOTIFIER_SETTINGS"

SETTINGS: Final = (
    *INTERNAL,
    *DATABASE,
    *KAFKA,
    Setting(LEDGER_URL, is_required=True),
    Setting(FOLDER, is_required=True),
    Setting(SETTINGS_FOLDER),
)
KNOWN: Final = names_of(SETTINGS) | OTLP
REQUIRED: Final = required_of(SETTINGS)


class ProcessSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a notifier process needs to know, besides its channels and routes, which stand in ``settings_folder``."""

    internal: InternalSettings
    conninfo: str
    kafka: KafkaSettings
    ledger_url: str
    folder: Path
    settings_folder: Path

    def __repr__(self) -> str:
        """Show nothing: the conninfo holds a password."""
        return "ProcessSettings(...)"


def read_process_settings(values: Mapping[str, str]) -> ProcessSettings:
    """Read and check all of it; SettingsInvalid with every fault."""
    environment = Environment(values, SETTINGS)
    internal = read_internal(environment)
    folder = environment.folder(FOLDER)
    settings = ProcessSettings(
        internal=internal,
        conninfo=read_database(environment),
        kafka=read_kafka(environment),
        ledger_url=environment.address(LEDGER_URL, mesh_encrypts=internal.mesh_encrypts),
        folder=folder,
        settings_folder=environment.folder(SETTINGS_FOLDER) if values.get(SETTINGS_FOLDER) else folder / "settings",
    )
    environment.refuse_faults()
    return settings
