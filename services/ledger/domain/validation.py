"""What no body may hold, whatever the law says about it: told all at once, before any judgement.

The shape was checked at the door; here stands what needs the clock, the register or two fields together.
A message never holds the value it is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from services.law.act import Act, Exemption, Judged, Notice, Retention, Subject
from services.law.errors import IdentifierError, LawError
from services.law.identifiers import canonical_identifier
from services.law.local_time import amsterdam_day
from services.law.operations import CLASS_BY_VERB, check_operation
from services.law.periods import add_period, parse_period
from services.law.register import Register
from services.ledger.contract.errors import identifier_fault
from services.ledger.domain.body import happened_at, is_intent, subjects_of
from services.runtime import limits
from services.runtime.errors import FieldError, faults_from

EARLIEST: Final = datetime(limits.OCCURRED_YEAR_MIN, 1, 1, tzinfo=UTC)
FACT_AHEAD_MAX: Final = timedelta(seconds=limits.CLOCK_AHEAD_SECONDS_MAX)
INTENT_AHEAD_MAX: Final = timedelta(days=limits.INTENT_AHEAD_DAYS_MAX)
TRACE_ID_LENGTH: Final = 32
SPAN_ID_LENGTH: Final = 16

MESSAGES: Final = {
    "too-early": ("This moment lies before 1900.", "Check the year."),
    "ahead-of-clock": (
        "A fact cannot lie more than 5 minutes ahead of the ledger's clock.",
        "Check the clock of the sender, or send it with tense intent.",
    ),
    "intent-too-far-ahead": ("An intent may lie at most 31 days ahead.", "Send it closer to the act."),
    "ends-before-it-begins": ("The end lies before the beginning.", "Correct one of the two moments."),
    "controller-unknown": (
        "The register knows no such party on the day of the act.",
        "Register the party first, or correct its id.",
    ),
    "subject-repeated": ("The same person stands here twice.", "Name every person once per operation."),
    "items-too-many": ("There are more items than are taken at once.", "Send several requests."),
    "items-too-few": ("There are fewer items than are needed.", "Add what is missing."),
    "period-too-long": ("This term is longer than any the law knows.", "Check the unit of the period."),
    "trace-id-invalid": ("A trace id is 32 hexadecimal digits.", "Send the trace id of W3C Trace Context."),
    "span-id-invalid": ("A span id is 16 hexadecimal digits.", "Send the span id of W3C Trace Context."),
}
fault: Final = faults_from(MESSAGES)


def validate(
    body: Judged, register: Register, now: datetime, persons: Sequence[bytes] | None = None
) -> tuple[FieldError, ...]:
    """Every fault of a body that a well-formed shape may still have; empty when it can be judged.

    ``persons``: its subjects in their one spelling, for who found all of them sound already.
    """
    faults: list[FieldError] = []
    if isinstance(body, Act):
        _check_act(body, now, faults)
    elif isinstance(body, Notice):
        _check_notice(body, now, faults)
    else:
        _check_fact_time(body.decided_at, now, "/decidedAt", faults)
    if not _knows_controller(body, register):
        faults.append(fault("/controller", "controller-unknown"))
    if persons is None or len(persons) != 1 or subjects_of(body)[0].id_type != "BSN":
        # Nearly every act concerns one person with a number, which passes; only the others are looked at.
        _check_subjects(body, faults)
    return tuple(faults[: limits.FIELD_ERRORS_MAX]) if faults else ()


def _law_fault(pointer: str, error: LawError) -> FieldError:
    return FieldError(pointer=pointer, code=error.code, message=str(error), remedy=error.remedy)


def _check_act(act: Act, now: datetime, faults: list[FieldError]) -> None:
    if act.operation not in CLASS_BY_VERB or act.operation_class is not None:
        _check_verb(act, faults)
    if act.tense == "intent":
        if act.occurred_at > now + INTENT_AHEAD_MAX:
            faults.append(fault("/occurredAt", "intent-too-far-ahead"))
        elif act.occurred_at < EARLIEST:
            faults.append(fault("/occurredAt", "too-early"))
    elif act.occurred_at > now or act.occurred_at.year <= EARLIEST.year:
        # Nearly every fact lies between the two; only the others are measured.
        _check_fact_time(act.occurred_at, now, "/occurredAt", faults)
    if act.ended_at is not None and act.ended_at < act.occurred_at:
        faults.append(fault("/endedAt", "ends-before-it-begins"))
    if len(act.recipients) > limits.RECIPIENTS_MAX:
        faults.append(fault("/recipients", "items-too-many"))
    if len(act.data_categories) > limits.DATA_CATEGORIES_MAX:
        faults.append(fault("/dataCategories", "items-too-many"))
    if act.trace_id is not None or act.span_id is not None or act.parent_span_id is not None:
        _check_trace(act, faults)
    if act.retention is not None:
        _check_period(act.retention, "/retention/period", faults)
    if act.record_retention is not None:
        _check_period(act.record_retention, "/recordRetention/period", faults)


def _check_verb(act: Act, faults: list[FieldError]) -> None:
    try:
        check_operation(act)
    except LawError as error:
        pointer = "/description" if error.code == "other-without-description" else "/operation"
        faults.append(_law_fault(pointer, error))


def _check_trace(act: Act, faults: list[FieldError]) -> None:
    if act.trace_id is not None and not _is_hex(act.trace_id, TRACE_ID_LENGTH):
        faults.append(fault("/traceId", "trace-id-invalid"))
    if act.span_id is not None and not _is_hex(act.span_id, SPAN_ID_LENGTH):
        faults.append(fault("/spanId", "span-id-invalid"))
    if act.parent_span_id is not None and not _is_hex(act.parent_span_id, SPAN_ID_LENGTH):
        faults.append(fault("/parentSpanId", "span-id-invalid"))


def _is_hex(text: str, length: int) -> bool:
    try:
        return len(text) == length == 2 * len(bytes.fromhex(text))
    except ValueError:
        return False


def _check_notice(notice: Notice, now: datetime, faults: list[FieldError]) -> None:
    _check_fact_time(notice.given_at, now, "/givenAt", faults)
    if not notice.subjects:
        faults.append(fault("/subjects", "items-too-few"))


def _check_fact_time(at: datetime, now: datetime, pointer: str, faults: list[FieldError]) -> None:
    if at > now + FACT_AHEAD_MAX:
        faults.append(fault(pointer, "ahead-of-clock"))
    elif at < EARLIEST:
        faults.append(fault(pointer, "too-early"))


def _knows_controller(body: Judged, register: Register) -> bool:
    """Whether it was ever registered; for what is about to happen, whether it is valid on that day.

    A fact is never refused: of one in the name of a controller that is not valid that day a gap says so.
    """
    if not is_intent(body) or not register.knows_party(body.controller):
        return register.knows_party(body.controller)
    try:
        return register.on(amsterdam_day(happened_at(body))).party(body.controller) is not None
    except OverflowError:
        # At the edge of the calendar there is no day in Amsterdam: then whoever was ever known will do.
        return True


def _check_period(retention: Retention, pointer: str, faults: list[FieldError]) -> None:
    """A calendar period of at most the years the law knows; hours are no retention term."""
    try:
        period = parse_period(retention.period)
        ends = add_period(EARLIEST.date(), period)
    except LawError as error:
        faults.append(_law_fault(pointer, error))
        return
    if ends.year > EARLIEST.year + limits.RETENTION_YEARS_MAX:
        faults.append(fault(pointer, "period-too-long"))


def _check_subjects(body: Judged, faults: list[FieldError]) -> None:
    subjects = subjects_of(body)
    if len(subjects) > limits.SUBJECTS_MAX:
        faults.append(fault("/subjects", "items-too-many"))
        return
    seen: set[tuple[str, str]] = set()
    for place, subject in _places(body, subjects):
        try:
            person = (subject.id_type, canonical_identifier(subject.id_type, subject.id))
        except IdentifierError as error:
            faults.append(identifier_fault(place, error))
            continue
        if person in seen:
            faults.append(fault(place, "subject-repeated"))
        seen.add(person)


def _places(body: Judged, subjects: tuple[Subject, ...]) -> Iterator[tuple[str, Subject]]:
    if isinstance(body, Exemption):
        yield "/subject", body.subject
    else:
        for index, subject in enumerate(subjects):
            yield f"/subjects/{index}", subject
