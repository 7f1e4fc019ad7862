"""Forms: what a browser sends, read strictly and bounded."""

from __future__ import annotations

import pytest

from services.gateway.web.forms import EMPTY, Form, read_form
from services.runtime import limits
from services.runtime.errors import Rejected


def test_a_field_keeps_all_its_values_in_order() -> None:
    """Boxes of one name come as several values; the first is what a single field has."""
    form = read_form(b"category=name&category=school&person=999990019")
    assert (form.all("category"), form.one("category"), form.one("person")) == (("name", "school"), "name", "999990019")


def test_what_is_left_empty_is_not_there() -> None:
    """An empty field and one of spaces are the same as none; text loses the spaces around it."""
    form = read_form(b"a=&b=+++&c=+x+")
    assert (form.one("a"), form.all("b"), form.one("c"), form.one("d")) == ("", (), "x", "")


def test_letters_beyond_ascii_arrive_whole() -> None:
    """UTF-8 in percent signs becomes the letters that were typed."""
    assert read_form(b"proportionality=%C3%A9%C3%A9n+zin").one("proportionality") == "één zin"


@pytest.mark.parametrize("raw", [b"\xff=1", b"a=%FF", b"&".join([b"a=1"] * (limits.PAGE_FORM_FIELDS_MAX + 1))])
def test_what_is_no_form_of_ours_is_rejected(raw: bytes) -> None:
    """Bytes that are no form, letters that are no UTF-8, and more fields than any page has."""
    with pytest.raises(Rejected) as caught:
        read_form(raw)
    assert [fault.code for fault in caught.value.errors] == ["form-invalid"]


def test_only_what_stands_in_a_form_is_carried_on() -> None:
    """The fields that say what to do with a form are not carried to the next page."""
    form = read_form(
        b"csrf=x&step=ask&language=en&then=ask&card_covenant=c&card_version=1&person=1&category=a&category=b"
    )
    assert list(form.pairs()) == [("person", "1"), ("category", "a"), ("category", "b")]


def test_setting_a_field_leaves_the_form_itself_alone() -> None:
    """A form with another value is another form."""
    form = Form({"moment": ("a",)})
    assert (form.having(moment="b").one("moment"), form.one("moment"), EMPTY.having(key="k").one("key")) == (
        "b",
        "a",
        "k",
    )
