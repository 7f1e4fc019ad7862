"""Bounds in time as the contract writes them: an instant with a zone, or a bare date for the end of that day."""

from __future__ import annotations

from datetime import date, datetime

import msgspec


def is_bound(text: str) -> bool:
    """Tell whether a text is an RFC 3339 instant with a zone, or a date."""
    try:
        if len(text) == len("2026-05-03"):
            msgspec.convert(text, date)
            return True
        return msgspec.convert(text, datetime).tzinfo is not None
    except msgspec.ValidationError:
        return False
