"""Idempotency keys: their syntax, and the one key of a request out of its header and its body."""

from __future__ import annotations

import re
from typing import Final

from services.law.errors import BsnInvalidError
from services.law.identifiers import Bsn
from services.runtime import limits
from services.runtime.errors import FieldError, Rejected

SYNTAX: Final = re.compile(rf"[A-Za-z0-9._:~-]{{1,{limits.IDEMPOTENCY_KEY_LENGTH_MAX}}}", re.ASCII)
ID_POINTER: Final = "/id"
BSN_DIGITS: Final = 9
SEPARATED_LENGTH_MAX: Final = 17

DIFFERENT: Final = FieldError(
    pointer=ID_POINTER,
    code="idempotency-key-contradicts-id",
    message="The Idempotency-Key header and the id of the body differ.",
    remedy="Send one of them, or both equal.",
)
MISSING: Final = FieldError(
    pointer=ID_POINTER,
    code="id-required",
    message="An operation needs a key, so that a retry is not recorded twice.",
    remedy="Send an id in the body, or the header Idempotency-Key.",
)


def key_fault(key: str, pointer: str) -> FieldError | None:
    """Return what is wrong with a key, or None. A key stands in URLs, so it may never be somebody's number."""
    if not SYNTAX.fullmatch(key):
        return FieldError(
            pointer=pointer,
            code="key-malformed",
            message="This is no key.",
            remedy=f"Use 1 to {limits.IDEMPOTENCY_KEY_LENGTH_MAX} of A-Z a-z 0-9 . _ : ~ -, such as a UUID.",
        )
    return person_fault(key, pointer)


def person_fault(key: str, pointer: str) -> FieldError | None:
    """Return the fault of an id that is somebody's number, or None; other text is free where no URL holds the id."""
    if not is_citizen_number(key):
        return None
    return FieldError(
        pointer=pointer,
        code="key-identifies-person",
        message="This key is a valid citizen service number.",
        remedy="Use a random key, such as a UUID: keys stand in URLs.",
    )


def is_citizen_number(text: str) -> bool:
    """Tell whether a text, with or without separators, is a BSN of nine digits that passes its test.

    Eight digits would do for the oldest numbers, but every day of the calendar is eight digits too.
    """
    if len(text) > SEPARATED_LENGTH_MAX or any(character.isalpha() for character in text):
        return False
    digits = "".join(character for character in text if character.isdigit())
    if len(digits) != BSN_DIGITS:
        return False
    try:
        Bsn.parse(digits)
    except BsnInvalidError:
        return False
    return True


def choose_key(header: str | None, body_id: str | None) -> str | None:
    """Return the key of a request: the header's, the body's, or None; raise Rejected when malformed or different."""
    if faults := key_faults(header, body_id):
        raise Rejected(faults)
    return header if header is not None else body_id


def key_faults(header: str | None, body_id: str | None, *, required: bool = False) -> tuple[FieldError, ...]:
    """Return everything that is wrong with the key of a request; nothing when there need be none and is none."""
    of_header = None if header is None else key_fault(header, "")
    of_body = None if body_id is None else key_fault(body_id, ID_POINTER)
    if of_header is not None or of_body is not None:
        return tuple(found for found in (of_header, of_body) if found is not None)
    if header is not None and body_id is not None and header != body_id:
        return (DIFFERENT,)
    return (MISSING,) if required and header is None and body_id is None else ()


def require_key(key: str | None) -> str:
    """Return the key, or raise Rejected: without one a retry would be recorded twice."""
    if key is None:
        raise Rejected((MISSING,))
    return key
