from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.ledger.application.bounds import BoundInvalid, parse_bounds

NOW = datetime(2026, 10, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-09-15", datetime(2026, 9, 15, 21, 59, 59, 999999, tzinfo=UTC)),
        ("2026-01-15", datetime(2026, 1, 15, 22, 59, 59, 999999, tzinfo=UTC)),
        ("2026-03-29", datetime(2026, 3, 29, 21, 59, 59, 999999, tzinfo=UTC)),
        ("2026-09-15T10:00:00+02:00", datetime(2026, 9, 15, 8, tzinfo=UTC)),
        ("2026-09-15T10:00:00Z", datetime(2026, 9, 15, 10, tzinfo=UTC)),
    ],
)
def test_bound(text: str, instant: datetime) -> None:
    """A day means its last moment in Amsterdam, in summer and in winter; an instant is itself."""
    assert parse_bounds(text, None, NOW).as_of == instant
    assert parse_bounds(None, text, NOW).as_known_at == instant


def test_default_now() -> None:
    """Both bounds are now unless given."""
    bounds = parse_bounds(None, None, NOW)
    assert (bounds.as_of, bounds.as_known_at) == (NOW, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-13-01",
        "2026-W01-1",
        "20260915",
        "2026-09-15T10:00:00",
        "2026-09-15T25:00:00Z",
        "2026-09-15T10:00:00 02:00",
        "9999-12-31",
    ],
)
def test_invalid(text: str) -> None:
    """Both wrong bounds are told at once."""
    with pytest.raises(BoundInvalid) as raised:
        parse_bounds(text, text, NOW)
    assert [error.pointer for error in raised.value.errors] == ["/asOf", "/asKnownAt"]
