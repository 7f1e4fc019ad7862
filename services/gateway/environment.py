"""The settings of a gateway process of the distributed shape: it knows two services, and no database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from services.gateway.auth.keys import FILE_NAME
from services.runtime.environment import Environment, Setting, names_of, required_of
from services.runtime.internal_http import PlainHttpRefused, check_listening
from services.runtime.otlp import KNOWN as OTLP
from services.runtime.service_settings import INTERNAL, LEDGER_URL, PORT_MAX, InternalSettings, read_internal

HOST: Final = "GROOTBOEK_HOST"
PORT: Final = "GROOTBOEK_PORT"
NOTIFIER_URL: Final = "GROOTBOEK_NOTIFIER_URL"
ISSUER: Final = "GROOTBOEK_ISSUER"
PORT_DEFAULT: Final = 8000

SETTINGS: Final = (
    *INTERNAL,
    Setting(HOST),
    Setting(PORT),
    Setting(LEDGER_URL, is_required=True),
    Setting(NOTIFIER_URL, is_required=True),
    Setting(ISSUER, is_required=True),
)
KNOWN: Final = names_of(SETTINGS) | OTLP
REQUIRED: Final = required_of(SETTINGS)


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a gateway process needs to know; ``host`` and ``port`` are where everybody else comes in."""

    internal: InternalSettings
    host: str
    port: int
    ledger_url: str
    notifier_url: str
    issuer_folder: Path


def read_settings(values: Mapping[str, str]) -> GatewaySettings:
    """Read and check all of it; SettingsInvalid with every fault."""
    environment = Environment(values, SETTINGS)
    internal = read_internal(environment)
    settings = GatewaySettings(
        internal=internal,
        host=environment.text(HOST, "127.0.0.1"),
        port=environment.number(PORT, PORT_DEFAULT, 0, PORT_MAX),
        ledger_url=environment.address(LEDGER_URL, mesh_encrypts=internal.mesh_encrypts),
        notifier_url=environment.address(NOTIFIER_URL, mesh_encrypts=internal.mesh_encrypts),
        issuer_folder=environment.folder(ISSUER),
    )
    if not (settings.issuer_folder / FILE_NAME).is_file():
        # Made here they would be the keys of nobody: every token would be refused, or somebody's own accepted.
        remedy = f"Name the folder with the {FILE_NAME} of who issues tokens."
        environment.note(ISSUER, "no-keys", "There are no keys of an issuer in this folder.", remedy)
    try:
        check_listening(settings.host, has_tls=internal.tls is not None, mesh_encrypts=internal.mesh_encrypts)
    except PlainHttpRefused as error:
        environment.note_error(HOST, error)
    environment.refuse_faults()
    return settings
