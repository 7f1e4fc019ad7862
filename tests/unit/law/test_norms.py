"""The norm data, and the catalogue of findings that rests on them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

import services.law.norms as norm_folder
from services.law.catalogue import CATALOGUE, RULES, declared_codes, finding_codes
from services.law.clocks import due_by_regulation, due_by_termijnenwet
from services.law.errors import NormsInvalidError
from services.law.inform import NORMS_BY_MOMENT
from services.law.norm_set import NO_NORMS, Norm, NormSet, parse_norms
from services.law.periods import Period
from services.law.register import Register
from services.law.texts import Text
from services.law.verdict import Block, Outcome
from services.ledger.storage.norms import packaged_norms
from tests.unit.law.sentences import is_code

TODAY = date(2026, 11, 26)
CONTRACT_CODES = [
    "necessity-missing",
    "purpose-missing",
    "ground-missing",
    "statute-not-of-controller",
    "own-ground-missing",
    "holder-basis-missing",
    "covenant-not-a-ground",
    "covenant-choice-open",
    "category-outside-annex",
    "bystander-excluded",
    "recipient-without-ground",
    "source-not-party",
    "processor-contract-missing",
    "late-entry",
    "oral-notice-unrequested",
    "exemption-factors-missing",
    "exemption-late",
    "archive-result-missing",
    "inform-overdue",
    "bsn-not-entitled",
    "retention-unknown",
    "register-unknown",
]
VIOLATIONS = {
    "bystander-excluded",
    "category-outside-annex",
    "recipient-without-ground",
    "processor-contract-missing",
    "covenant-not-a-ground",
}
# Given by notices, exemptions and projections, not by the rules on acts.
ELSEWHERE = {
    "oral-notice-unrequested",
    "notice-addressee-unfit",
    "exemption-factors-missing",
    "exemption-norm-unknown",
    "exemption-late",
    "holder-basis-missing",
}
ONE = """
- id: {id}
  citation: a
  binds: b
  block: care
  rule: {{nl: c, en: d}}
  verified: {verified}
  checked: {checked}
  validFrom: {begins}
  validUntil: 2020-01-01
"""


@pytest.fixture(scope="module")
def norms() -> NormSet:
    """All norms of the law."""
    return packaged_norms()


def test_the_norms_are_read(norms: NormSet) -> None:
    """Every norm of every file, each with a rule in both languages."""
    folder = Path(norm_folder.__path__[0])
    assert len(norms) == sum(path.read_text().count("\n- id: ") for path in folder.glob("*.yaml"))
    assert all(norm.rule.nl and norm.rule.en and norm.citation for norm in norms.values())


def test_every_rule_and_code_names_existing_norms(norms: NormSet) -> None:
    """No finding rests on a norm that is not in the pack."""
    named = {norm for code in finding_codes() for norm in code.norms} | set(NORMS_BY_MOMENT.values())
    named |= {move.rule for move in due_by_regulation(date(2026, 9, 4), Period(days=2)).moved_by}
    named |= {move.rule for move in due_by_termijnenwet(date(2026, 9, 4), Period(days=3)).moved_by}
    named |= {move.rule for move in due_by_termijnenwet(date(2026, 9, 4), Period(days=2)).moved_by}
    assert named - set(norms) == set()


def test_an_unverified_norm_never_makes_a_violation(norms: NormSet) -> None:
    """A code that can be a violation rests on a norm that is in force today and that somebody has read."""
    read = {norm.id for norm in norms.values() if norm.verified and norm.valid_on(TODAY)}
    shaky = {
        code.code for code in finding_codes() if Outcome.VIOLATION in code.severities and read.isdisjoint(code.norms)
    }
    assert shaky == set()


def test_the_catalogue_holds_the_contract() -> None:
    """Every code of the contract, its severity as the contract says, its texts in both languages."""
    assert set(CONTRACT_CODES) <= set(CATALOGUE)
    violations = {code.code for code in finding_codes() if code.severity is Outcome.VIOLATION}
    assert violations & set(CONTRACT_CODES) == VIOLATIONS
    assert all(text for code in finding_codes() for part in (code.message, code.remedy) for text in (part.nl, part.en))
    assert [code.code for code in finding_codes()] == sorted(CATALOGUE)


def test_every_code_serves_a_row_of_the_requirements() -> None:
    """A finding that nobody asked for would be one too many: each names at least one of S1 to S83."""
    rows = {f"S{number}" for number in range(1, 84)}
    assert all(code.requirements and set(code.requirements) <= rows for code in finding_codes())
    assert all(is_code(code.code) for code in finding_codes())


def test_every_code_has_one_rule() -> None:
    """A code is declared once; a code of an act is found by exactly one rule."""
    assert len(CATALOGUE) == len([*declared_codes()])
    assert sorted(declared.code for declared in RULES) == sorted(set(CATALOGUE) - ELSEWHERE)


def test_the_catalogue_goes_out_as_json() -> None:
    """The shape of `GET /v1/finding-codes`."""
    found = msgspec.to_builtins(CATALOGUE["purpose-missing"])
    assert set(found) == {"code", "block", "severities", "norms", "requirements", "message", "remedy"}
    assert (found["block"], set(found["message"])) == ("purpose", {"nl", "en"})


@pytest.mark.parametrize(
    "text",
    [
        "not: a list",
        ": : :",
        "- id: a",
        ONE.format(id="a", verified="true", checked="unverified", begins="2019-01-01"),
        ONE.format(id="a", verified="true", checked="in-part", begins="2021-01-01"),
        ONE.format(id="a", verified="true", checked="in-part", begins="2019-01-01") * 2,
        ONE.format(id="a", verified="true", checked="in-part", begins="2019-01-01") + "  checkBefore: soon",
    ],
)
def test_contradicting_norms_are_refused(text: str) -> None:
    """Not YAML of the shape, unread yet verified, an end before its beginning, one id twice, no moment to look."""
    with pytest.raises(NormsInvalidError):
        parse_norms([text])


def test_what_a_norm_leaves_out_is_not_known() -> None:
    """The least that a norm says, and what is taken for the rest; a norm may be in force for one day."""
    least = "- {id: a, citation: b, binds: c, block: care, rule: {nl: d, en: e}, verified: false, checked: unverified}"
    assert parse_norms([least])["a"] == Norm(
        id="a",
        citation="b",
        binds="c",
        block=Block.CARE,
        rule=Text("d", "e"),
        verified=False,
        checked="unverified",
        valid_from=None,
        valid_until=None,
        valid_from_checked=True,
        checked_against=None,
        checked_on=None,
        state_of_text=None,
        check_before=None,
        note=None,
        dpv=(),
    )
    one_day = ONE.format(id="a", verified="true", checked="in-part", begins="2020-01-01")
    assert parse_norms([one_day])["a"].valid_from == parse_norms([one_day])["a"].valid_until
    assert dict(NO_NORMS) == {}
    assert Register().norms is NO_NORMS


@pytest.mark.parametrize("moment", ["release", '"2027-01-31"'])
def test_a_norm_says_when_to_look_again(moment: str) -> None:
    """Before a release, or by a day."""
    text = ONE.format(id="a", verified="true", checked="in-part", begins="2019-01-01") + f"  checkBefore: {moment}"
    assert parse_norms([text])["a"].check_before == moment.strip('"')


@pytest.mark.parametrize(
    ("day", "valid"), [("2018-12-31", False), ("2019-01-01", True), ("2020-01-01", True), ("2020-01-02", False)]
)
def test_norms_have_a_validity(*, day: str, valid: bool) -> None:
    """Both ends are inclusive."""
    (norm,) = parse_norms([ONE.format(id="a", verified="true", checked="in-part", begins="2019-01-01")]).values()
    assert norm.valid_on(date.fromisoformat(day)) is valid
    assert msgspec.structs.replace(norm, valid_from=None).valid_on(date(1900, 1, 1))
    assert msgspec.structs.replace(norm, valid_until=None).valid_on(date(2900, 1, 1))
