"""Whether, where to and how much telemetry is exported: off by default, on with `GROOTBOEK_OTLP_ENDPOINT`.

The exporter's own modules are loaded only when it is on; who does not export does not pay for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from services.runtime.errors import GrootboekError, Kind
from services.runtime.hosts import is_loopback
from services.runtime.metrics import Metrics
from services.runtime.telemetry import EVERY_TRACE, OFF, Telemetry

ENDPOINT: Final = "GROOTBOEK_OTLP_ENDPOINT"
PLAINTEXT: Final = "GROOTBOEK_OTLP_PLAINTEXT"
CA_FILE: Final = "GROOTBOEK_OTLP_CA_FILE"
RATIO: Final = "GROOTBOEK_TRACES_RATIO"
KNOWN: Final = frozenset({ENDPOINT, PLAINTEXT, CA_FILE, RATIO})


class OtlpInvalid(GrootboekError):
    """The settings of the export of telemetry are not right."""

    code = "otlp_invalid"
    kind = Kind.REJECTED
    remedy = f"Repair them, or leave {ENDPOINT} out: then nothing is exported."


class OtlpUnsafe(GrootboekError):
    """Telemetry would go over the network in clear text."""

    code = "otlp_unsafe"
    kind = Kind.REJECTED
    remedy = f"Use https in {ENDPOINT}, or set {PLAINTEXT}=true when the network itself encrypts."


class OtlpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where to export, which authority its certificate is of (None: those of the machine), and what share of traces."""

    endpoint: str
    ca_file: str | None = None
    ratio: float = EVERY_TRACE


def read_otlp(environment: Mapping[str, str]) -> OtlpSettings | None:
    """Return the settings, None when nothing is exported; raise OtlpInvalid with every fault, or OtlpUnsafe."""
    endpoint = environment.get(ENDPOINT, "").strip().rstrip("/")
    if not endpoint:
        return None
    ca_file = environment.get(CA_FILE, "").strip() or None
    ratio = _ratio_of(environment.get(RATIO, "").strip())
    faults: list[str] = []
    if not is_address(endpoint):
        faults.append(f"{ENDPOINT} is no http or https address of a host without user, query and fragment.")
    if ca_file is not None and not Path(ca_file).is_file():
        faults.append(f"{CA_FILE} names no file.")
    if ratio is None:
        faults.append(f"{RATIO} is no number from 0 to 1.")
    if faults or ratio is None:
        raise OtlpInvalid(" ".join(faults))
    parts = urlsplit(endpoint)
    is_open = parts.scheme == "http" and not is_loopback(parts.hostname or "")
    if is_open and environment.get(PLAINTEXT, "") != "true":
        raise OtlpUnsafe
    return OtlpSettings(endpoint=endpoint, ca_file=ca_file, ratio=ratio)


def open_telemetry(environment: Mapping[str, str], service: str, metrics: Metrics) -> Telemetry:
    """Return the telemetry of a process: its spans and `metrics` exported as the environment says, or off."""
    settings = read_otlp(environment)
    if settings is None:
        return OFF
    exported: Telemetry = import_module("services.runtime.otlp_export").export(settings, service, metrics)
    return exported


def is_address(endpoint: str) -> bool:
    """Tell whether an endpoint is an address that we can send to, with nothing in it that does not belong there."""
    try:
        parts = urlsplit(endpoint)
        return (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and parts.username is None
            and not parts.query
            and not parts.fragment
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        return False


def _ratio_of(text: str) -> float | None:
    """Return the share of traces; None when it is none."""
    try:
        ratio = float(text or EVERY_TRACE)
    except ValueError:
        return None
    return ratio if 0 <= ratio <= 1 else None
