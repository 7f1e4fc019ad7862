"""Processing operations: record one or many, try one out, find, confirm, correct, keep confidential, prove."""

from __future__ import annotations

from typing import Final

import anyio.lowlevel
import msgspec

from services.gateway.calls import Ask, Call, Services, answer_json, encode, scopes
from services.gateway.formats.decoding import BodyDecoder, Decoded
from services.gateway.formats.keyed import Unsound, read_keyed
from services.gateway.formats.keys import require_key
from services.gateway.formats.ndjson import split_lines, stretches
from services.gateway.formats.remnant import Remnant
from services.gateway.problems import line_problem, reject
from services.gateway.routes.pages import answer_page, check_page
from services.gateway.routes.submitting import reject_all, reject_one
from services.law.act import Act, TextShort
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
from services.runtime.errors import GrootboekError, Rejected
from services.runtime.http import JSON, NDJSON, Answer, BodyTooLarge


class NoAct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Confirms an intent as it stands: nothing but an id, or not even that."""

    id: TextShort | None = None


ACTS: Final = BodyDecoder(Act)
NO_ACTS: Final = BodyDecoder(NoAct)
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
    taken = read_submission(ask.raw, ask.key_header)
    if isinstance(taken, Unsound):
        raise await reject_one(ask.ledger, taken)
    (result,) = await ask.ledger.record(ask.caller, (taken,))
    if isinstance(result, GrootboekError):
        raise result
    # Taken, not yet free to be done: an intent about very many persons waits for its review.
    return Answer(201 if result.review is msgspec.UNSET else 202, encode(result))


def read_submission(raw: bytes, header: str | None) -> Submission | Unsound[Act]:
    """Return what is to be recorded, or why it is turned away."""
    taken = read_keyed(ACTS, raw, header, required=True)
    if isinstance(taken, Unsound):
        return taken
    return Submission(body=taken.body, key=require_key(taken.id), canonical=taken.canonical)


async def record_lines(ask: Ask) -> Answer:
    """Record what is good of many lines and answer each line in its place."""
    if ask.key_header is not None:
        raise reject(
            "idempotency-key-for-many",
            "One Idempotency-Key cannot stand for many operations.",
            "Give every line an id of its own.",
        )
    lines = split_lines(ask.raw)
    taken: list[Submission | Unsound[Act] | LineTooLarge] = []
    for stretch in stretches(lines):
        taken += [read_line(line) for _, line in stretch]
        await anyio.lowlevel.checkpoint()
    submissions = [each for each in taken if isinstance(each, Submission)]
    results = iter(await ask.ledger.record(ask.caller, submissions) if submissions else ())
    unsound = [each for each in taken if isinstance(each, Unsound)]
    rejected = iter(await reject_all(ask.ledger, unsound))
    answers: list[object] = []
    for (number, _), each in zip(lines, taken, strict=True):
        result: object = each
        if isinstance(each, Submission):
            result = next(results)
        elif isinstance(each, Unsound):
            result = next(rejected)
        answers.append(line_problem(result, number) if isinstance(result, ERRORS) else result)
    return Answer(200, encode_lines(answers), NDJSON)


def read_line(line: bytes) -> Submission | Unsound[Act] | LineTooLarge:
    """Return what one line asks to be recorded, or why it is turned away."""
    return LineTooLarge() if len(line) > limits.NDJSON_LINE_BYTES_MAX else read_submission(line, None)


async def assess(ask: Ask) -> Answer:
    """Judge an act and store nothing."""
    taken = read_keyed(ACTS, ask.raw, None)
    if isinstance(taken, Unsound):
        ask.services.rates.take(ask.caller.party)
        raise await reject_one(ask.ledger, taken)
    return answer_json(await assess_act(ask.services, ask.ledger, ask.caller, taken.body))


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
    if says_no_act(ask.raw):
        plain = read_keyed(NO_ACTS, ask.raw.strip() or b"{}", ask.key_header, named=intent)
        if isinstance(plain, Unsound):
            raise Rejected(plain.faults)
        return await confirm_as(ask, intent, plain.id, None)
    taken = read_keyed(ACTS, ask.raw, ask.key_header, named=intent)
    if isinstance(taken, Unsound):
        raise await reject_one(ask.ledger, as_fact(taken))
    return await confirm_as(ask, intent, taken.id, taken)


async def confirm_as(ask: Ask, intent: str, chosen: str | None, went: Decoded[Act] | None) -> Answer:
    """Confirm under the key that was chosen; an intent becomes a fact once, so its own key makes one.

    A retry without a key finds the same fact.
    """
    key = require_key(chosen or confirmation_key(intent))
    submission = None if went is None else Submission(body=went.body, key=key, canonical=went.canonical)
    return answer_json(await ask.ledger.confirm(ask.caller, intent, submission, key), 201)


def says_no_act(raw: bytes) -> bool:
    """Tell whether a body says nothing of an act: it is empty, or an object with an id at most."""
    try:
        tree = msgspec.json.decode(raw.strip() or b"{}")
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False
    return isinstance(tree, dict) and tree.keys() <= {"id"}


def as_fact(unsound: Unsound[Act]) -> Unsound[Act]:
    """Return what was sent as the fact it would become: what lies ahead has not happened yet."""
    remnant = unsound.remnant
    if remnant is None:
        return unsound
    fact = msgspec.structs.replace(remnant.body, tense="fact")
    return Unsound(unsound.faults, Remnant(fact, remnant.unread))


def confirmation_key(intent: str) -> str | None:
    """Return the key of the one fact that an intent becomes, or None when it would be too long."""
    key = f"{intent}~fact"
    return key if len(key) <= limits.IDEMPOTENCY_KEY_LENGTH_MAX else None


async def correct(ask: Ask) -> Answer:
    """Append a correction."""
    body, key = ask.read(CORRECTIONS)
    return answer_json(await ask.ledger.correct(ask.caller, ask.path["id"], key, body), 201)


async def set_confidentiality(ask: Ask) -> Answer:
    """Append a change of confidentiality."""
    body, key = ask.read(CONFIDENTIALITIES)
    return answer_json(await ask.ledger.set_confidentiality(ask.caller, ask.path["id"], key, body), 201)


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
        summary="Turn an allowed intent into its fact, judged anew; without an act in the body it went as intended.",
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
