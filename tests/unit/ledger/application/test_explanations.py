from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.law.governance import Covenant, Party, Purpose
from services.law.operations import VERBS
from services.law.register import Known, Register
from services.ledger.application import words
from services.ledger.application.explanations import explain, explain_breach, explain_read
from services.ledger.application.lines import Later, Line
from services.ledger.application.policy import ALL_PURPOSES
from services.ledger.contract.events import Envelope
from services.ledger.contract.topics import (
    ERASED,
    EXEMPTION_ENDED,
    EXEMPTION_RECORDED,
    NOTICE_RECORDED,
    PROCESSING_CORRECTED,
    PROCESSING_RECORDED,
    RETENTION_SET,
)
from services.ledger.domain.stored import StoredEvent

AT = datetime(2026, 9, 14, 22, 30, tzinfo=UTC)
WORDS_PER_SENTENCE_MAX = 22
REGISTER = Register(
    Known(entry, 0, AT)
    for entry in (
        Party(id="politie", kind="police", name="Politie Oost"),
        Covenant(id="huis", version=1, valid_from=date(2026, 1, 1), purpose="rust"),
        Purpose(id="rust", text="rust op straat"),
    )
)


def make(**fields: Any) -> Envelope:
    """An envelope of the police."""
    given: dict[str, Any] = {"controller": "politie", "occurred_at": AT, "recorded_at": AT} | fields
    return Envelope(operation_id=UUID(int=1), key="1", author="politie", **given)


def line(
    topic: str = PROCESSING_RECORDED, correction: str | None = None, *, ended: bool = False, **fields: Any
) -> Line:
    """A line, possibly with a correction or an end."""

    def event(kind: str) -> StoredEvent:
        return StoredEvent(
            lane=0,
            position=1,
            stream_id=UUID(int=2),
            version=1,
            topic=kind,
            operation_id=UUID(int=1),
            envelope=b"",
            state=None,
            leaf_hash=b"",
        )

    later = () if correction is None else (Later(event(PROCESSING_CORRECTED), make(correction=correction)),)
    if topic == EXEMPTION_RECORDED and ended:
        later = (Later(event(EXEMPTION_ENDED), make()),)
    return Line(event=event(topic), envelope=make(**fields), later=later)


def test_a_share_told_in_plain_dutch() -> None:
    """Who, on which local day, what, to whom, why, by which law and until when: in that order."""
    told = explain(
        line(
            operation="disclose-by-transmission",
            recipients=("politie", "school-openbaar"),
            data_categories=("name", "group-role"),
            covenant="huis",
            gdpr="6(1)(e)",
            holding_ends=date(2026, 12, 14),
        ),
        REGISTER,
        "Gemeentewet 172",
    )
    assert told.nl == (
        "Op 15 september 2026 heeft Politie Oost gegevens over u doorgegeven. "
        "Het gaat om uw naam en uw rol in een groep. De gegevens gingen naar Politie Oost en school openbaar. "
        "Dit was het doel: rust op straat. Als reden is deze wet genoemd: Gemeentewet 172. "
        "De gegevens mogen tot en met 14 december 2026 worden bewaard."
    )
    assert told.en.startswith("On 2026-09-15 Politie Oost passed on data about you.")


@pytest.mark.parametrize("operation", VERBS)
def test_every_verb_has_words(operation: str) -> None:
    """Every verb of the law is told in a short sentence, in both languages, without the verb's own name in Dutch."""
    told = explain(line(operation=operation, gdpr="6(1)(e)"), REGISTER, None)
    assert told.nl.startswith("Op 15 september 2026 heeft Politie Oost ")
    assert operation not in told.nl.split()
    assert all(len(sentence.split()) <= WORDS_PER_SENTENCE_MAX for sentence in told.nl.split(". "))
    assert told.en != told.nl


@pytest.mark.parametrize(
    ("correction", "said"),
    [("wrong-person", "Het ging niet over u"), ("annulled", "Het is niet gebeurd"), ("correction", "later verbeterd")],
)
def test_corrections_are_told(correction: str, said: str) -> None:
    """The person reads that the line was wrong, and in what way."""
    assert said in explain(line(operation="collect", correction=correction), REGISTER, None).nl
    assert said not in explain(line(operation="collect"), REGISTER, None).nl


def test_the_term_is_told_as_it_was_set_last() -> None:
    """Not as the act gave it; nothing is said of a term where none is known."""
    given = line(operation="collect", holding_ends=date(2026, 12, 10))
    event = msgspec.structs.replace(given.event, topic=RETENTION_SET)
    changed = msgspec.structs.replace(given, later=(Later(event, make(new_holding_ends=date(2026, 10, 31))),))
    assert "tot en met 10 december 2026" in explain(given, REGISTER, None).nl
    assert explain(changed, REGISTER, None).nl.endswith("De gegevens mogen tot en met 31 oktober 2026 worden bewaard.")
    assert explain(changed, REGISTER, None).en.endswith("The data may be kept until 2026-10-31.")
    assert "bewaard" not in explain(line(operation="collect"), REGISTER, None).nl


def test_a_missing_law_is_told() -> None:
    """When no ground was written down the person may know that."""
    assert "niet opgeschreven van welke wet" in explain(line(operation="collect"), REGISTER, None).nl


def test_notice_and_exemption() -> None:
    """A notice names who told and for whom; an exemption who decided and on what provision."""
    notice = line(NOTICE_RECORDED, given_by="school", form="conversation")
    told = explain(notice, REGISTER, None).nl
    assert "heeft school u in een gesprek verteld" in told
    assert "namens Politie Oost" in told
    exemption = line(EXEMPTION_RECORDED, decided_by="politie", norm="UAVG 41(1)(d)")
    assert "besloot Politie Oost" in explain(exemption, REGISTER, None).nl
    assert "UAVG 41(1)(d)" in explain(exemption, REGISTER, None).nl


def test_the_end_of_an_exemption_and_an_erasure_are_told() -> None:
    """That the reason not to tell has gone; how much was erased, and until when backups may hold it."""
    exemption = line(EXEMPTION_RECORDED, ended=True, decided_by="politie", norm="UAVG 41(1)(d)")
    assert explain(exemption, REGISTER, None).nl.endswith("Die reden is op 15 september 2026 vervallen.")
    erased = explain(line(ERASED, erased_events=3, backups_until=date(2026, 10, 15)), REGISTER, None)
    assert "heeft Politie Oost 3 regels over u in dit logboek gewist" in erased.nl
    assert erased.nl.endswith("tot en met 15 oktober 2026.")
    assert "Backups" not in explain(line(ERASED, erased_events=0), REGISTER, None).en
    emptied = explain(line(ERASED, erased_events=0, spared=(7,)), REGISTER, None)
    assert "van sommige regels de inhoud gewist" in emptied.nl
    assert "erased 0 lines" not in emptied.en


@pytest.mark.parametrize("purpose", sorted(ALL_PURPOSES))
def test_every_read_purpose_has_words(purpose: str) -> None:
    """Why somebody looked is told for every purpose, and ends as a sentence."""
    told = explain_read("Politie Oost", purpose, words.day_of(AT))
    assert told.nl.endswith(f"gekeken {words.read_purpose(purpose).nl}.")
    assert words.read_purpose(purpose).nl
    assert told.en.startswith("On 2026-09-15 Politie Oost looked at lines about you")


def test_a_breach_names_the_place_and_the_data() -> None:
    """A breach line tells where and what."""
    told = explain_breach(make(breach_party="politie"), ("name",), REGISTER)
    assert told.nl == "Op 15 september 2026 was er een datalek bij Politie Oost. Het gaat om uw naam."
    unsaid = explain_breach(make(breach_party="politie"), (), REGISTER)
    assert unsaid.nl == "Op 15 september 2026 was er een datalek bij Politie Oost."
    assert unsaid.en == "On 2026-09-15 there was a data breach at Politie Oost."


def test_lists_of_words() -> None:
    """One, two and three things read as a list."""
    assert [words.joined(list("abc")[:n], "en") for n in (0, 1, 2, 3)] == ["", "a", "a en b", "a, b en c"]
