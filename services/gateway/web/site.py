"""Takes one request for a page through the door: method, language, session, where the form came from, and its size."""

from __future__ import annotations

from typing import Final

from services.gateway.auth.claims import TokenVerifier, Unauthenticated
from services.gateway.calls import Services
from services.gateway.problems import MediaUnsupported, as_ours
from services.gateway.web.forms import EMPTY, FORM_MEDIA, Form, read_form
from services.gateway.web.language import LANGUAGES, PARAMETER, chosen_before, chosen_now, language_cookie
from services.gateway.web.session import Session, find_session, is_from_here
from services.gateway.web.visit import Handler, Page, Visit, see
from services.law.errors import LawError
from services.ledger.contract.errors import NotAllowed
from services.runtime import limits
from services.runtime.errors import GrootboekError
from services.runtime.http import (
    PARTY_KEY,
    TEMPLATE_KEY,
    Answer,
    Heads,
    MethodNotAllowed,
    Receive,
    Scope,
    Send,
    problem_answer,
    read_body,
    send_answer,
    status_of,
)

SIGN_IN: Final = "/aanmelden"
READING: Final = ("GET", "HEAD")


class FormNotOurs(NotAllowed):
    """This form was not sent from a page of this session."""

    code = "form-not-ours"
    remedy = "Open the page anew and send the form from there."


class Site:
    """One page at its path."""

    def __init__(self, page: Page, *, services: Services, tokens: TokenVerifier) -> None:
        """Serve `page`."""
        self._page = page
        self._services = services
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every failure we know becomes a page that says so."""
        scope[TEMPLATE_KEY] = self._page.path
        heads = Heads(scope)
        try:
            answer = await self._answer(scope, heads, receive)
        except Unauthenticated:
            answer = see(SIGN_IN)
        except (GrootboekError, LawError) as error:
            answer = self._say_error(heads, as_ours(error))
        await send_answer(send, answer)

    async def _answer(self, scope: Scope, heads: Heads, receive: Receive) -> Answer:
        """Find out who asks what, and hand it to the page."""
        session = find_session(heads, self._tokens)
        if session is not None:
            scope[PARTY_KEY] = session.claims.party
        if scope["method"] in READING:
            chosen = chosen_now(scope["query_string"])
            if chosen is not None:
                return see(self._page.path, (language_cookie(chosen),))
            return await self._page.show(self._visit(heads, session, EMPTY))
        take = self._taker(scope)
        return await self._take(take, heads, session, await read_posted(heads, receive))

    async def _take(self, take: Handler, heads: Heads, session: Session | None, form: Form) -> Answer:
        """Hand a form to the page; a language chosen in it is kept."""
        if session is not None and not session.owns_form(form.one("csrf")):
            raise FormNotOurs
        visit = self._visit(heads, session, form)
        answer = await self._try(take, visit)
        if form.one(PARAMETER) in LANGUAGES:
            answer = Answer(
                answer.status, answer.body, answer.media, (*answer.headers, language_cookie(visit.language))
            )
        return answer

    async def _try(self, take: Handler, visit: Visit) -> Answer:
        """Hand the form over; what may be tried again is offered with the same fields, for its key stands in them."""
        try:
            return await take(visit)
        except GrootboekError as error:
            if visit.session is None or not error.retryable:
                raise
            return show_error(visit, error)

    def _visit(self, heads: Heads, session: Session | None, form: Form) -> Visit:
        """Put the visit together; raise Unauthenticated or NotAllowed where the page asks for more of its visitor."""
        if self._page.members and session is None:
            raise Unauthenticated
        if self._page.recorders and session is not None and not session.may_record:
            raise NotAllowed
        return Visit(
            path=self._page.path,
            language=LANGUAGES.get(form.one(PARAMETER)) or chosen_before(heads),
            services=self._services,
            tokens=self._tokens,
            session=session,
            form=form,
        )

    def _taker(self, scope: Scope) -> Handler:
        """Return what takes the form that this request brings."""
        if scope["method"] != "POST" or self._page.take is None:
            raise MethodNotAllowed(READING if self._page.take is None else (*READING, "POST"))
        return self._page.take

    def _say_error(self, heads: Heads, error: GrootboekError) -> Answer:
        """Return the page that says what went wrong, with the headers that the API would send."""
        visit = Visit(
            path=self._page.path,
            language=chosen_before(heads),
            services=self._services,
            tokens=self._tokens,
            session=find_session(heads, self._tokens),
        )
        return show_error(visit, error)


def show_error(visit: Visit, error: GrootboekError) -> Answer:
    """Return the page that says what went wrong and, when a form was sent, offers to send it again."""
    return visit.show("error.html", status_of(error), problem_answer(error).headers, error=error, form=visit.form)


async def read_posted(heads: Heads, receive: Receive) -> Form:
    """Return the form that a page of ours posted; raise when it came from elsewhere or is none."""
    if not is_from_here(heads):
        raise FormNotOurs
    media = b",".join(heads.all(b"content-type")).decode("latin-1").partition(";")[0].strip().lower()
    if media != FORM_MEDIA:
        raise MediaUnsupported
    return read_form(await read_body(heads, receive, limits.PAGE_FORM_BYTES_MAX))
