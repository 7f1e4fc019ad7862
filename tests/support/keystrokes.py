"""How long a trained hand takes over a form: the keystroke-level model of Card, Moran and Newell (1980).

Each key is pressed for real in the browser and counted at its published time, so the figure does not depend on how fast
a machine types. What the pages themselves take is measured and comes on top.
"""

from __future__ import annotations

from time import perf_counter
from typing import Final

from playwright.sync_api import Locator, Page

KEY_SECONDS: Final = 0.28
"""One key, of a person who types as an average office worker does."""
THINK_SECONDS: Final = 1.35
"""Before each field: what goes here?"""

TABS_MAX: Final = 30


class Keystrokes:
    """A hand on one page."""

    def __init__(self, page: Page) -> None:
        """Begin with the hands on the keyboard, where a caller who types along has them."""
        self._page = page
        self.seconds = 0.0
        self.seconds_waited = 0.0

    def go_to(self, target: Locator) -> None:
        """Press Tab until something has focus; every press counts, and one that leads nowhere ends the test."""
        for _ in range(TABS_MAX):
            self.press("Tab")
            if self.is_at(target):
                self.seconds += THINK_SECONDS
                return
        raise AssertionError("Tab does not lead there")

    def begin_at(self, target: Locator) -> None:
        """Think at the field that has the focus from the start."""
        assert self.is_at(target)
        self.seconds += THINK_SECONDS

    def is_at(self, target: Locator) -> bool:
        """Whether something has the focus."""
        return bool(target.evaluate("field => field === document.activeElement"))

    def type(self, text: str) -> None:
        """Type where the focus is."""
        self.seconds += KEY_SECONDS * len(text)
        self._page.keyboard.type(text)

    def press(self, key: str) -> None:
        """Press one key."""
        self.seconds += KEY_SECONDS
        self._page.keyboard.press(key)

    def send(self) -> None:
        """Press Enter, and wait for what comes back."""
        begun = perf_counter()
        with self._page.expect_navigation():
            self.press("Enter")
        self.seconds_waited += perf_counter() - begun
