"""What the checks of every kind of entry share: one fault, days, terms, counts and texts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from services.law.errors import LawError
from services.law.governance import Entry
from services.law.periods import parse_period
from services.law.pointers import escape
from services.runtime.errors import FieldError
from services.runtime.limits import TEXT_LENGTH_MAX

Faults = Iterator[FieldError]


def days(pointer: str, begins: date | None, ends: date | None, last: str) -> Faults:
    """A period whose end lies before its beginning; ``last`` names the field of the end."""
    if begins is not None and ends is not None and ends < begins:
        message = "The end lies before the beginning; both days are inclusive."
        yield FieldError(f"{pointer}/{last}", "period-reversed", message, "Correct one of the two days.")


def period(pointer: str, text: str | None) -> Faults:
    """A term that is no ISO 8601 duration of days, weeks, months or years."""
    if text is None:
        return
    try:
        parse_period(text)
    except LawError as error:
        yield FieldError(pointer, error.code, str(error), error.remedy)


def too_many(pointer: str, count: int, count_max: int) -> Faults:
    """A list longer than the register takes."""
    if count > count_max:
        yield FieldError(pointer, "too-many", f"There can be at most {count_max}.", "Split the covenant.")


def unprintable_or_long(entry: Entry) -> Faults:
    """Texts of a bounded length that every database, log and terminal can carry."""
    for pointer, text in _walk("", msgspec.to_builtins(entry)):
        if len(text) > TEXT_LENGTH_MAX:
            yield FieldError(
                pointer, "text-too-long", f"A text has at most {TEXT_LENGTH_MAX} characters.", "Shorten it."
            )
        if any(_is_unprintable(character) for character in text):
            message = "The text holds a control character or half a character."
            yield FieldError(pointer, "text-unprintable", message, "Remove it; line ends and tabs may stay.")


def _walk(pointer: str, value: object) -> Iterator[tuple[str, str]]:
    """Every text of a JSON value with its pointer; keys of objects count as texts of the object."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield pointer, key
            yield from _walk(f"{pointer}/{escape(key)}", inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _walk(f"{pointer}/{index}", inner)


def _is_unprintable(character: str) -> bool:
    code = ord(character)
    return (code < 0x20 and character not in "\n\r\t") or code == 0x7F or 0xD800 <= code <= 0xDFFF
