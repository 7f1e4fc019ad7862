"""Problem answers of the gateway: what the ledger and the law raise, as RFC 9457 documents."""

from __future__ import annotations

from typing import Any

from services.law.errors import LawError
from services.ledger.contract.errors import IntentRefused, as_rejection
from services.runtime.errors import FieldError, GrootboekError, Kind, Rejected
from services.runtime.http import Answer, problem_answer, problem_of


class NotAcceptable(GrootboekError):
    """This call cannot answer in a media type that you accept."""

    code = "not-acceptable"
    kind = Kind.NOT_ACCEPTABLE
    remedy = "Leave the Accept header out, or name the media type of the API description."


class MediaUnsupported(GrootboekError):
    """This call does not take a body of that media type."""

    code = "media-type-unsupported"
    kind = Kind.UNSUPPORTED_MEDIA
    remedy = "Send a Content-Type that the API description names for this call."


def reject(code: str, message: str, remedy: str, pointer: str = "") -> Rejected:
    """Return a rejection with one fault."""
    return Rejected((FieldError(pointer=pointer, code=code, message=message, remedy=remedy),))


def as_ours(error: GrootboekError | LawError) -> GrootboekError:
    """Return an error of the law as a rejection; others as they are."""
    return as_rejection(error) if isinstance(error, LawError) else error


def members_of(error: GrootboekError) -> dict[str, Any]:
    """Return the members that this type of problem has of its own: a refusal brings its verdict."""
    if isinstance(error, IntentRefused):
        return {"verdict": error.verdict, "subjects": error.subjects}
    return {}


def answer_problem(error: GrootboekError | LawError) -> Answer:
    """Return the answer to a request that failed."""
    ours = as_ours(error)
    return problem_answer(ours, **members_of(ours))


def line_problem(error: GrootboekError | LawError, line: int) -> dict[str, object]:
    """Return the problem of one line of a batch, with the number of that line (from 1)."""
    ours = as_ours(error)
    return problem_of(ours, line=line, **members_of(ours))
