"""A real browser, driven by Playwright: pages as a person gets them, with the tree that a screen reader reads."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.missing import need

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
HOW: Final = "no Chromium: the pages are tested in a real browser, install Debian's package chromium"
# Its own sandbox needs rights that root in a container does not have; it goes nowhere but to our own process.
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# WCAG 2.2 AA is the sum of these sets of rules; axe's own advice beyond the law is held to as well.
AXE_RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# What it says of every answer from 400 on; a page that tells of a fault is such an answer.
REFUSED: Final = "the server responded with a status of"
WAIT_MILLISECONDS_MAX: Final = 15_000


def find_chromium() -> str:
    """Where the browser stands; fails, or skips who allows it to be missing, when there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    need("chromium", None if found else HOW)
    assert found is not None
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser. While it runs no other event loop runs in this thread: open it per module, not per session."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def new_page(browser: Browser, **how: Any) -> Iterator[Page]:
    """A page in a profile of its own, that fails on what the browser complains of (such as a breach of the CSP)."""
    context = browser.new_context(**{"java_script_enabled": False, "locale": "nl-NL", **how})
    context.set_default_timeout(WAIT_MILLISECONDS_MAX)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: None if REFUSED in message.text else complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
        assert complaints == []
    finally:
        context.close()


def accessibility_faults(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands; it needs scripts, so ask for a page that has them enabled."""
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate(
        "rules => axe.run({runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", list(AXE_RULES)
    )
    return [
        f"{fault['id']}: {fault['help']} ({node['target']}, {node.get('failureSummary', '')})"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]
