"""Records the act of a form as a fact, and shows its receipt; the key in the form makes a second press harmless."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from services.gateway.formats.keys import choose_key, require_key
from services.gateway.web.act_form import FieldFault, faults_of, read_act
from services.gateway.web.cards import find_unread_card
from services.gateway.web.choices import read_choices
from services.gateway.web.visit import Visit
from services.law.act import Act
from services.law.catalogue import CATALOGUE
from services.law.findings import FindingCode
from services.law.local_time import amsterdam_day
from services.ledger.contract.messages import Receipt, Submission
from services.runtime.errors import GrootboekError, Rejected
from services.runtime.http import Answer

WORTH_SAYING: Final = timedelta(minutes=15)
"""An act that was written down later than this is shown as such, long before the law calls it late."""

OnFault = Callable[[Visit, tuple[FieldFault, ...]], Awaitable[Answer]]


async def record_form(visit: Visit, on_fault: OnFault) -> Answer:
    """Record the act; a form that makes none is shown again with its faults."""
    try:
        act, receipt = await _record(visit)
    except Rejected as error:
        return await on_fault(visit, faults_of(error))
    covenant, day = act.covenant, amsterdam_day(act.occurred_at).isoformat()
    return visit.show(
        "receipt.html",
        act=act,
        form=visit.form,
        receipt=receipt,
        card=None if covenant is None else await find_unread_card(visit, covenant.id, day),
        codes=codes_in(receipt),
        choices=await read_choices(visit),
        recorded_later=receipt.recorded_at - act.occurred_at > WORTH_SAYING,
    )


async def _record(visit: Visit) -> tuple[Act, Receipt]:
    """Record the act of the form; raise what the ledger answers in place of a receipt."""
    session = visit.recorder
    decoded = read_act(visit.form, session)
    key = require_key(choose_key(None, decoded.id))
    submission = Submission(body=decoded.body, key=key, canonical=decoded.canonical)
    (result,) = await visit.ledger.record(session.caller, (submission,))
    if isinstance(result, GrootboekError):
        raise result
    return decoded.body, result


def codes_in(receipt: Receipt) -> Mapping[str, FindingCode]:
    """Return what the law says of every finding of a receipt, in both languages."""
    return {finding.code: CATALOGUE[finding.code] for finding in receipt.verdict.findings}
