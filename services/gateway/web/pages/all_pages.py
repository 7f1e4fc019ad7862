"""The pages of the door, once."""

from __future__ import annotations

from typing import Final

from services.gateway.web.pages import may_i, quick_log, sign_in, start, style
from services.gateway.web.visit import Page

PAGES: Final[tuple[Page, ...]] = (
    start.PAGE,
    sign_in.SIGN_IN,
    sign_in.SIGN_OUT,
    may_i.PAGE,
    quick_log.PAGE,
    style.PAGE,
)
