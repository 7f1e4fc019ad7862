"""The settings of a retention process of the distributed shape: it knows the ledger, and no database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from services.runtime.environment import Environment, Setting, names_of, required_of
from services.runtime.otlp import KNOWN as OTLP
from services.runtime.service_settings import INTERNAL, LEDGER_URL, InternalSettings, read_internal

SETTINGS: Final = (*INTERNAL, Setting(LEDGER_URL, is_required=True))
KNOWN: Final = names_of(SETTINGS) | OTLP
REQUIRED: Final = required_of(SETTINGS)


class RetentionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a retention process needs to know."""

    internal: InternalSettings
    ledger_url: str


def read_settings(values: Mapping[str, str]) -> RetentionSettings:
    """Read and check all of it; SettingsInvalid with every fault."""
    environment = Environment(values, SETTINGS)
    internal = read_internal(environment)
    ledger_url = environment.address(LEDGER_URL, mesh_encrypts=internal.mesh_encrypts)
    environment.refuse_faults()
    return RetentionSettings(internal=internal, ledger_url=ledger_url)
