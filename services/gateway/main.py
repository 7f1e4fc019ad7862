"""Puts the door together for both shapes: the development issuer's keys and the ledger's client."""

from __future__ import annotations

from pathlib import Path

from services.gateway.app import Gateway, create_app
from services.gateway.auth.issuer import TokenIssuer
from services.ledger.contract.client import LedgerClient
from services.notifier.contract.desk import LetterDesk
from services.runtime.log import Log
from services.runtime.metrics import Metrics
from services.runtime.telemetry import OFF, Telemetry


def build_gateway(
    *,
    ledger: LedgerClient,
    desk: LetterDesk | None = None,
    issuer_folder: Path,
    metrics: Metrics,
    log: Log,
    telemetry: Telemetry = OFF,
) -> Gateway:
    """Build the application that trusts the development issuer whose keys stand in `issuer_folder`."""
    tokens = TokenIssuer.open(issuer_folder).verifier()
    return create_app(ledger=ledger, desk=desk, tokens=tokens, log=log, metrics=metrics, telemetry=telemetry)
