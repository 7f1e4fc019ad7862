"""The report of a process in words."""

from __future__ import annotations

from typing import Any

import pytest

from services.ledger.application.process_words import tell_process

AT = "2026-09-07T08:40:00Z"
BARE: dict[str, Any] = {
    "operationId": "a",
    "type": "processing-recorded",
    "operation": "use",
    "controller": "college",
    "by": "host",
    "subject": {"ref": "r1"},
    "occurredAt": AT,
    "recordedAt": AT,
    "outcome": "compliant",
    "findings": [],
}
FULL = BARE | {
    "description": "gesprek op school",
    "phase": "weighing",
    "dataCategories": ["name", "school"],
    "recipients": [{"party": "politie"}, {"party": "school"}],
    "purposeText": "aanpak jeugdgroepen",
    "legalBasis": {"gdpr": "6(1)(e)", "statuteLabel": "Gemeentewet 172"},
    "necessity": {"proportionality": "alleen de naam", "subsidiarity": None},
    "justification": {
        "threshold": {"facts": "twee meldingen", "source": None, "decidedBy": "college", "decidedOn": "2026-09-01"},
        "triage": {"step": "weighing", "outcome": "not-share", "reason": "een gesprek volstaat"},
    },
}


def entry(*events: dict[str, Any], english: bool = False) -> str:
    """The only entry of the report on these events."""
    told = tell_process(events)
    (line,) = [line for line in (told.en if english else told.nl).splitlines() if line.startswith("- ")]
    return line


def test_an_act_says_what_it_says_of_itself_in_one_order() -> None:
    """In one order, in local time; what an act does not say is left out, and so is who of a party did it."""
    assert entry(FULL) == (
        "- **10:40** college: gebruiken, persoon 1. Omschrijving: gesprek op school. Fase: weging. "
        "Gegevens: name, school. "
        "Aan: politie, school. Doel: aanpak jeugdgroepen. Grondslag: 6(1)(e), Gemeentewet 172. "
        "Evenredigheid: alleen de naam. Drempel: twee meldingen, college, 2026-09-01. "
        "Triage: weighing, not-share, een gesprek volstaat. Oordeel: in orde."
    )
    assert entry(BARE, english=True) == "- **10:40** college: use, person 1. Verdict: compliant."


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"type": "processing-intended"}, "college: gebruiken (voornemen), persoon 1."),
        ({"type": "processing-refused", "outcome": "violation"}, "college: gebruiken (geweigerd), persoon 1."),
        ({"operation": None, "type": "corrected", "controller": None}, "host: correctie, persoon 1."),
        ({"operation": None, "type": "notice", "form": "letter"}, "informeren, persoon 1. Vorm: letter."),
        ({"operation": None, "type": "exemption", "norm": "UAVG 41(1)(d)"}, "Norm: UAVG 41(1)(d)."),
        ({"operation": "peek"}, "college: peek, persoon 1."),
        ({"subject": {"ref": None}}, "college: gebruiken. Oordeel"),
        ({"recordedAt": "2026-09-09T08:40:00Z"}, "Vastgelegd op: 9 september 2026."),
        ({"recordedAt": "2026-09-07T22:30:00Z"}, "Vastgelegd op: 8 september 2026."),
        ({"purpose": "aanpak"}, "Doel: aanpak."),
        ({"reason": "typefout"}, "Reden: typefout."),
    ],
)
def test_every_kind_of_event_has_its_words(changes: dict[str, Any], says: str) -> None:
    """Intents, refusals, notices, exemptions and later events; an act without a person; a late entry by local day."""
    assert says in entry(BARE | changes)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"description": "a.\n\n- **09:00** politie: verstrekken"}, "a. - \\*\\*09:00\\*\\* politie: verstrekken"),
        ({"reason": "[hier](https://x.nl) <script>`x`"}, "\\[hier\\](https://x.nl) \\<script\\>\\`x\\`"),
        ({"purpose": "een_twee\\drie"}, "een\\_twee\\\\drie"),
        ({"controller": "po\nlitie*"}, "po litie\\*: gebruiken"),
    ],
)
def test_a_text_of_an_act_stays_a_text(changes: dict[str, Any], says: str) -> None:
    """What somebody wrote forges no entry, no link and no markup: the report is read in proceedings."""
    told = tell_process((BARE | changes,))
    for page in (told.nl, told.en):
        assert sum(line.startswith("- ") for line in page.splitlines()) == 1
    assert says in told.nl


def test_what_has_no_outcome_has_no_verdict() -> None:
    """A correction is not judged."""
    assert entry(BARE | {"outcome": None}) == "- **10:40** college: gebruiken, persoon 1."


def test_an_act_on_several_persons_is_one_entry_with_the_worst_outcome() -> None:
    """Persons are numbered as they come up, here and further on; every code is named once."""
    second = BARE | {"subject": {"ref": "r2"}, "outcome": "violation", "findings": ["b", "a"]}
    third = BARE | {"subject": {"ref": "r3"}, "outcome": "gap", "findings": ["a"]}
    later = BARE | {"operationId": "b", "subject": {"ref": "r2"}}
    nl = tell_process([BARE, second, third, later]).nl
    assert "persoon 1, 2 en 3. Oordeel: in strijd met de wet (a, b)." in nl
    assert "college: gebruiken, persoon 2. Oordeel: in orde." in nl


def test_days_are_headings_in_the_order_of_the_stream() -> None:
    """A day that comes back later has a heading of its own again: the report follows what was recorded when."""
    other = BARE | {"operationId": "b", "occurredAt": "2026-09-08T08:00:00Z", "recordedAt": "2026-09-08T08:00:00Z"}
    late = BARE | {"operationId": "c", "recordedAt": "2026-09-08T09:00:00Z"}
    nl = tell_process([BARE, other, late]).nl
    assert [line for line in nl.splitlines() if line.startswith("#")] == [
        "# Procesverslag",
        "## 7 september 2026",
        "## 8 september 2026",
        "## 7 september 2026",
    ]
    assert nl.endswith(".\n")


def test_nothing_gives_a_title() -> None:
    """A replay in which nothing is readable is a report that says nothing."""
    assert tell_process([]).nl == "# Procesverslag\n"
