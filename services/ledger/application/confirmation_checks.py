"""What a confirmation must satisfy by itself, and when two of them say the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.law.local_time import amsterdam_day
from services.ledger.contract.events import Envelope
from services.ledger.contract.forgetting import ObligationConfirmation
from services.runtime import limits
from services.runtime.errors import FieldError, GrootboekError, Kind, Rejected, faults_from

AHEAD_MAX: Final = timedelta(seconds=limits.CLOCK_AHEAD_SECONDS_MAX)

MESSAGES: Final = {
    "ahead-of-clock": ("Nobody can have done it yet.", "Send the moment at which it was done."),
    "before-cause": ("It was not owed yet at that moment.", "Send a moment at or after the cause of the obligation."),
    "norm-missing": ("What is kept, is kept under a norm.", "Name the provision that obliges to keep it."),
    "until-missing": ("What is kept, is kept until a day.", "Send the last day on which it is kept."),
    "until-passed": ("The day until which it is kept had passed already.", "Send a day at or after the moment."),
    "text-missing": ("How it was done is not said.", "Say in a sentence how, or why not."),
    "operation-unwanted": ("An act of erasing belongs to the outcome erased.", "Leave operationId out."),
    "operation-unknown": (
        "Your party recorded no such act of erasing about this person since the obligation began.",
        "Name an act of your own, or leave operationId out to have it recorded.",
    ),
    "categories-incomplete": (
        "That act does not name all categories of the obligation.",
        "Record an act that names them all, or leave operationId out to have it recorded.",
    ),
    "tell-instead": ("This is an obligation to tell a person.", "Record the notice with POST /v1/notices."),
}
fault: Final = faults_from(MESSAGES)


class ConfirmationInvalid(Rejected):
    """The confirmation contradicts itself or the obligation it is about."""

    code = "confirmation-invalid"
    remedy = "Correct every listed field."


class AlreadyAnswered(GrootboekError):
    """It is on record that this was erased; another answer cannot be given any more."""

    code = "obligation-answered"
    kind = Kind.CONFLICT
    remedy = "Correct the act of erasing if it was recorded by mistake."


def check_confirmation(body: ObligationConfirmation, since: datetime, now: datetime) -> list[FieldError]:
    """What is wrong with a confirmation by itself, of what was owed since an instant."""
    faults: list[FieldError] = []
    if body.at > now + AHEAD_MAX:
        faults.append(fault("/at", "ahead-of-clock"))
    elif body.at < since:
        faults.append(fault("/at", "before-cause"))
    if not body.how.strip():
        faults.append(fault("/how", "text-missing"))
    if body.outcome == "kept":
        if body.norm is None or not body.norm.strip():
            faults.append(fault("/norm", "norm-missing"))
        if body.until is None:
            faults.append(fault("/until", "until-missing"))
        elif body.until < amsterdam_day(body.at):
            faults.append(fault("/until", "until-passed"))
    if body.outcome != "erased" and body.operation_id is not None:
        faults.append(fault("/operationId", "operation-unwanted"))
    return faults


def says(envelope: Envelope, body: ObligationConfirmation) -> bool:
    """Whether an earlier answer says the same; in which words it says how does not matter."""
    return (
        envelope.occurred_at == body.at
        and envelope.answer == body.outcome
        and envelope.answer_until == body.until
        and envelope.norm == body.norm
        and envelope.operation_keys == (() if body.operation_id is None else (body.operation_id,))
    )
