"""What the law refuses, told in a stable code and in sentences."""

from __future__ import annotations

import pytest

from services.law.errors import LawError, OperationUnknownError, PeriodInvalidError
from services.law.identifiers import Bsn, canonical_identifier
from services.law.operations import CLASS_BY_VERB, OTHER
from services.law.periods import parse_period
from tests.unit.law.sentences import is_code, is_sentence


def _kinds(of: type[LawError] = LawError) -> list[type[LawError]]:
    ours = [kind for kind in of.__subclasses__() if kind.__module__.startswith("services.law.")]
    return [of, *(below for kind in ours for below in _kinds(kind))]


@pytest.mark.parametrize("kind", _kinds(), ids=lambda kind: kind.__name__)
def test_a_refusal_says_what_is_wrong_and_what_helps(kind: type[LawError]) -> None:
    """A code that a program can keep to, the rule in one sentence and the remedy in whole sentences."""
    assert is_code(kind.code)
    assert is_sentence(str(kind()))
    assert is_sentence(kind.remedy)


def test_each_refusal_has_a_code_of_its_own() -> None:
    """Whoever handles one by its code never handles another by it."""
    codes = [kind.code for kind in _kinds()]
    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize("text", ["999990018", "12345", "99999001x", ""])
def test_a_refused_number_is_not_told(text: str) -> None:
    """Neither the message nor the remedy repeats a number that failed the eleven-test (Wabb 1)."""
    with pytest.raises(LawError) as refused:
        canonical_identifier("BSN", text)
    assert refused.value.code == "bsn-invalid"
    assert not text or text not in str(refused.value) + refused.value.remedy
    assert str(Bsn.parse("999990019")) == repr(Bsn.parse("999990019")) == "Bsn(…)"


def test_the_examples_of_a_period_are_periods() -> None:
    """Whoever writes what the remedy shows is not refused again."""
    examples = [word.strip(".,") for word in PeriodInvalidError.remedy.split() if word.startswith("P")]
    assert len(examples) == 4
    assert all(parse_period(example) for example in examples)


def test_what_an_unknown_verb_may_be_instead_is_a_verb() -> None:
    """The remedy names `other`, which is in the table or stands beside it, and asks for a description."""
    assert f"`{OTHER}`" in OperationUnknownError.remedy
    assert OTHER not in CLASS_BY_VERB
