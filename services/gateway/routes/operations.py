"""Processing operations: record one or many, try one out, find, confirm, correct, keep confidential, prove."""

from __future__ import annotations

from typing import Final

import anyio.lowlevel
import msgspec

from services.gateway.calls import Ask, Call, Services, answer_json, encode, scopes
from services.gateway.formats.decoding import BodyDecoder
from services.gateway.formats.keys import choose_key, require_key
from services.gateway.formats.ndjson import split_lines, stretches
from services.gateway.problems import line_problem, reject
from services.gateway.routes.pages import answer_page, check_page
from services.law.act import Act
from services.law.errors import LawError
from services.ledger.contract.client import LedgerClient
from services.ledger.contract.messages import (
    Assessment,
    Caller,
    ConfidentialityBody,
    CorrectionBody,
    OperationSearch,
    Receipt,
    Submission,
)
from services.runtime import limits
from services.runtime.errors import GrootboekError
from services.runtime.http import JSON, NDJSON, Answer, BodyTooLarge

ACTS: Final = BodyDecoder(Act)
CORRECTIONS: Final = BodyDecoder(CorrectionBody)
CONFIDENTIALITIES: Final = BodyDecoder(ConfidentialityBody)
SEARCHES: Final = BodyDecoder(OperationSearch)
SEARCHED_BY: Final = ("subject", "party", "recipient", "trace_id", "case_id", "activity")
READERS: Final = scopes("processing:read", "subject:access", "inquiry", "breach", "audit")

ERRORS: Final = (GrootboekError, LawError)
"""What a line can come to instead of a receipt."""
encode_lines: Final = msgspec.json.Encoder().encode_lines


class LineTooLarge(BodyTooLarge):
    """This line is larger than an operation may be."""

    code = "line-too-large"
    remedy = "Split the operation."


async def record(ask: Ask) -> Answer:
    """Record one operation, or a line each of many."""
    if ask.media == NDJSON:
        return await record_lines(ask)
    decoded = ACTS.decode(ask.raw)
    key = require_key(choose_key(ask.key_header, decoded.id))
    submission = Submission(body=decoded.body, key=key, canonical=decoded.canonical)
    (result,) = await ask.ledger.record(ask.caller, (submission,))
    if isinstance(result, GrootboekError):
        raise result
    # Taken, not yet free to be done: an intent about very many persons waits for its review.
    return Answer(201 if result.review is msgspec.UNSET else 202, encode(result))


async def record_lines(ask: Ask) -> Answer:
    """Record what is good of many lines and answer each line in its place."""
    if ask.key_header is not None:
        raise reject(
            "idempotency-key-for-many",
            "One Idempotency-Key cannot stand for many operations.",
            "Give every line an id of its own.",
        )
    lines = split_lines(ask.raw)
    submissions: list[Submission] = []
    rejected: dict[int, GrootboekError | LawError] = {}
    for stretch in stretches(lines):
        for number, line in stretch:
            try:
                submissions.append(submission_of(line))
            except (GrootboekError, LawError) as error:
                rejected[number] = error
        await anyio.lowlevel.checkpoint()
    results = iter(await ask.ledger.record(ask.caller, submissions) if submissions else ())
    answers: list[object] = []
    for number, _ in lines:
        result = rejected[number] if number in rejected else next(results)
        answers.append(line_problem(result, number) if isinstance(result, ERRORS) else result)
    return Answer(200, encode_lines(answers), NDJSON)


def submission_of(line: bytes) -> Submission:
    """Decode one line."""
    if len(line) > limits.NDJSON_LINE_BYTES_MAX:
        raise LineTooLarge
    decoded = ACTS.decode(line)
    key = require_key(choose_key(None, decoded.id))
    return Submission(body=decoded.body, key=key, canonical=decoded.canonical)


async def assess(ask: Ask) -> Answer:
    """Judge an act and store nothing."""
    decoded = ACTS.decode(ask.raw)
    choose_key(None, decoded.id)
    return answer_json(await assess_act(ask.services, ask.ledger, ask.caller, decoded.body))


async def assess_act(services: Services, ledger: LedgerClient, caller: Caller, act: Act) -> Assessment:
    """Judge an act for whoever asks, the API or a page, as often as a party may; store nothing."""
    services.rates.take(caller.party)
    return await ledger.assess(caller, act)


async def search(ask: Ask) -> Answer:
    """Find operations."""
    body = SEARCHES.decode(ask.raw).body
    if all(getattr(body, name) is None for name in SEARCHED_BY):
        raise reject(
            "search-without-criterion",
            "A search names at least one of subject, party, recipient, traceId, caseId and activity.",
            "Add one of them.",
        )
    check_page(body.cursor, body.limit)
    return answer_page(await ask.ledger.search_operations(ask.caller, body))


async def read(ask: Ask) -> Answer:
    """Read one operation."""
    return answer_json(await ask.ledger.read_operation(ask.caller, ask.path["id"]))


async def confirm(ask: Ask) -> Answer:
    """Turn an allowed intent into its fact; a body gives the act as it went in the end."""
    intent = ask.path["id"]
    decoded = None if ask.raw.strip() in {b"", b"{}"} else ACTS.decode(ask.raw)
    # An intent becomes a fact once, so its own key makes one: a retry without a key finds the same fact.
    chosen = choose_key(ask.key_header, None if decoded is None else decoded.id)
    key = require_key(chosen or confirmation_key(intent))
    submission = None
    if decoded is not None:
        submission = Submission(body=decoded.body, key=key, canonical=decoded.canonical)
    return answer_json(await ask.ledger.confirm(ask.caller, intent, submission, key), 201)


def confirmation_key(intent: str) -> str | None:
    """Return the key of the one fact that an intent becomes, or None when it would be too long."""
    key = f"{intent}~fact"
    return key if len(key) <= limits.IDEMPOTENCY_KEY_LENGTH_MAX else None


async def correct(ask: Ask) -> Answer:
    """Append a correction."""
    decoded = CORRECTIONS.decode(ask.raw)
    key = ask.key(decoded.id)
    return answer_json(await ask.ledger.correct(ask.caller, ask.path["id"], key, decoded.body), 201)


async def set_confidentiality(ask: Ask) -> Answer:
    """Append a change of confidentiality."""
    decoded = CONFIDENTIALITIES.decode(ask.raw)
    key = ask.key(decoded.id)
    return answer_json(await ask.ledger.set_confidentiality(ask.caller, ask.path["id"], key, decoded.body), 201)


async def prove(ask: Ask) -> Answer:
    """Prove that an operation stands in the ledger."""
    return answer_json(await ask.ledger.prove(ask.caller, ask.path["id"]))


BASE: Final = "/v1/processing-operations"
CALLS: Final = (
    Call(
        method="POST",
        path=BASE,
        name="recordProcessingOperations",
        summary="Record an operation, or one per line: committed whole, judged, and acknowledged when it is on disk.",
        tag="processing",
        handle=record,
        scopes=scopes("processing:write"),
        creates=True,
        body=Act,
        medias=(JSON, NDJSON),
        status=201,
        answers=Receipt,
        waits=True,
        refuses=(403, 409),
    ),
    Call(
        method="POST",
        path=f"{BASE}/_assess",
        name="assessProcessingOperation",
        summary="May I share this? The verdict that recording it would give; nothing is stored.",
        tag="processing",
        handle=assess,
        scopes=scopes("processing:write", "processing:read"),
        body=Act,
        answers=Assessment,
        refuses=(429,),
    ),
    Call(
        method="POST",
        path=f"{BASE}/_search",
        name="searchProcessingOperations",
        summary="Find operations by subject, party, recipient, trace, case, activity and period.",
        tag="processing",
        handle=search,
        scopes=READERS,
        citizen=True,
        purpose=True,
        body=OperationSearch,
    ),
    Call(
        method="GET",
        path=f"{BASE}/{{id}}",
        name="readProcessingOperation",
        summary="One operation with its subjects, as far as you may see it.",
        tag="processing",
        handle=read,
        scopes=READERS,
        citizen=True,
        purpose=True,
    ),
    Call(
        method="POST",
        path=f"{BASE}/{{id}}/confirm",
        name="confirmProcessingOperation",
        summary="Turn an allowed intent into its fact, judged anew.",
        tag="processing",
        handle=confirm,
        scopes=scopes("processing:write"),
        creates=True,
        body=Act,
        body_optional=True,
        status=201,
        answers=Receipt,
        refuses=(409,),
    ),
    Call(
        method="POST",
        path=f"{BASE}/{{id}}/corrections",
        name="correctProcessingOperation",
        summary="Append a correction; the original stays.",
        tag="processing",
        handle=correct,
        scopes=scopes("processing:write"),
        creates=True,
        body=CorrectionBody,
        status=201,
        refuses=(409,),
    ),
    Call(
        method="POST",
        path=f"{BASE}/{{id}}/confidentiality",
        name="setConfidentiality",
        summary="Keep a line from the person, on a ground, or lift that.",
        tag="processing",
        handle=set_confidentiality,
        scopes=scopes("processing:write"),
        creates=True,
        body=ConfidentialityBody,
        status=201,
        refuses=(409,),
    ),
    Call(
        method="GET",
        path=f"{BASE}/{{id}}/proof",
        name="proveProcessingOperation",
        summary="Inclusion proofs of the operation's events under the newest signed checkpoint.",
        tag="proof",
        handle=prove,
        scopes=READERS | scopes("processing:write"),
    ),
)
