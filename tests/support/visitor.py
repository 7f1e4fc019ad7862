"""Somebody with a browser that knows no scripts, in process: keeps cookies, follows redirects, fills in forms."""

from __future__ import annotations

import asyncio
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import httpx

Pair = tuple[str, str]
HOST = "ledger"
FORM = "application/x-www-form-urlencoded"


class PageForm:
    """One form of a page: where it goes, what stands in it, and its buttons as (name, value, action)."""

    def __init__(self, action: str, identity: str) -> None:
        """Begin empty."""
        self.action = action
        self.identity = identity
        self.pairs: list[Pair] = []
        self.buttons: list[tuple[str, str, str]] = []

    def filled(self, fields: dict[str, Any]) -> list[Pair]:
        """What is sent once these fields are filled in."""
        kept = [pair for pair in self.pairs if pair[0] not in fields]
        given = [(name, each) for name, value in fields.items() for each in _values(value)]
        return kept + given


def _values(value: Any) -> list[str]:
    return list(value) if isinstance(value, list | tuple) else [value]


class PageReader(HTMLParser):
    """Reads the forms and the text of a page."""

    def __init__(self) -> None:
        """Nothing read yet."""
        super().__init__()
        self.forms: list[PageForm] = []
        self.links: list[str] = []
        self.text: list[str] = []
        self._open: PageForm | None = None
        self._select: str | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what a form needs of a tag."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = PageForm(given["action"], given.get("id", ""))
            self.forms.append(self._open)
        elif tag == "a":
            self.links.append(given["href"])
        elif tag == "button":
            self._take_button(given)
        elif self._open is not None:
            self._take_field(tag, given, dict(attrs))

    def _take_button(self, given: dict[str, str]) -> None:
        owner = self._open if "form" not in given else None
        name, value, action = given.get("name", ""), given.get("value", ""), given.get("formaction", "")
        if owner is not None:
            owner.buttons.append((name, value, action))

    def _take_field(self, tag: str, given: dict[str, str], attrs: dict[str, Any]) -> None:
        assert self._open is not None
        ticked = given.get("type") not in {"radio", "checkbox"} or "checked" in attrs
        if tag == "input" and given.get("name") and ticked:
            self._open.pairs.append((given["name"], given.get("value", "")))
        elif tag == "select":
            self._select = given["name"]
        elif tag == "textarea":
            self._area = given["name"]
            self._open.pairs.append((given["name"], ""))
        elif tag == "option" and self._select is not None and "selected" in attrs:
            self._open.pairs.append((self._select, given["value"]))

    def handle_endtag(self, tag: str) -> None:
        """Close what was open."""
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        """Keep what is to be read."""
        if self._area is not None and self._open is not None:
            self._open.pairs[-1] = (self._area, data)
        elif data.strip():
            self.text.append(" ".join(data.split()))


class Visitor:
    """Looks at one page at a time."""

    def __init__(self, app: Any) -> None:
        """Sit before an application, with no cookies."""
        self.app = app
        self.cookies: dict[str, str] = {}
        self.answer = httpx.Response(0)
        self.page = PageReader()

    @property
    def text(self) -> str:
        """What stands on the page."""
        return "\n".join(self.page.text)

    def open(self, path: str) -> httpx.Response:
        """Go to a page."""
        return self.ask("GET", path)

    def press(self, step: str, **fields: Any) -> httpx.Response:
        """Fill in the form that has the button for this step, and press it."""
        for form in self.page.forms:
            for button_name, button_value, action in form.buttons:
                if (button_name, button_value) == ("step", step):
                    return self.post(action or form.action, [*form.filled(fields), ("step", step)])
        raise AssertionError(f"no button {step} on this page")

    def switch_language(self, form: str, language: str) -> httpx.Response:
        """Press the button in the header that sends a form of the page in another language."""
        (found,) = [each for each in self.page.forms if each.identity == form]
        return self.post(found.action, [*found.pairs, ("language", language)])

    def post(self, path: str, pairs: list[Pair], headers: dict[str, str] | None = None) -> httpx.Response:
        """Send a form as a browser does from a page of the same origin."""
        sent = {"Content-Type": FORM, "Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin", **(headers or {})}
        return self.ask("POST", path, content=urlencode(pairs), headers=sent)

    def ask(self, method: str, path: str, *, follow: bool = True, **how: Any) -> httpx.Response:
        """Ask once, keep the cookies, follow a redirect, and read the page."""
        headers = dict(how.pop("headers", {}))
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.answer = asyncio.run(self._ask(method, path, headers=headers, **how))
        self._keep_cookies()
        if follow and self.answer.status_code == 303:
            return self.ask("GET", self.answer.headers["location"])
        self.page = PageReader()
        self.page.feed(self.answer.text)
        return self.answer

    async def _ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
            return await client.request(method, path, **how)

    def _keep_cookies(self) -> None:
        for header in self.answer.headers.get_list("set-cookie"):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
            if "Max-Age=0" in header:
                del self.cookies[name]
