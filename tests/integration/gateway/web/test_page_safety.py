"""What protects a page: where a form came from, whose it is, what a browser may load, and what is never told."""

from __future__ import annotations

import re

import pytest

from services.gateway.web.pages.all_pages import PAGES
from services.gateway.web.session import COOKIE
from services.runtime import limits
from services.runtime.http import API_VERSION
from tests.support.page_member import BSN, QUESTION, Member
from tests.support.visitor import FORM, Pair

MEMBERS = [page.path for page in PAGES if page.members]


@pytest.fixture
def member() -> Member:
    """Somebody who has signed in and sees the question."""
    return Member().sign_in()


def question(member: Member, **fields: str) -> list[Pair]:
    """The question as it is sent; `csrf` may be given."""
    (form,) = [each for each in member.page.forms if each.identity == "act"]
    return [*form.filled({**QUESTION, **fields}), ("step", "ask")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_a_page_runs_nothing_and_loads_nothing_from_elsewhere(member: Member, page: object) -> None:
    """The policy lets a browser load our style sheet and post to us; no page has a script, or a style of its own."""
    answer = member.open(page.path)  # type: ignore[attr-defined]
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["api-version"] == API_VERSION
    if answer.headers["content-type"].startswith("text/html"):
        assert "style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.text.count("<script") == answer.text.count("style=") == answer.text.count("<style") == 0
        assert 'src="' not in answer.text
        assert not re.search(r"<[^>]*\son[a-z]+=", answer.text)


def test_headers_stand_once(member: Member) -> None:
    """A page gets its own policy in the place of the API's, not beside it."""
    names = [name for name, _ in member.open("/").headers.multi_items()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", MEMBERS)
@pytest.mark.parametrize("csrf", ["", "nonsense"])
def test_a_form_without_the_mark_of_its_session_does_nothing(member: Member, path: str, csrf: str) -> None:
    """A page elsewhere that knows every field but this one makes nothing happen."""
    answer = member.post(path, question(member, csrf=csrf))
    assert answer.status_code == 403
    assert not {"assess", "record"} & set(member.ledger.names)


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": ""}]
)
def test_a_form_from_another_site_does_nothing(member: Member, headers: dict[str, str]) -> None:
    """Also with the right mark: the browser said that it came from elsewhere."""
    assert member.post("/mag-dit", question(member), headers).status_code == 403
    assert "assess" not in member.ledger.names


def test_nobody_can_sign_another_in_from_elsewhere() -> None:
    """A form of another site that signs in with its own token gives no cookie."""
    visitor = Member()
    pairs = [("staff", "x"), ("token", visitor.issuer.issue("school", "processing:write")), ("step", "sign-in")]
    assert visitor.post("/aanmelden", pairs, {"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert visitor.cookies == {}


def test_the_mark_of_one_session_opens_no_other() -> None:
    """Two members of one application have marks of their own."""
    one = Member().sign_in()
    marked = dict(question(one))["csrf"]
    one.sign_in(staff="r-105")
    assert dict(question(one))["csrf"] != marked
    assert one.post("/mag-dit", question(one, csrf=marked)).status_code == 403


def test_the_api_does_not_know_the_cookie(member: Member) -> None:
    """A cookie that browsers send by themselves opens no call of the API."""
    answer = member.ask("POST", "/v1/processing-operations/_assess", json={}, follow=False)
    assert answer.status_code == 401


@pytest.mark.parametrize("path", [page.path for page in PAGES])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(member: Member, path: str, method: str) -> None:
    """A page is read or sent a form; the answer says what may."""
    answer = member.ask(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] in {"GET, HEAD", "GET, HEAD, POST"}


def test_a_page_without_a_form_takes_none(member: Member) -> None:
    """The start page says what may be asked of it."""
    assert member.post("/", []).status_code == 405


@pytest.mark.parametrize(
    ("media", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("", b"a=1", 415),
        (FORM, b"\xff", 400),
        (FORM, b"a=" + b"x" * limits.PAGE_FORM_BYTES_MAX, 413),
    ],
)
def test_only_forms_of_bounded_size_are_read(member: Member, media: str, body: bytes, status: int) -> None:
    """Another media type, bytes that are no form, and more than a page can hold are refused in words."""
    headers = {"Content-Type": media, "Sec-Fetch-Site": "same-origin"}
    answer = member.ask("POST", "/mag-dit", content=body, headers=headers)
    assert answer.status_code == status
    assert "Dat lukte niet" in member.text


def test_nothing_about_a_person_stands_in_an_address_or_a_log(member: Member) -> None:
    """The number goes in the body of a form and comes back in the page alone; what fails is logged without it."""
    member.press("ask", **QUESTION)
    assert BSN in member.answer.text
    member.post("/mag-dit", [("csrf", "x"), ("person", BSN), ("step", "ask")])
    assert BSN not in member.answer.text
    assert BSN not in str(member.log.written)
    assert all(BSN not in link for link in member.page.links)


def test_the_token_is_in_no_page(member: Member) -> None:
    """Only the cookie holds it: no page shows it, and scripts, of which there are none, could not read it."""
    token = member.cookies[COOKIE].partition("~")[2]
    for path in [page.path for page in PAGES]:
        assert token not in member.open(path).text


def test_pages_are_no_part_of_the_api(member: Member) -> None:
    """The description of the API knows the calls of the contract only."""
    described = member.ask("GET", "/openapi.json").json()["paths"]
    assert not {page.path for page in PAGES} & set(described)
