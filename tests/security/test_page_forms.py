"""Forms made by hand: whatever stands in them, a page answers in words, and nothing of it reaches a log."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.gateway.web.act_form import FIELD_BY_POINTER
from services.gateway.web.language import LANGUAGES
from tests.support.page_member import BSN, Member
from tests.support.visitor import Pair

FIELDS = sorted(
    {field for _, field in FIELD_BY_POINTER} | {"other_party", "other_categories", "key", "then", "language"}
)
CARD = ("card_covenant", "card_version")
STEPS = ("ask", "record", "edit", "read", "sign-in", "x", "")
NASTY = (
    "",
    BSN,
    "\0",
    "é" * 300,
    "9999-12-31T23:59",
    "0001-01-01T00:00",
    "2026-05-03T10:00",
    "a|b|c",
    "<script>",
    *LANGUAGES,
)
values = st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
pairs = st.lists(st.tuples(st.sampled_from((*FIELDS, *CARD)), values), max_size=25)


@pytest.fixture(scope="module")
def member() -> Member:
    """One member for all forms: a page keeps nothing between two of them."""
    return Member().sign_in()


def mark_of(member: Member) -> str:
    """The mark that a form of this session carries."""
    member.open("/mag-dit")
    (form,) = [each for each in member.page.forms if each.identity == "act"]
    return dict(form.pairs)["csrf"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    filled=pairs,
    step=st.sampled_from(STEPS),
    path=st.sampled_from(["/mag-dit", "/vastleggen", "/aanmelden", "/afmelden"]),
)
def test_no_form_breaks_a_page(member: Member, filled: list[Pair], step: str, path: str) -> None:
    """Every form gets a page or a way to one, never a fault of ours; the log holds routes and codes only."""
    cookies, marked = dict(member.cookies), mark_of(member)
    before = len(member.log.written)
    answer = member.post(path, [("csrf", marked), *filled, ("step", step)])
    member.cookies = cookies
    assert answer.status_code in {200, 400}
    assert answer.headers["content-type"].startswith("text/html")
    assert BSN not in str(member.log.written[before:])
