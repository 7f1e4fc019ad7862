"""Sessions: a token in a cookie, forms that only its own pages can make, and where a form came from."""

from __future__ import annotations

import pytest

from services.gateway.auth.claims import Unauthenticated
from services.gateway.auth.issuer import TokenIssuer
from services.gateway.auth.keys import make_keys
from services.gateway.web.session import (
    COOKIE,
    Session,
    cookie_of,
    ended_cookie,
    find_session,
    is_from_here,
    is_staff_code,
    open_session,
)
from services.runtime import limits
from services.runtime.clock import FakeClock
from services.runtime.http import Heads
from services.runtime.ids import SeededIds

CLOCK = FakeClock()
ISSUER = TokenIssuer(make_keys(), CLOCK, SeededIds(1))
TOKENS = ISSUER.verifier()


def heads(*pairs: tuple[str, str]) -> Heads:
    """The headers of a request."""
    return Heads({"headers": [(name.encode(), value.encode()) for name, value in pairs]})


def opened(scope: str = "processing:write", party: str = "politie") -> Session:
    """A session of a new token."""
    return open_session("r-104", ISSUER.issue(party, scope), TOKENS)


def test_a_session_is_read_back_from_its_cookie() -> None:
    """The cookie that a session gives is the session, whichever process reads it."""
    session = opened()
    name, value = cookie_of(session)
    pair = value.decode().partition(";")[0]
    assert name == b"set-cookie"
    assert find_session(heads(("cookie", f"other=1; {pair}")), TOKENS) == session
    assert session.caller.party == "politie"


def test_the_cookie_is_for_this_host_alone() -> None:
    """No script, no other site and no plain connection gets it; signing out takes the same cookie away."""
    for header in (cookie_of(opened()), ended_cookie()):
        text = header[1].decode()
        assert text.startswith(f"{COOKIE}=")
        assert COOKIE.startswith("__Host-")
        for attribute in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
            assert attribute in text
        assert "Domain" not in text
    assert "Max-Age=0" in ended_cookie()[1].decode()


@pytest.mark.parametrize("cookie", ["", "x=1", f"{COOKIE}=", f"{COOKIE}=r-104~nonsense", f"{COOKIE}=no code~x"])
def test_without_a_token_that_holds_there_is_no_session(cookie: str) -> None:
    """A missing or wrong cookie is no session, and no error either."""
    assert find_session(heads(("cookie", cookie)), TOKENS) is None


def test_a_session_ends_with_its_token() -> None:
    """Once the token is too old the cookie opens nothing."""
    clock = FakeClock()
    issuer = TokenIssuer(make_keys(), clock, SeededIds(1))
    cookie = cookie_of(open_session("r-104", issuer.issue("politie", "processing:write"), issuer.verifier()))[1]
    pair = ("cookie", cookie.decode().partition(";")[0])
    assert find_session(heads(pair), issuer.verifier()) is not None
    clock.advance(seconds=limits.DEVELOPMENT_TOKEN_SECONDS + limits.TOKEN_LEEWAY_SECONDS + 1)
    assert find_session(heads(pair), issuer.verifier()) is None


@pytest.mark.parametrize(
    ("staff", "token"),
    [
        ("r-104", ISSUER.issue("politie", "audit governance")),
        ("r-104", ISSUER.issue("politie", "processing:read", ("BSN", "999990019"))),
        ("r-104", "nonsense"),
        ("Jan Jansen", ISSUER.issue("politie", "processing:write")),
        ("999990019", ISSUER.issue("politie", "processing:write")),
        ("r-104", "x" * limits.PAGE_SESSION_BYTES_MAX),
    ],
)
def test_who_gets_no_session(staff: str, token: str) -> None:
    """A token that may neither ask nor record, a citizen's, none at all, no staff code, or too long for a cookie."""
    with pytest.raises(Unauthenticated):
        open_session(staff, token, TOKENS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("r-104", True),
        ("a.b_c", True),
        ("", False),
        ("a b", False),
        ("a~b", False),
        ("999990019", False),
        ("x" * 65, False),
    ],
)
def test_a_staff_code_is_one_word_and_no_number_of_a_person(text: str, *, expected: bool) -> None:
    """Names have spaces and persons have numbers; a code has neither."""
    assert is_staff_code(text) is expected


@pytest.mark.parametrize(("scope", "expected"), [("processing:write", True), ("processing:read", False)])
def test_only_who_may_write_may_record(scope: str, *, expected: bool) -> None:
    """Somebody who may only read can ask, not record."""
    assert opened(scope).may_record is expected


def test_a_form_belongs_to_one_session() -> None:
    """The mark in a form opens for its own session only, and does not tell the token."""
    one, other = opened(), opened()
    assert one.owns_form(one.csrf)
    assert not one.owns_form(other.csrf)
    assert not one.owns_form("")
    assert not one.owns_form("é")
    assert one.csrf not in one.token


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], True),
        ([("sec-fetch-site", "same-origin")], True),
        ([("sec-fetch-site", "none")], True),
        ([("sec-fetch-site", "cross-site")], False),
        ([("sec-fetch-site", "same-site")], False),
        ([("sec-fetch-site", "cross-site"), ("origin", "http://ledger"), ("host", "ledger")], False),
        ([("origin", "http://ledger"), ("host", "ledger")], True),
        ([("origin", "http://elsewhere"), ("host", "ledger")], False),
        ([("origin", "null"), ("host", "ledger")], False),
        ([("origin", "http://ledger:8001"), ("host", "ledger:8000")], False),
    ],
)
def test_a_form_from_another_site_is_seen(pairs: list[tuple[str, str]], *, expected: bool) -> None:
    """What the browser says of where a form came from decides; one that says nothing is left to the form's mark."""
    assert is_from_here(heads(*pairs)) is expected
