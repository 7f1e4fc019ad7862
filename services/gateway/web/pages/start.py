"""The start page: what this is, and the way in for each of three people."""

from __future__ import annotations

from typing import Final

from services.gateway.web.visit import Page, Visit
from services.runtime.http import Answer


async def show(visit: Visit) -> Answer:
    """Say what this is."""
    return visit.show("start.html")


PAGE: Final = Page(path="/", show=show)
