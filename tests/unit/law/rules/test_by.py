"""What a controller is, of which a rule can find something: told by the party alone."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from services.law.catalogue import RULES
from services.law.governance import Party, PartyKind
from services.law.rules.by import authority, municipality, never_a_controller, no_authority, police, under_secrecy

KINDS: tuple[str, ...] = get_args(PartyKind)
AUTHORITIES = {"public-body", "police", "judicial"}
DECIDE_NOTHING = {"processor", "citizen"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_an_authority_or_it_is_not(kind: Any) -> None:
    """AVG 6(1), UAVG 46(1): public bodies, police and judicial authorities are authorities; no other kind is."""
    party = Party(id="x", kind=kind)
    assert authority(party) is (kind in AUTHORITIES)
    assert no_authority(party) is (kind not in AUTHORITIES)


@pytest.mark.parametrize("kind", KINDS)
def test_processors_and_citizens_are_no_controllers(kind: Any) -> None:
    """AVG 28(10): whoever decides no purposes and means is no controller."""
    assert never_a_controller(Party(id="x", kind=kind)) is (kind in DECIDE_NOTHING)


@pytest.mark.parametrize("kind", KINDS)
def test_the_police_are_of_one_kind(kind: Any) -> None:
    """Wpg 1: not prosecution, nor a body with investigating officers."""
    assert police(Party(id="x", kind=kind)) is (kind == "police")


@pytest.mark.parametrize(
    ("secrecy", "kept"),
    [(None, False), ("medical", True), ("youth-care", True), ("social-support", True), ("official", False)],
)
def test_a_professional_secrecy_is_kept_as_a_rule(*, secrecy: Any, kept: bool) -> None:
    """BW 7:457, Jeugdwet 7.3.11, Wmo 5.3.3; whoever is bound as an official has the exception in its task (Awb 2:5)."""
    assert under_secrecy(Party(id="x", kind="private-controller", secrecy=secrecy)) is kept


def test_of_a_party_that_nobody_knows_nothing_is_said() -> None:
    """An unknown controller is no authority, no municipality, no processor, no police and under no secrecy."""
    for standing in (authority, no_authority, municipality, never_a_controller, police, under_secrecy):
        assert standing(None) is False


def test_no_rule_is_asked_of_a_controller_that_nobody_knows_because_of_what_it_is() -> None:
    """Whatever a rule says about the controller, it says of one that stands in the register."""
    assert not any(by(None) for rule in RULES for by in (rule.by, rule.or_by) if by is not None)
