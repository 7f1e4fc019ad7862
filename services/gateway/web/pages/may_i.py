"""May I do this? Asks the ledger what recording the act would give, shows the answer, and records it when wanted."""

from __future__ import annotations

from typing import Final

from services.gateway.routes.operations import assess_act
from services.gateway.web.act_form import FieldFault, faults_of, now_minute, read_act
from services.gateway.web.cards import acknowledge_form, find_unread_card
from services.gateway.web.choices import read_choices
from services.gateway.web.forms import Form
from services.gateway.web.pages.recording import record_form
from services.gateway.web.visit import Page, Visit
from services.law.act import Act
from services.law.local_time import amsterdam_day
from services.ledger.contract.messages import Assessment
from services.runtime.errors import Rejected
from services.runtime.http import Answer

USUAL_OPERATION: Final = "disclose-by-transmission"


async def show(visit: Visit) -> Answer:
    """Show the empty form."""
    return await show_form(visit)


async def show_form(visit: Visit, faults: tuple[FieldFault, ...] = ()) -> Answer:
    """Show the form as far as it was filled in, with what is wrong at its place."""
    form = visit.form
    filled = form.having(operation=form.one("operation") or USUAL_OPERATION)
    choices = await read_choices(visit)
    return visit.show("may-i.html", 400 if faults else 200, form=filled, choices=choices, faults=faults)


async def take(visit: Visit) -> Answer:
    """Answer, record, or go back to the form; having read a covenant's card leads to where the card was shown."""
    step = visit.form.one("step")
    if step == "read":
        await acknowledge_form(visit)
        step = visit.form.one("then")
    if step == "ask":
        return await ask(visit)
    if step == "record":
        return await record_form(visit, on_fault=show_form)
    return await show_form(visit)


async def ask(visit: Visit) -> Answer:
    """Answer the question; the moment and the key are fixed here, so that recording it twice is recording it once."""
    form, session = visit.form, visit.member
    asked = form.having(
        moment=form.one("moment") or now_minute(await visit.ledger.now()),
        key=str(visit.services.ids.uuid7()),
    )
    try:
        act = read_act(asked, session).body
        assessment = await assess_act(visit.services, visit.ledger, session.caller, act)
    except Rejected as error:
        return await show_form(visit, faults_of(error))
    return await show_answer(visit, asked, act, assessment)


async def show_answer(visit: Visit, asked: Form, act: Act, assessment: Assessment) -> Answer:
    """Show the answer, with the card of the covenant that governs when it is new to this member of staff."""
    governs = None if assessment.governs is None else assessment.governs.covenant
    day = amsterdam_day(act.occurred_at).isoformat()
    return visit.show(
        "answer.html",
        act=act,
        answer=assessment,
        overall=overall_of(assessment),
        form=asked,
        choices=await read_choices(visit),
        card=None if governs is None else await find_unread_card(visit, governs.id, day),
        named=None if act.covenant is None else (act.covenant.id, act.covenant.annex),
        places={subject.ref: str(number) for number, subject in enumerate(assessment.subjects, start=1)},
    )


def overall_of(assessment: Assessment) -> str:
    """Return the outcome, or `mixed` where one recipient may have it and another may not: then "no" would be untrue."""
    forbidden = {recipient.answer == "forbidden" for recipient in assessment.recipients}
    return "mixed" if len(forbidden) > 1 else assessment.verdict.outcome


PAGE: Final = Page(path="/mag-dit", show=show, take=take, members=True)
