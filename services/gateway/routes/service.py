"""The service itself: the scenario clock, the finding codes, whether it lives and is ready, its metrics."""

from __future__ import annotations

from typing import Final

import msgspec

from services.gateway.calls import ANYONE, Ask, Call, answer_json, scopes
from services.gateway.formats.decoding import BodyDecoder
from services.law.act import Instant
from services.law.catalogue import finding_codes
from services.runtime.http import Answer

METRICS: Final = "text/plain; version=0.0.4; charset=utf-8"


class ClockBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``POST /v1/clock``: where the scenario clock is to stand."""

    now: Instant


CLOCKS: Final = BodyDecoder(ClockBody)


async def set_clock(ask: Ask) -> Answer:
    """Move the scenario clock forward."""
    return answer_json({"now": await ask.ledger.set_clock(CLOCKS.decode(ask.raw).body.now)})


async def list_finding_codes(_: Ask) -> Answer:
    """List every code a verdict may hold."""
    items = [
        {
            "code": code.code,
            "block": code.block,
            "severities": code.severities,
            "norms": code.norms,
            "message": code.message.en,
            "remedy": code.remedy.en,
            "dutch": {"message": code.message.nl, "remedy": code.remedy.nl},
        }
        for code in finding_codes()
    ]
    return answer_json({"items": items, "next": None})


async def tell_health(_: Ask) -> Answer:
    """Tell that the process answers."""
    return answer_json({"status": "ok"})


async def tell_readiness(ask: Ask) -> Answer:
    """Tell whether the ledger can append and read; 503 when it cannot."""
    return answer_json(await ask.ledger.ready())


async def tell_metrics(ask: Ask) -> Answer:
    """Return the metrics in Prometheus' text format."""
    return Answer(200, ask.services.metrics.exposition().encode(), METRICS)


CALLS: Final = (
    Call(
        method="POST",
        path="/v1/clock",
        name="setClock",
        summary="Move the clock of a scenario ledger forward; refused on a ledger of the real world.",
        tag="operations",
        handle=set_clock,
        scopes=scopes("governance"),
        body=ClockBody,
        refuses=(409,),
    ),
    Call(
        method="GET",
        path="/v1/finding-codes",
        name="listFindingCodes",
        summary="Every finding code with its building block, norms, message and remedy.",
        tag="governance",
        handle=list_finding_codes,
        scopes=ANYONE,
    ),
    Call(
        method="GET",
        path="/healthz",
        name="tellHealth",
        summary="Whether the process answers.",
        tag="operations",
        handle=tell_health,
        scopes=None,
    ),
    Call(
        method="GET",
        path="/readyz",
        name="tellReadiness",
        summary="Whether the ledger can append and read, and how far its projections are behind.",
        tag="operations",
        handle=tell_readiness,
        scopes=None,
    ),
    Call(
        method="GET",
        path="/metrics",
        name="tellMetrics",
        summary="Metrics in Prometheus' text format; no label says anything about a person.",
        tag="operations",
        handle=tell_metrics,
        scopes=None,
        answer_media=METRICS,
    ),
)
