"""The public API as the loader uses it: one HTTP client, a token per party and scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Self

import httpx

from services.cli.case.model import Json
from services.runtime.errors import GrootboekError, Kind

TIMEOUT_SECONDS: Final = 30.0

TokenMaker = Callable[[str, str, tuple[str, str] | None], str]
"""(party, scopes, (idType, id) of a citizen or None) → bearer token."""


class UnexpectedAnswer(GrootboekError):
    """The ledger gave an answer that this case did not foresee."""

    code = "unexpected-answer"
    kind = Kind.INTERNAL
    remedy = "Read the problem code that is printed with it; the case file or the ledger is wrong."


class Door:
    """Speaks to a running ledger; every call carries the token of the party it is made for."""

    def __init__(self, base_url: str, tokens: TokenMaker) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=TIMEOUT_SECONDS)
        self._tokens = tokens

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def post(
        self,
        path: str,
        body: Any,
        *,
        party: str,
        scope: str,
        purpose: str | None = None,
        allowed: tuple[int, ...] = (200, 201),
    ) -> httpx.Response:
        """POST a body; statuses outside ``allowed`` raise UnexpectedAnswer with the problem's codes."""
        return self._checked(
            self._http.post(path, json=body, headers=self._headers(party, scope, None, purpose)), allowed
        )

    def get(
        self,
        path: str,
        *,
        party: str,
        scope: str,
        subject: tuple[str, str] | None = None,
        purpose: str | None = None,
        params: dict[str, str] | None = None,
    ) -> Any:
        """GET a JSON answer."""
        headers = self._headers(party, scope, subject, purpose)
        return self._checked(self._http.get(path, params=params, headers=headers), (200,)).json()

    def pages(self, path: str, **how: Any) -> list[Any]:
        """All pages of a GET that answers ``items`` or ``events`` and ``next``; the pages as they came."""
        pages = [self.get(path, **how)]
        while cursor := pages[-1].get("next"):
            pages.append(self.get(path, **how | {"params": (how.get("params") or {}) | {"cursor": cursor}}))
        return pages

    def search(self, path: str, body: Json, *, party: str, scope: str, purpose: str) -> list[Json]:
        """All items of a search, page after page."""
        items: list[Json] = []
        cursor: str | None = None
        while True:
            asked = body if cursor is None else body | {"cursor": cursor}
            page = self.post(path, asked, party=party, scope=scope, purpose=purpose).json()
            items += page["items"]
            cursor = page.get("next")
            if cursor is None:
                return items

    def _headers(self, party: str, scope: str, subject: tuple[str, str] | None, purpose: str | None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self._tokens(party, scope, subject)}"}
        if purpose is not None:
            headers["Grootboek-Purpose"] = purpose
        return headers

    @staticmethod
    def _checked(response: httpx.Response, allowed: tuple[int, ...]) -> httpx.Response:
        if response.status_code not in allowed:
            raise UnexpectedAnswer(f"{response.request.method} {response.url.path}: {_summary(response)}")
        return response


def _summary(response: httpx.Response) -> str:
    try:
        problem = response.json()
    except ValueError:
        return f"{response.status_code} without a problem body"
    faults = ", ".join(f"{e.get('pointer')} {e.get('code')}" for e in problem.get("errors") or ())
    return f"{response.status_code} {problem.get('code')} {problem.get('detail', '')} {faults}".strip()
