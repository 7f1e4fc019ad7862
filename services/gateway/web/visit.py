"""One request for a page: who, in which language, with which form; and the answers that pages give."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from services.gateway.auth.claims import TokenVerifier, Unauthenticated
from services.gateway.calls import Services
from services.gateway.web.forms import EMPTY, Form
from services.gateway.web.language import Language
from services.gateway.web.rendering import render
from services.gateway.web.session import Session
from services.gateway.web.wording import Wording, wording_in
from services.ledger.contract.client import LedgerClient
from services.ledger.contract.errors import NotAllowed
from services.runtime.http import HTML, Answer, Headers


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """What a page is asked, by whom, and what it leans on."""

    path: str
    language: Language
    services: Services
    tokens: TokenVerifier
    session: Session | None = None
    form: Form = EMPTY

    @property
    def member(self) -> Session:
        """Return the session of a page that is for members only; raise Unauthenticated when there is none."""
        if self.session is None:
            raise Unauthenticated
        return self.session

    @property
    def recorder(self) -> Session:
        """Return the session of a member who may record; raise NotAllowed, as the door of the API does, for another."""
        if not self.member.may_record:
            raise NotAllowed
        return self.member

    @property
    def ledger(self) -> LedgerClient:
        """Return the ledger's client."""
        return self.services.ledger

    @property
    def wording(self) -> Wording:
        """Return the words of the visitor's language."""
        return wording_in(self.language)

    def show(self, template: str, status: int = 200, headers: Headers = (), **values: Any) -> Answer:
        """Return a page."""
        wording = self.wording
        body = render(template, visit=self, w=wording.words, wording=wording, session=self.session, **values)
        return Answer(status, body, HTML, headers)


Handler = Callable[[Visit], Awaitable[Answer]]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One path: how it shows itself, and what it does with a form.

    `members`: only for who has signed in; `recorders`: only for those of them who may record.
    """

    path: str
    show: Handler
    take: Handler | None = None
    members: bool = False
    recorders: bool = False


def see(path: str, headers: Headers = ()) -> Answer:
    """Send the browser to another page of ours, to be read with GET."""
    return Answer(303, b"", HTML, ((b"location", path.encode("ascii")), *headers))
