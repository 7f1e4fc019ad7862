"""Signing in with a token and a staff code, and signing out."""

from __future__ import annotations

from typing import Final

from services.gateway.auth.claims import Unauthenticated
from services.gateway.web.act_form import FieldFault
from services.gateway.web.forms import Form
from services.gateway.web.session import cookie_of, ended_cookie, is_staff_code, open_session
from services.gateway.web.visit import Page, Visit, see
from services.runtime.http import Answer

AFTER_SIGN_IN: Final = "/mag-dit"


async def show(visit: Visit) -> Answer:
    """Show the form."""
    return visit.show("sign-in.html", staff="", faults=())


async def take(visit: Visit) -> Answer:
    """Keep the token in a cookie when it holds; a language chosen here only shows the form anew."""
    if visit.form.one("step") != "sign-in":
        return visit.show("sign-in.html", staff=visit.form.one("staff"), faults=())
    try:
        session = open_session(visit.form.one("staff"), visit.form.one("token"), visit.tokens)
    except Unauthenticated:
        # The token itself is never shown again, and neither is what was no staff code: it may be a name.
        staff = visit.form.one("staff") if is_staff_code(visit.form.one("staff")) else ""
        return visit.show("sign-in.html", 400, staff=staff, faults=faults_in(visit.form))
    return see(AFTER_SIGN_IN, (cookie_of(session),))


def faults_in(form: Form) -> tuple[FieldFault, ...]:
    """Return what is wrong with a form that opened no session."""
    if is_staff_code(form.one("staff")):
        return (FieldFault("token", "token-refused", ""),)
    return (FieldFault("staff", "staff-code-invalid", ""),)


async def leave(_: Visit) -> Answer:
    """Take the session off the browser."""
    return see("/", (ended_cookie(),))


async def show_leaving(_: Visit) -> Answer:
    """Send who comes here by hand to the start: only a form signs out."""
    return see("/")


SIGN_IN: Final = Page(path="/aanmelden", show=show, take=take)
SIGN_OUT: Final = Page(path="/afmelden", show=show_leaving, take=leave)
