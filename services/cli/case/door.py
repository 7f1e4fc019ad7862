"""The public API as the loader uses it: one HTTP client, a token per party and scope."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, Self

import httpx

from services.cli.case.model import Json
from services.ledger.contract.positions import REGISTER_LANE, format_position, parse_position
from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind

TokenMaker = Callable[[str, str, tuple[str, str] | None], str]
"""(party, scopes, (idType, id) of a citizen or None) → bearer token."""

_NOT_NOW: Final = frozenset({429, 503})
_ENDED: Final = frozenset({"record-ended", "not-found"})
# A breach and a request are looked at anew before they are recognised: what they lean on may have ended before them.
_LEANS_ON_ENDED: Final = frozenset({"breach-invalid", "access-request-invalid"})


class UnexpectedAnswer(GrootboekError):
    """The ledger gave an answer that this case did not foresee."""

    code = "unexpected-answer"
    kind = Kind.INTERNAL
    remedy = "Read the problem code that is printed with it; the case file or the ledger is wrong."

    def __init__(self, message: str, problem: str) -> None:
        """Carry the code of the problem, empty for an answer without one."""
        super().__init__(message)
        self.problem = problem

    @property
    def is_ended(self) -> bool:
        """Whether the record that the call was about has ended, so that nothing is told of it any more."""
        return self.problem in _ENDED

    @property
    def is_forgotten(self) -> bool:
        """Whether what was posted before is no longer recognised, since its record or what it names has ended."""
        return self.problem in _ENDED | _LEANS_ON_ENDED


class Door:
    """Speaks to a running ledger; every call carries the token of the party it is made for.

    Whatever is read shows at least everything that was posted here before. What cannot be had at this moment is asked
    for again, so many times.
    """

    def __init__(
        self,
        base_url: str,
        tokens: TokenMaker,
        *,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Speak to ``base_url`` with tokens from ``tokens``; ``pause`` lets so many seconds pass."""
        self._http = httpx.Client(base_url=base_url, timeout=limits.CASE_ANSWER_SECONDS_MAX, transport=transport)
        self._tokens = tokens
        self._pause = pause
        self._posted: dict[int, int] = {}

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
        allowed: tuple[int, ...] = (200, 201),
        seconds_max: float = limits.CASE_ANSWER_SECONDS_MAX,
    ) -> httpx.Response:
        """POST a body; statuses outside ``allowed`` raise UnexpectedAnswer with the problem's codes.

        403 is allowed as the refusal of an intent only.
        """
        headers = self._headers(party, scope)
        response = self._ask("POST", path, allowed, json=body, headers=headers, timeout=seconds_max)
        self._remember(response.json())
        return response

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
        headers = self._headers(party, scope, subject) | self._reading(purpose)
        return self._ask("GET", path, (200,), params=params, headers=headers).json()

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
            headers = self._headers(party, scope) | self._reading(purpose)
            page = self._ask("POST", path, (200,), json=asked, headers=headers).json()
            items += page["items"]
            cursor = page.get("next")
            if cursor is None:
                return items

    def _headers(self, party: str, scope: str, subject: tuple[str, str] | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens(party, scope, subject)}"}

    def _reading(self, purpose: str | None) -> dict[str, str]:
        """What a read says besides: what for, and what it must show at least."""
        headers = {} if purpose is None else {"Grootboek-Purpose": purpose}
        positions = ", ".join(format_position(*place) for place in sorted(self._posted.items()))
        return headers | ({"Grootboek-Min-Position": positions} if positions else {})

    def _remember(self, answer: Json) -> None:
        """Keep the last position of each lane that a receipt names; the register needs no projection."""
        for place in (answer, *answer.get("subjects", ())):
            if position := place.get("position"):
                lane, number = parse_position(position)
                if lane != REGISTER_LANE:
                    self._posted[lane] = max(self._posted.get(lane, 0), number)

    def _ask(self, method: str, path: str, allowed: tuple[int, ...], **request: Any) -> httpx.Response:
        """The answer to a request that may be made again: everything that this loader posts has an id of its own."""
        response = self._http.request(method, path, **request)
        for _ in range(limits.CASE_ATTEMPTS_MAX - 1):
            if response.status_code not in _NOT_NOW:
                break
            self._pause(_pause_seconds(response))
            response = self._http.request(method, path, **request)
        return _checked(response, allowed)


def _pause_seconds(response: httpx.Response) -> float:
    said = response.headers.get("Retry-After", "")
    return min(int(said) if said.isdecimal() else limits.RETRY_AFTER_SECONDS, limits.CASE_PAUSE_SECONDS_MAX)


def _checked(response: httpx.Response, allowed: tuple[int, ...]) -> httpx.Response:
    problem = {} if response.is_success else _problem_of(response)
    is_other_than_refusal = response.status_code == 403 and "verdict" not in problem
    if response.status_code not in allowed or is_other_than_refusal:
        message = f"{response.request.method} {response.url.path}: {_summary(response, problem)}"
        raise UnexpectedAnswer(message, str(problem.get("code") or ""))
    return response


def _problem_of(response: httpx.Response) -> Json:
    try:
        problem = response.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def _summary(response: httpx.Response, problem: Json) -> str:
    if not problem:
        return f"{response.status_code} without a problem body"
    faults = ", ".join(f"{e.get('pointer')} {e.get('code')}" for e in problem.get("errors") or ())
    return f"{response.status_code} {problem.get('code')} {problem.get('detail', '')} {faults}".strip()
