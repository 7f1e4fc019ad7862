"""Which orders for letters are rejected."""

from __future__ import annotations

import re

import pytest

from services.notifier.application.write_to_person import find_faults
from services.notifier.domain.settings import ChannelSettings, SmtpSettings
from tests.support.notifier import breach_facts, erased_facts, notice_facts, person_letter

SMTP = SmtpSettings(host="mail.x.example", sender="g@x.example")


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"address": ()}, {"/address"}),
        ({"address": ("a", " ")}, {"/address"}),
        ({"address": ("x" * 101,)}, {"/address"}),
        ({"address": ("a",) * 8}, {"/address"}),
        ({"channel": "smtp"}, {"/address"}),
        ({"channel": "smtp", "address": ("a@b.example", "c@d.example")}, {"/address"}),
        ({"dutch": breach_facts()}, {"/dutch"}),
        ({"english": erased_facts()}, {"/english"}),
        ({"kind": "breach-to-person"}, {"/dutch"}),
        ({"dutch": notice_facts(purpose="x" * 4001)}, {"/dutch"}),
        ({"dutch": notice_facts(recipients=("x",) * 201)}, {"/dutch"}),
        ({"salutation": " "}, {"/salutation"}),
        ({"salutation": "x" * 101}, {"/salutation"}),
        ({"dutch": notice_facts(purpose=" ")}, {"/dutch"}),
        ({"english": notice_facts(categories=("uw naam", ""))}, {"/english"}),
        ({"address": (), "dutch": breach_facts(), "english": erased_facts()}, {"/address", "/dutch", "/english"}),
    ],
)
def test_an_order_that_cannot_be_sent(changes: dict[str, object], pointers: set[str]) -> None:
    """All its faults at once, and without a word of what stands in it."""
    faults = list(find_faults(person_letter(**changes), ChannelSettings(smtp=SMTP)))
    assert {fault.pointer for fault in faults} == pointers
    assert not re.search("Kanarie|kolenmijn|xxx", str(faults))


@pytest.mark.parametrize(
    ("channels", "is_fine"),
    [
        (ChannelSettings(smtp=SMTP), True),
        (ChannelSettings(), False),
        (ChannelSettings(smtp=SmtpSettings(host="mail.x.example", sender="g@x.example", security="none")), False),
        (ChannelSettings(smtp=SmtpSettings(host="localhost", sender="g@x.example", security="none")), True),
    ],
)
def test_mail_to_a_person_needs_a_line_that_nobody_overhears(channels: ChannelSettings, *, is_fine: bool) -> None:
    """Without such a server it must be a letter."""
    letter = person_letter(channel="smtp", address=("jan@x.example",))
    assert (list(find_faults(letter, channels)) == []) is is_fine


def test_a_good_order_has_no_faults() -> None:
    """Each kind with its own facts, in one language or two."""
    for letter in (
        person_letter(english=notice_facts()),
        person_letter(kind="notice-to-child"),
        person_letter(kind="breach-to-person", dutch=breach_facts()),
        person_letter(kind="erased-to-person", dutch=erased_facts(), english=erased_facts()),
    ):
        assert list(find_faults(letter, ChannelSettings())) == []
