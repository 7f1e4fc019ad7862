"""The quick log: what was said by telephone or message, written down in few fields and under twenty seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.gateway.web.act_form import FieldFault, now_minute
from services.gateway.web.cards import acknowledge_form
from services.gateway.web.choices import Choices, read_choices
from services.gateway.web.forms import Form
from services.gateway.web.pages.recording import record_form
from services.gateway.web.visit import Page, Visit
from services.runtime.http import Answer

CHANNELS: Final = ("telephone", "whatsapp", "e-mail", "conversation")
OPERATIONS: Final = ("disclose-by-transmission", "collect")


async def show(visit: Visit) -> Answer:
    """Show the form with everything filled in that can be known."""
    return await show_form(visit)


async def show_form(visit: Visit, faults: tuple[FieldFault, ...] = ()) -> Answer:
    """Show the form. Its moment and key stand in it, so that sending it twice records it once."""
    choices = await read_choices(visit)
    return visit.show(
        "quick-log.html",
        400 if faults else 200,
        form=filled_in(visit, choices, await visit.ledger.now()),
        choices=choices,
        faults=faults,
        channels=CHANNELS,
        operations=OPERATIONS,
    )


def filled_in(visit: Visit, choices: Choices, now: datetime) -> Form:
    """Return the form as it was sent, or as it begins."""
    form = visit.form
    if form.one("key"):
        return form
    begun = form.having(
        key=str(visit.services.ids.uuid7()),
        moment=now_minute(now),
        channel=CHANNELS[0],
        operation=OPERATIONS[0],
    )
    only = choices.only_annex
    return begun if only is None else begun.having(covenant=only)


async def take(visit: Visit) -> Answer:
    """Record it; a language chosen here only shows the form anew."""
    step = visit.form.one("step")
    if step == "read":
        await acknowledge_form(visit)
        step = "record"
    if step == "record":
        return await record_form(visit, on_fault=show_form)
    return await show_form(visit)


PAGE: Final = Page(path="/vastleggen", show=show, take=take, members=True, recorders=True)
