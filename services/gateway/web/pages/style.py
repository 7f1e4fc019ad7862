"""The one style sheet, served from the distribution itself: no page fetches anything from elsewhere."""

from __future__ import annotations

from typing import Final

from services.gateway.web.visit import Page, Visit
from services.gateway.web.wording import FOLDER
from services.runtime.http import Answer

CSS: Final = "text/css; charset=utf-8"
SHEET: Final = FOLDER.joinpath("assets", "grootboek.css").read_bytes()


async def show(_: Visit) -> Answer:
    """Return the style sheet."""
    return Answer(200, SHEET, CSS)


PAGE: Final = Page(path="/assets/grootboek.css", show=show)
