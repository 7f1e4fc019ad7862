"""What a browser sends of a form: names with one or several values, bounded, in UTF-8."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import parse_qsl

from services.gateway.problems import reject
from services.runtime import limits

FORM_MEDIA: Final = "application/x-www-form-urlencoded"
MACHINERY: Final = frozenset({"csrf", "step", "then", "language", "card_covenant", "card_version"})
"""Fields that say what to do with a form, not what stands in it."""


class Form:
    """The fields of one form; what was left empty is not there."""

    def __init__(self, fields: Mapping[str, tuple[str, ...]]) -> None:
        """Take the values by name, in the order in which they were sent."""
        self._fields = fields

    def one(self, name: str) -> str:
        """Return the first value of a field; empty when there is none."""
        return self.all(name)[0] if self.all(name) else ""

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field."""
        return self._fields.get(name, ())

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Give every field with each of its values, less those that only say what to do."""
        return ((name, value) for name, values in self._fields.items() if name not in MACHINERY for value in values)

    def having(self, **fields: str) -> Form:
        """Return the same form with these fields set."""
        return Form({**self._fields, **{name: (value,) for name, value in fields.items()}})


EMPTY: Final = Form({})


def read_form(raw: bytes) -> Form:
    """Return the form in a body; raise Rejected when it is none of ours."""
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), encoding="utf-8", errors="strict", max_num_fields=limits.PAGE_FORM_FIELDS_MAX
        )
    except ValueError:
        raise reject("form-invalid", "This is no form of this page.", "Open the page anew.") from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        if stripped := value.strip():
            fields.setdefault(name, []).append(stripped)
    return Form({name: tuple(values) for name, values in fields.items()})
