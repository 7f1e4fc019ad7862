"""Pages: a bound on what is asked, and the items with the cursor of the next."""

from __future__ import annotations

from services.gateway.calls import answer_json
from services.gateway.formats.bounds import is_bound
from services.gateway.problems import reject
from services.ledger.contract.messages import Page
from services.runtime import limits
from services.runtime.http import Answer


def check_page(cursor: str | None, limit: int | None) -> None:
    """Raise Rejected for a cursor or a limit that no page of ours has."""
    if limit is not None and not 1 <= limit <= limits.PAGE_ITEMS_MAX:
        raise reject(
            "out-of-range",
            "This number of items cannot be asked.",
            f"Ask 1 to {limits.PAGE_ITEMS_MAX} items.",
            "/limit",
        )
    if cursor is not None and not 0 < len(cursor) <= limits.CURSOR_LENGTH_MAX:
        raise reject("cursor-invalid", "This is no cursor.", "Send the `next` of the previous page.", "/cursor")


def check_bound(text: str | None, pointer: str) -> None:
    """Raise Rejected for a bound in time that is neither an instant with a zone nor a date."""
    if text is not None and not is_bound(text):
        raise reject(
            "instant-invalid",
            "An instant with a zone or a date is expected here.",
            "Write it as 2026-05-03T09:00:00Z, or 2026-05-03 for the end of that day.",
            pointer,
        )


def answer_page(page: Page) -> Answer:
    """Return a page of items."""
    return answer_json(page)
