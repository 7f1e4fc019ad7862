from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from uuid import UUID

import pytest

from services.ledger.application.policy import (
    ALL_PURPOSES,
    LOG_PURPOSES,
    RULES,
    Call,
    Frame,
    PurposeMissing,
    PurposeNotAllowed,
    Relation,
    audits,
    authorise,
    may_read,
    relation,
    sees_identity,
    takes_part,
)
from services.ledger.contract.errors import NotAllowed
from services.ledger.contract.events import Envelope
from services.ledger.contract.messages import Caller, ReadPurpose, SubjectIdentifier
from services.ledger.contract.topics import (
    NOTICE_RECORDED,
    PROCESSING_INTENDED,
    PROCESSING_RECORDED,
    PROCESSING_REFUSED,
)
from services.runtime.errors import GrootboekError

NOW = datetime(2026, 9, 1, tzinfo=UTC)
SCOPES = (
    "processing:write",
    "processing:read",
    "subject:access",
    "inquiry",
    "breach",
    "governance",
    "retention",
    "notice",
    "audit",
)
PERSON = SubjectIdentifier(id_type="BSN", id="999990019")
TOPICS = (PROCESSING_RECORDED, PROCESSING_INTENDED, PROCESSING_REFUSED)
REGIMES = ("AVG", "Wpg-8", "Wpg-20")
READERS = ("controller", "processor", "recipient", "contact", "stranger", "author")


def envelope(regime: str = "AVG", tense: str = "fact") -> Envelope:
    """A line in which everyone has a part."""
    return Envelope(
        operation_id=UUID(int=1),
        key="1",
        author="author",
        recorded_at=NOW,
        occurred_at=NOW,
        tense=tense,
        controller="controller",
        processor="processor",
        recipients=("recipient",),
        data_regime=regime,
        covenant="covenant",
    )


@pytest.mark.parametrize(("call", "scope"), list(product(Call, SCOPES)))
def test_scope(call: Call, scope: str) -> None:
    """A call opens with one of its own scopes and with no other."""
    purpose = next(iter(sorted(RULES[call].purposes)), None)
    caller = Caller(party="p", scopes=frozenset({scope}), purpose=purpose)
    if scope in RULES[call].scopes:
        authorise(caller, call)
    else:
        with pytest.raises(NotAllowed):
            authorise(caller, call)


@pytest.mark.parametrize(("call", "purpose"), list(product(Call, sorted(ALL_PURPOSES))))
def test_purpose(call: Call, purpose: str) -> None:
    """A read opens for its own purposes only; a call that reads nobody asks for none."""
    rule = RULES[call]
    caller = Caller(party="p", scopes=rule.scopes, purpose=purpose)  # type: ignore[arg-type]
    if not rule.purposes or purpose in rule.purposes:
        authorise(caller, call)
    else:
        with pytest.raises(PurposeNotAllowed):
            authorise(caller, call)


@pytest.mark.parametrize("call", list(Call))
def test_purpose_missing(call: Call) -> None:
    """A read without purpose is rejected with a stable code; opening a dossier needs none."""
    caller = Caller(party="p", scopes=RULES[call].scopes)
    if RULES[call].purposes:
        with pytest.raises(PurposeMissing) as raised:
            authorise(caller, call)
        assert [error.code for error in raised.value.errors] == ["read-purpose-missing"]
    else:
        authorise(caller, call)


@pytest.mark.parametrize("call", list(Call))
def test_subject_token(call: Call) -> None:
    """A token of a person opens only what a citizen may ask, however wide its scopes are."""
    rule = RULES[call]
    purpose = next(iter(sorted(rule.purposes)), None)
    caller = Caller(party="p", scopes=frozenset(SCOPES), purpose=purpose, subject=PERSON)
    if rule.by_subject:
        authorise(caller, call)
    else:
        with pytest.raises(GrootboekError):
            authorise(caller, call)


def expected(reader: str, topic: str, regime: str, purpose: str, *, audit: bool, wgs: bool) -> bool:
    """The read rule in other words: a table of who takes part, and the purposes of limited logs."""
    takes_part = reader in {"controller", "processor"}
    takes_part |= reader == "recipient" and topic != PROCESSING_REFUSED
    takes_part |= reader == "author" and topic == PROCESSING_REFUSED
    if takes_part:
        return True
    limited = wgs or regime != "AVG"
    if audit:
        return not limited or purpose in LOG_PURPOSES
    as_contact = reader == "contact" and topic != PROCESSING_REFUSED and purpose in {"access-request", "breach"}
    return as_contact and not limited


@pytest.mark.parametrize(("reader", "topic", "regime"), list(product(READERS, TOPICS, REGIMES)))
def test_may_read(reader: str, topic: str, regime: str) -> None:
    """Every combination of reader, kind of event, regime, purpose, audit and WGS agrees with the rule."""
    for purpose, audit, wgs in product(sorted(ALL_PURPOSES), (False, True), (False, True)):
        scopes = frozenset({"audit"} if audit else {"processing:read"})
        caller = Caller(party=reader, scopes=scopes, purpose=purpose)
        found = may_read(caller, topic, envelope(regime), Frame("contact", wgs))
        assert found is expected(reader, topic, regime, purpose, audit=audit, wgs=wgs), (purpose, audit, wgs)


@pytest.mark.parametrize(("regime", "about"), list(product(REGIMES, (True, False))))
def test_subject_reads_own(regime: str, about: bool) -> None:  # noqa: FBT001
    """A person reads what is about him, police lines too, and nothing that his token's party takes part in."""
    caller = Caller(party="controller", scopes=frozenset({"audit"}), subject=PERSON, purpose="access-request")
    assert may_read(caller, PROCESSING_RECORDED, envelope(regime), Frame(), about_caller=about) is about


def test_giver_reads_notice() -> None:
    """Who gave a notice for another reads it."""
    notice = Envelope(
        operation_id=UUID(int=1), key="1", author="a", recorded_at=NOW, occurred_at=NOW, controller="c", given_by="g"
    )
    assert relation(Caller(party="g"), NOTICE_RECORDED, notice, Frame()) is Relation.OWN
    assert relation(Caller(party="a"), NOTICE_RECORDED, notice, Frame()) is Relation.NONE


@pytest.mark.parametrize(
    ("found", "tense", "shown"),
    [
        (Relation.SUBJECT, "fact", True),
        (Relation.OWN, "intent", True),
        (Relation.RECIPIENT, "fact", True),
        (Relation.RECIPIENT, "intent", False),
        (Relation.CONTACT, "fact", False),
        (Relation.AUDIT, "fact", False),
        (Relation.NONE, "fact", False),
    ],
)
def test_identity(found: Relation, tense: str, shown: bool) -> None:  # noqa: FBT001
    """The identifier goes to who has it already; an intent discloses nothing to its recipient."""
    assert sees_identity(found, envelope(tense=tense)) is shown


@pytest.mark.parametrize(("party", "part"), [("owes", True), ("demands", True), ("stranger", False)])
def test_an_obligation_is_the_affair_of_who_owes_and_who_demands(*, party: str, part: bool) -> None:
    """Both take part in it; nobody else does, and no person's token."""
    assert takes_part(Caller(party=party), "owes", ("demands", "owes")) is part
    assert not takes_part(Caller(party=party, subject=PERSON), "owes", ("demands",))


@pytest.mark.parametrize("purpose", sorted(ALL_PURPOSES))
def test_what_the_law_limits_is_audited_for_that_only(purpose: ReadPurpose) -> None:
    """With audit everything is seen, what a police act brought for the purposes of its log only."""
    auditor = Caller(party="a", scopes=frozenset({"audit"}), purpose=purpose)
    assert audits(auditor, limited=False)
    assert audits(auditor, limited=True) is (purpose in LOG_PURPOSES)
    assert not audits(Caller(party="a", scopes=frozenset({"retention"}), purpose=purpose), limited=False)
    assert not audits(Caller(party="a", scopes=frozenset({"audit"}), purpose=purpose, subject=PERSON), limited=False)
