"""The words by which the law names what it found: each has its norm, its sentence or its use, and none is left over."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import msgspec
import pytest

from services.law.inform import NORMS_BY_MOMENT, Moment
from services.law.keeping import text_of, text_of_rule
from services.law.legal_clock import LegalClock, Urgency, at_moment, without_delay
from services.law.necessity_text import Field
from services.law.operations import OPERATION_CLASSES, OperationClass
from services.law.precedence import FILE_RULES, Claim, FileRule, HoldRule, KeepingRule, MaximumRule, TermRule
from services.law.sensitive_categories import KIND_BY_ID, SPECIAL_KINDS, Kind
from services.law.statutory_clocks import breach_register_clock, petition_clock, retention_end_clock
from services.ledger.storage.norms import packaged_norms
from tests.unit.law.builders import DAY


def test_each_moment_to_tell_has_the_norm_that_sets_it() -> None:
    """AVG 13, the three of AVG 14(3), and Wmo 5.3.1: five moments, five norms of the pack."""
    assert set(get_args(Moment)) == set(NORMS_BY_MOMENT)
    assert len(set(NORMS_BY_MOMENT.values())) == 5
    assert set(NORMS_BY_MOMENT.values()) <= set(packaged_norms())


def test_the_kinds_of_sensitive_data_are_those_of_the_law() -> None:
    """Eight of AVG 9(1), criminal data (AVG 10), and what may be; each has a category, and no category another."""
    assert set(get_args(Kind)) == set(KIND_BY_ID.values())
    assert set(get_args(Kind)) - SPECIAL_KINDS == {"criminal", "maybe-criminal"}
    assert len(SPECIAL_KINDS) == 8


def test_the_classes_of_operations_are_one_list() -> None:
    """The table of verbs and the field of the contract name the same classes."""
    assert set(get_args(OperationClass)) == set(OPERATION_CLASSES)


def test_the_reasons_of_a_necessity_are_its_two_fields() -> None:
    """Proportionality and subsidiarity, as the contract spells them."""
    assert get_args(Field) == ("proportionality", "subsidiarity")


CITED = {
    "act": "",
    "covenant-phase": "",
    "activity": "AVG 30",
    "wpg-8": "Wpg 8(6)",
    "wgs-maximum": "WGS 1.8(7)",
    "wgs-renewal": "BGS 1.16",
    "bgs-not-taken-up": "BGS 1.16(1)",
    "jw-7-3-8": "Jeugdwet 7.3.8(3)",
    "wmo-5-3-4": "Wmo 2015 5.3.4",
    "statutory-minimum": "",
    "legal-hold": "",
    "request": "AVG 15, 18",
    "complaint": "",
    "breach": "AVG 33(5)",
    "court": "AVG 17(3)",
    "restriction": "AVG 18",
}


@pytest.mark.parametrize(("rule", "cited"), CITED.items())
def test_a_rule_on_keeping_says_where_it_stands(rule: Any, cited: str) -> None:
    """Each rule that can hold has a sentence with its article, and can be sent on."""
    claim = Claim(rule, "P2Y", date(2028, 6, 1))
    assert msgspec.convert(msgspec.to_builtins(claim), Claim) == claim
    assert cited in text_of(claim).en
    assert text_of_rule(rule) is not None


def test_the_rules_on_keeping_are_maxima_files_a_minimum_and_holds() -> None:
    """Every rule is in one of the four, so that their order is an order of all of them (precedence)."""
    maxima, files, holds = (set(get_args(kind)) for kind in (MaximumRule, FileRule, HoldRule))
    assert set(get_args(KeepingRule)) == set(CITED)
    assert maxima | files | {"statutory-minimum"} | holds == set(CITED)
    assert set(get_args(TermRule)) == maxima | files
    assert files == FILE_RULES
    assert text_of_rule("no-such-rule") is None


@pytest.mark.parametrize(
    ("clock", "urgency"),
    [
        (at_moment("avg-13", "at-once", DAY, DAY), "at-once"),
        (at_moment("avg-14-4", "before", DAY, DAY), "before"),
        (without_delay("avg-34", DAY), "without-delay"),
        (breach_register_clock(), "always"),
        (petition_clock(None), "no-term"),
        (petition_clock(DAY), "term"),
        (retention_end_clock(DAY, "P1Y"), "on-date"),
    ],
)
def test_a_clock_ends_in_one_of_seven_ways(clock: LegalClock, urgency: str) -> None:
    """With its term, at its start, as soon as can be, before an act, on a date, never, or whenever."""
    assert msgspec.convert(clock.urgency, Urgency) == urgency
    assert len(get_args(Urgency)) == 7
