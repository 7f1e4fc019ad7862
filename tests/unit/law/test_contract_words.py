"""The closed lists of the contract: the law takes each word of them, and no other."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, get_args

import msgspec
import pytest

from services.law import act, governance, learning
from services.law.access import AccessRegime, Remedy
from services.law.addressee import Addressee
from services.law.assessment import Answer
from services.law.duty_state import DutyStateName
from services.law.norm_set import UNVERIFIED, Checked
from services.law.operations import CLASS_BY_VERB, OperationClass
from services.law.precedence import HoldRule

DAY: Final = date(2025, 1, 1)

CONTRACT: Final[tuple[tuple[Any, str], ...]] = (
    (act.Tense, "fact | intent"),
    (act.DataRegime, "AVG|Wpg-8|Wpg-9|Wpg-13|Wpg-20|Wjsg"),
    (act.Phase, "signalling|imaging|weighing|plan|execution|aftercare"),
    (act.SubjectStatus, "listed|peripheral|bystander|third-person"),
    (act.SourceKind, "party | citizen-report | open-source | data-subject | own-observation"),
    (act.Element, "controller|purpose|basis|categories|recipients|retention|rights|source|complaint"),
    (governance.PartyKind, "public-body|police|judicial|private-controller|processor|volunteer-body|citizen"),
    (AccessRegime, "AVG|Wpg|Wjsg|unverified"),
    (Remedy, "awb-objection|court-petition|unverified"),
    (Answer, "allowed | forbidden | must-share-unless"),
    (Addressee, "subject|representative"),
    (DutyStateName, "open|done|done-late|residual|exempt|lapsed-unmet"),
    # `POST /v1/retention/holds`, and the one that follows from the law itself.
    (HoldRule, "request|complaint|breach|court|restriction | legal-hold"),
    # S1: the seven classes of event, in the words of the AVG.
    (OperationClass, "collect|consult|use|share|alter|restrict|delete"),
    # S33: which secrecy, and what opens it (WGS 2.29, Jeugdwet 7.3.11, Wpg 7, AVG 9).
    (act.SecrecyRegime, "medical|youth-care|social-support|official|police|wgs"),
    (act.SecrecyException, "explicit-consent|statutory-duty|statutory-power|good-care|none"),
    # S67 to S69: a question goes from open to learned; an opinion says yes, no, or that it depends.
    (learning.QuestionState, "open|answered|learned"),
    (learning.Position, "yes|no|depends"),
    # How far somebody has read the text of a norm.
    (Checked, "official-text-mirror|third-party-copy|in-part|old-text|unverified"),
)
WITHIN: Final[tuple[tuple[type[msgspec.Struct], str, str], ...]] = (
    (act.Act, "status", "unset|ok|error"),
    (act.ListReference, "kind", "bruto|netto"),
    (act.Confidentiality, "level", "normal|confidential|lifted"),
    (act.Consent, "given_by", "subject|representative"),
    (act.Triage, "outcome", "share|not-share|share-less"),
    (act.Notice, "form", "letter|e-mail|conversation|meeting|collective"),
    (act.Notice, "addressee", "subject|representative"),
    (governance.Partner, "role", "partner|incidental"),
    (governance.Covenant, "legal_frame", "avg-covenant|wgs-zvh"),
    (learning.Question, "asked_from", "professional|citizen"),
)


def _type_of(shape: type[msgspec.Struct], name: str) -> Any:
    return next(field.type for field in msgspec.structs.fields(shape) if field.name == name)


@pytest.mark.parametrize(
    ("kind", "listed"), [*CONTRACT, *((_type_of(shape, name), listed) for shape, name, listed in WITHIN)]
)
def test_a_closed_list_takes_its_words_and_no_other(kind: Any, listed: str) -> None:
    """Each word as the contract spells it; not in capitals, with something more, or not at all."""
    words = {word.strip() for word in listed.split("|")}
    assert set(get_args(kind)) == words
    for word in words:
        assert msgspec.json.decode(f'"{word}"'.encode(), type=kind) == word
        for other in (f"{word}s", word.swapcase(), ""):
            with pytest.raises(msgspec.ValidationError):
                msgspec.json.decode(f'"{other}"'.encode(), type=kind)


def test_a_notice_names_the_elements_in_the_order_of_the_contract() -> None:
    """Nine of them, or all at once in one word."""
    assert list(get_args(act.Element)) == list(act.NoticeElement.ALL)
    assert len(act.NoticeElement.ALL) == 9
    assert msgspec.convert("all", _type_of(act.Notice, "elements")) == "all"


def test_every_class_has_a_verb_and_every_verb_a_class() -> None:
    """A class of operation that nothing belongs to would be a word without meaning (S1)."""
    assert set(CLASS_BY_VERB.values()) == set(get_args(OperationClass))


def test_an_unverified_norm_is_called_so_in_one_word() -> None:
    """The word by which the law looks for norms that nobody read is one that a norm can have."""
    assert msgspec.convert(UNVERIFIED, Checked) == UNVERIFIED


@pytest.mark.parametrize("given", ["", "x" * 257])
def test_a_short_text_has_a_length(given: str) -> None:
    """Names and ids are neither empty nor endless, and so are refused before they are kept."""
    assert msgspec.convert("x", act.TextShort) == "x"
    assert msgspec.convert("x" * 256, act.TextShort)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(given, act.TextShort)


def test_a_long_text_may_be_empty_but_not_endless() -> None:
    """4096 characters are room for a reason."""
    assert msgspec.convert("", act.TextLong) == ""
    assert msgspec.convert("x" * 4096, act.TextLong)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert("x" * 4097, act.TextLong)


def test_an_instant_has_a_zone() -> None:
    """RFC 3339 with zone: a time without one is no instant."""
    assert msgspec.json.decode(b'"2026-05-03T09:00:00+02:00"', type=act.Instant)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'"2026-05-03T09:00:00"', type=act.Instant)


def test_a_beginning_is_called_from() -> None:
    """Partners, mandates and contracts begin `from`, a word that the code itself cannot use as a name."""
    partner = msgspec.convert({"party": "a", "from": "2025-01-01"}, governance.Partner)
    contract = msgspec.convert({"reference": "c-1", "from": "2025-01-01"}, governance.ProcessorContract)
    mandate = msgspec.convert({"id": "m", "from": "mayor", "to": "director"}, governance.Mandate)
    assert (partner.from_, contract.from_, mandate.from_) == (DAY, DAY, "mayor")
