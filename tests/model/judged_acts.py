"""Random acts and registers for the properties of the judgement: every field that a rule looks at, on many days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from services.law.act import (
    Act,
    Actor,
    Compatibility,
    Consent,
    CovenantChoice,
    CovenantReference,
    Justification,
    LegalBasis,
    ListReference,
    Necessity,
    Place,
    Recipient,
    Retention,
    Secrecy,
    Source,
    Subject,
    Threshold,
    Triage,
)
from services.law.context import PastAct, PastExemption, PastNotice, SubjectFacts
from services.law.governance import (
    Annex,
    AnnexNecessity,
    Arrangement,
    Covenant,
    Criteria,
    Entry,
    Mandate,
    Partner,
    Party,
)
from services.law.operations import VERBS
from services.law.register import Known, Register
from services.ledger.storage.norms import packaged_norms
from tests.unit.law.builders import PARTIES, activity, decision

PARTY_IDS = tuple(party.id for party in PARTIES)
FORMER = Party(id="former", kind="public-body", organ="college", valid_until=date(1999, 12, 31))
"""Registered, and valid on none of the days of the acts."""
DAYS = tuple(
    datetime(*day, 12, tzinfo=UTC)
    for day in ((2000, 3, 1), (2017, 6, 1), (2018, 5, 24), (2018, 5, 25), (2025, 3, 1), (2026, 6, 1), (2026, 12, 31))
)
NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)
REASONS = Necessity(
    proportionality="alleen de namen van wie er bij was", subsidiarity="een gesprek met de ouders hielp niet"
)
TOWNS = (None, "M", "B")
CATEGORIES = ("name", "report", "image", "health", "criminal-record", "police-report")
STATUTES = (None, "Gemeentewet 172", "Wpg 8", "Wpg 7(2)", "Wpg 20", "Jeugdwet 7.3.11", "WGS 2.29", "convenant", "house")
LETTERS = (None, "6(1)(a)", "6(1)(c)", "6(1)(d)", "6(1)(e)", "6(1)(f)", "nine")


PERSONS = (("BSN", "999990019"), ("BSN", "999990020"), ("v-number", "three"), ("v-number", "four"))


def person(identifier: tuple[str, str], **fields: Any) -> Subject:
    """A person by an identifier of a kind."""
    id_type, number = identifier
    return Subject(id_type=id_type, id=number, **fields)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly left out."""
    return st.one_of(st.none(), st.none(), strategy)


BASES = st.builds(
    LegalBasis,
    gdpr=st.sampled_from(LETTERS),
    statute=st.sampled_from(STATUTES),
    article9=st.sampled_from([None, "9(2)(a)", "UAVG 30(3)"]),
    article10=st.sampled_from([None, "UAVG 33(1)(b)"]),
)
SECRECIES = st.builds(
    Secrecy,
    regime=st.sampled_from(["medical", "youth-care", "official", "police", "wgs"]),
    exception=st.sampled_from([None, "explicit-consent", "statutory-duty", "good-care", "none"]),
    provision=st.sampled_from([None, "Jeugdwet 7.3.11"]),
)
JUSTIFICATIONS = st.builds(
    Justification,
    secrecy=maybe(SECRECIES),
    consent=maybe(st.builds(Consent, given_at=st.just(datetime(2016, 1, 1, tzinfo=UTC)))),
    threshold=maybe(
        st.builds(
            Threshold,
            facts=st.just("two reports"),
            source=st.just("police"),
            decided_by=st.just("mayor"),
            decided_on=st.sampled_from([date(2016, 1, 1), date(2027, 1, 1)]),
        )
    ),
    compatibility=maybe(st.builds(Compatibility, link=st.sampled_from([None, "same group"]))),
    triage=maybe(st.builds(Triage, step=st.just("1"), outcome=st.sampled_from(["share", "not-share", "share-less"]))),
    covenant_choice=maybe(st.just(CovenantChoice(reason="the group meets here"))),
    override=maybe(st.just("seen at every fight")),
    serious_reasons=maybe(st.just("a threat against the mother")),
)
SUBJECTS = st.lists(
    st.builds(
        person,
        st.sampled_from(PERSONS),
        status=st.sampled_from([None, "listed", "peripheral", "bystander"]),
        municipality=st.sampled_from(TOWNS),
        birth_date=st.sampled_from([None, date(2014, 1, 1), date(1990, 1, 1)]),
    ),
    max_size=4,
    unique_by=lambda someone: someone.id,
).map(tuple)
RECIPIENTS = st.lists(
    st.builds(Recipient, party=st.sampled_from((*PARTY_IDS, "nobody")), activity=maybe(st.just("youth-work"))),
    max_size=4,
    unique_by=lambda recipient: recipient.party,
).map(tuple)
COVENANT_REFERENCES = st.sampled_from(
    [
        None,
        CovenantReference(id="house"),
        CovenantReference(id="house", annex="groups"),
        CovenantReference(id="other", annex="groups"),
        CovenantReference(id="x"),
    ]
)
ACTS = st.builds(
    Act,
    id=st.just("act-1"),
    operation=st.sampled_from(VERBS),
    description=st.just("what it was"),
    tense=st.sampled_from(["fact", "intent"]),
    occurred_at=st.sampled_from(DAYS),
    controller=st.sampled_from((*PARTY_IDS, FORMER.id, "nobody")),
    processor=maybe(st.sampled_from(["guard", "host", "nobody"])),
    subjects=SUBJECTS,
    recipients=RECIPIENTS,
    data_categories=st.lists(st.sampled_from(CATEGORIES), unique=True, max_size=3).map(tuple),
    data_regime=st.sampled_from(["AVG", "AVG", "Wpg-8", "Wpg-20", "Wjsg"]),
    legal_basis=st.one_of(st.none(), BASES),
    decision_id=st.sampled_from([None, "umbrella", "x"]),
    purpose=st.sampled_from([None, "youth-groups", "housing"]),
    necessity=st.sampled_from([None, REASONS]),
    justification=maybe(JUSTIFICATIONS),
    covenant=COVENANT_REFERENCES,
    phase=st.sampled_from([None, "signalling", "weighing"]),
    list=maybe(st.just(ListReference(kind="bruto", id="l"))),
    criteria=st.sampled_from([None, "asserted"]),
    source=maybe(
        st.sampled_from(
            [
                Source(kind="open-source"),
                Source(kind="party", party="school"),
                Source(kind="party", party="care", conditions="geen doorverstrekking"),
            ]
        )
    ),
    retention=maybe(st.sampled_from([Retention(period="P1Y"), Retention(period="?")])),
    activity=maybe(st.sampled_from(["youth-work", "x"])),
    place=maybe(st.just(Place(municipality="B"))),
    actor=maybe(
        st.builds(
            Actor,
            role=st.sampled_from(["regisseur", "procesregisseur", "casusregisseur"]),
            on_behalf_of=st.sampled_from([None, "college"]),
        )
    ),
)
PAST_ACTS = st.builds(
    PastAct,
    operation_class=st.sampled_from(["collect", "share", "alter", "restrict", "delete"]),
    occurred_at=st.sampled_from(DAYS),
    controller=st.sampled_from(PARTY_IDS),
    recipients=st.sampled_from([(), ("youth",), ("mayor", "college")]),
    data_regime=st.sampled_from(["AVG", "Wpg-8"]),
    covenant=st.sampled_from([None, "house", "other"]),
    annex=st.just("groups"),
    data_categories=st.sampled_from([("name",), ("name", "report"), ("health",)]),
    purpose=st.sampled_from([None, "youth-groups", "housing"]),
)
FACTS = st.one_of(
    st.none(),
    st.builds(
        SubjectFacts,
        municipality=st.sampled_from(TOWNS),
        acts=st.lists(PAST_ACTS, max_size=4).map(tuple),
        notices=st.lists(
            st.builds(
                PastNotice,
                given_at=st.sampled_from(DAYS),
                controller=st.sampled_from(["college", "mayor"]),
                covenant=st.sampled_from([None, "house"]),
                annex=st.just("groups"),
                elements=st.just(("all",)),
            ),
            max_size=1,
        ).map(tuple),
        exemptions=st.lists(
            st.builds(
                PastExemption,
                decided_at=st.sampled_from(DAYS),
                controller=st.sampled_from(["college", "mayor"]),
                norm=st.just("UAVG 41(1)(d)"),
                covenant=st.sampled_from([None, "house"]),
                review_on=st.just(date(2027, 6, 1)),
            ),
            max_size=1,
        ).map(tuple),
    ),
)
FOUR_FACTS = st.lists(FACTS, min_size=4, max_size=4)


def annex(**changes: Any) -> Annex:
    """The annex ``groups``."""
    usual: dict[str, Any] = {
        "id": "groups",
        "criteria": Criteria(excludes_status=("bystander",)),
        "necessity": AnnexNecessity(proportionality="names only", subsidiarity="talk first"),
        "data_categories": ("name", "report", "image"),
        "retention": {"signalling": "P3M"},
    }
    return Annex(**(usual | changes))


def covenant(covenant_id: str, **changes: Any) -> Covenant:
    """A covenant of nearly everybody, in force all those years."""
    usual: dict[str, Any] = {
        "id": covenant_id,
        "version": 1,
        "valid_from": date(1999, 1, 1),
        "published": date(1999, 1, 1),
        "regime": 2,
        "purpose": "youth-groups",
        "territory": ("M",),
        "partners": tuple(Partner(party=party) for party in PARTY_IDS if party != "school"),
        "arrangement": Arrangement(contact_point="college", informs="college", reports_breach="college"),
        "annexes": (annex(),),
    }
    return Covenant(**(usual | changes))


class World:
    """What was registered, and the register of it, compiled once for all examples."""

    def __init__(self, *covenants: Covenant) -> None:
        self.entries = entries_with(*covenants)
        self.register = register_of(*self.entries)

    def __repr__(self) -> str:
        """Short: a failing example is read by a person."""
        return f"World({[entry for entry in self.entries if isinstance(entry, Covenant)]})"


def entries_with(*covenants: Covenant) -> tuple[Entry, ...]:
    """The parties, these covenants, a decision, an activity and a mandate."""
    mandate = Mandate(id="m-1", from_="college", to="mayor")
    return (*PARTIES, FORMER, *covenants, decision(valid_from=date(1999, 1, 1)), activity(), mandate)


def register_of(*entries: Entry, known_at: datetime = NOW - timedelta(days=9999)) -> Register:
    """A register under the packaged norms in which all of these were known at an instant."""
    return Register((Known(entry, place, known_at) for place, entry in enumerate(entries, 1)), packaged_norms())


_ANNEXES = (annex(), annex(preventive=True), annex(necessity=None, retention={}))
_ARRANGEMENTS = (None, Arrangement(informs="mayor"), Arrangement(contact_point="college"))
WORLDS = st.sampled_from(
    [
        World(
            covenant(
                "house",
                regime=regime,
                coercive=place == 1,
                legal_frame=frame,
                purpose=None if place == 2 else "youth-groups",
                arrangement=_ARRANGEMENTS[place],
                annexes=(_ANNEXES[place],),
            ),
            covenant("other", territory=("M" if place == 0 else "B",)),
        )
        for regime in (1, 2, 3)
        for frame in ("avg-covenant", "wgs-zvh")
        for place in range(3)
    ]
)
"""Covenants of every regime and frame, beside one for another town or the same."""
