"""Makes one sample of each event version by really recording it; a sample that exists is never written again.

Run ``python -m tests.support.event_samples`` after adding a topic or a field: schemas are renewed, samples added.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec

from services.law.act import (
    Actor,
    Confidentiality,
    CovenantReference,
    Exemption,
    LegalBasis,
    ListReference,
    Necessity,
    Notice,
    Place,
    Recipient,
    Source,
    System,
)
from services.ledger.application.confidentiality import ConfidentialitySetter
from services.ledger.application.correct import Corrector
from services.ledger.application.dossier_events import DossierEvents
from services.ledger.application.links import Linker
from services.ledger.contract import topics
from services.ledger.contract.events import Content, ErasedDossier, Residue
from services.ledger.contract.messages import ConfidentialityBody, CorrectionBody, LinkBody, SubjectIdentifier
from services.ledger.contract.schemas import all_schemas
from tests.support.recording import BSNS, NOW, RecordingBench, act, caller, person

FOLDER = Path(__file__).parents[2] / "schemas" / "events"
HUIS = CovenantReference(id="huis", annex="groep")

FULL = act(
    name="Groepsscan gedeeld",
    operation="make-available",
    description="shared in the weekly meeting",
    status="ok",
    ended_at=NOW,
    trace_id="0af7651916cd43dd8448eb211c80319c",
    span_id="b7ad6b7169203331",
    subjects=(person(BSNS[0], role="jeugdgroeplid", status="listed"),),
    criteria="asserted",
    data_categories=("name", "contact"),
    recipients=(Recipient(party="politie", case_id="P-1"),),
    source=Source(kind="party", party="school"),
    legal_basis=LegalBasis(gdpr="6(1)(e)", statute="Gemeentewet 172"),
    necessity=Necessity(proportionality="names only", subsidiarity="talks came first"),
    covenant=HUIS,
    phase="plan",
    list=ListReference(kind="bruto", id="jg-2026-09"),
    place=Place(municipality="Middelstad"),
    case_id="Z-1",
    confidentiality=Confidentiality(level="confidential", ground="AVG 23(1)(d)", review_on=date(2027, 1, 1)),
    actor=Actor(id="opaque", role="wijkagent"),
    system=System(name="case system", version="1"),
    reference="https://example.org/object/1",
)


def record_all() -> RecordingBench:
    """A ledger with an event under every topic."""
    bench = RecordingBench()
    refused = act(tense="intent", covenant=HUIS, data_categories=("image",), subjects=(person(BSNS[4]),))
    bench.record(FULL, act(tense="intent", occurred_at=NOW + timedelta(days=1)), refused)
    notice = Notice(
        subjects=(person(BSNS[0]),),
        controller="college",
        given_by="college",
        given_at=NOW,
        form="letter",
        elements="all",
        addressee="subject",
        covenant=HUIS,
    )
    exemption = Exemption(
        subject=person(BSNS[1]),
        controller="college",
        norm="UAVG 41(1)(d)",
        interest="investigation of offences",
        necessity="telling would end it",
        proportionality="for one month",
        decided_by="college",
        decided_at=NOW,
        review_on=date(2026, 10, 10),
        covenant=HUIS,
    )
    bench.record(notice, exemption, party="college")
    say_more(bench)
    for topic, fields, content in DOSSIERS:
        append_dossier(bench, topic, fields, content)
    return bench


def say_more(bench: RecordingBench) -> None:
    """Correct, keep confidential, link and unlink."""
    corrector = Corrector(
        about=bench.about,
        writer=bench.writer,
        register=bench.register,
        people=bench.people,
        facts=bench.facts,
        pseudonyms=bench.pseudonyms,
    )
    correction = CorrectionBody(reason="typed wrong", changes={"phase": msgspec.Raw(b'"execution"')})
    bench.run(lambda: corrector.correct(caller(), "k1", "c1", correction))
    setter = ConfidentialitySetter(about=bench.about, writer=bench.writer)
    lifted = ConfidentialityBody(level="lifted", ground="the investigation ended")
    bench.run(lambda: setter.set_confidentiality(caller(), "k1", "s1", lifted))
    first, second = (SubjectIdentifier(id_type="BSN", id=bsn) for bsn in BSNS[:2])
    body = LinkBody(first=first, second=second, reason="same photograph")
    for key in ("link", "unlink"):
        linker = Linker(writer=bench.writer, people=bench.people, pseudonyms=bench.pseudonyms)
        call = getattr(linker, key)
        bench.run(lambda call=call, key=key: call(caller(), key, body))  # type: ignore[misc]


def append_dossier(bench: RecordingBench, topic: str, fields: dict[str, Any], content: Content) -> None:
    """Append an event on a dossier that is no person's."""
    events = DossierEvents(writer=bench.writer, pseudonyms=bench.pseudonyms)
    stream_id = bench.ids.uuid4()
    bench.run(
        lambda: events.append_dossier_event(
            party="college",
            key=topic,
            canonical=b"{}",
            topic=topic,
            stream_id=stream_id,
            envelope=fields,
            content=content,
        )
    )


STREAM = RecordingBench().ids.uuid4()
DOSSIERS_ERASED = (ErasedDossier(lane=0, stream_id=STREAM, scope="ab" * 16, generation=1),)
DOSSIERS: tuple[tuple[str, dict[str, Any], Content], ...] = (
    (
        topics.DATA_READ,
        {"read_id": STREAM, "read_purpose": "inquiry", "read_call": "replay", "read_streams": (STREAM,)},
        Content(),
    ),
    (
        topics.ACCESS_REQUESTED,
        {"subject_stream": STREAM, "received_by": "politie", "requester_role": "parent"},
        Content(subject=person(BSNS[0])),
    ),
    (topics.INQUIRY_OPENED, {"case_index": "ab" * 16}, Content(case_id="Z-1", reason="a complaint was filed")),
    (
        topics.BREACH_REPORTED,
        {
            "breach_party": "politie",
            "aware_at": NOW,
            "occurred_until": NOW,
            "data_categories": ("name",),
            "operation_keys": ("k1",),
        },
        Content(description="a list was mailed to a wrong address"),
    ),
    (
        topics.RETENTION_SET,
        {"new_holding_ends": date(2030, 1, 1), "new_record_ends": date(2035, 1, 1), "norm": "Archiefwet 3"},
        Content(reason="the selection list keeps it longer"),
    ),
    (topics.HOLD_PLACED, {"hold_id": STREAM, "hold_kind": "court"}, Content(reason="an appeal is pending")),
    (topics.HOLD_RELEASED, {"hold_id": STREAM, "hold_kind": "court"}, Content(reason="the appeal was decided")),
    (topics.RETENTION_DAY_ENDED, {"day": date(2031, 5, 3), "record_ends": None}, Content()),
    (topics.RECORDS_SWEPT, {"swept": ((1, 4), (7, 7)), "swept_reason": "ended", "record_ends": None}, Content()),
    (
        topics.ERASURE_REQUESTED,
        {"erasure_id": STREAM, "erased_dossiers": DOSSIERS_ERASED, "recipients": ("politie",)},
        Content(
            ground="AVG 17(1)(d)",
            decision="B-2026-1",
            second_person="s2",
            residue=(Residue(party="politie", subject=person(BSNS[0]), data_categories=("name",)),),
        ),
    ),
    (
        topics.ERASED,
        {
            "erasure_id": STREAM,
            "erased_events": 3,
            "fingerprints": ("ab" * 16,),
            "backups_until": date(2026, 10, 31),
            "controller": "college",
        },
        Content(),
    ),
    (topics.ERASURE_COMPLETED, {"erasure_id": STREAM}, Content()),
    (
        topics.OBLIGATION_ANSWERED,
        {"obligation": "o1", "answer": "kept", "norm": "Wpg 8(6)", "answer_until": date(2031, 1, 1)},
        Content(how="kept in the police file"),
    ),
    (
        topics.MESSAGE_SENT,
        {
            "message_kind": "inform-overdue",
            "channel": "folder",
            "template": "inform-overdue@1",
            "addressed_to": "college",
            "obligation": "o1",
        },
        Content(address="folder", title="You must tell a person", text="One person was not told in time."),
    ),
    (
        topics.EXEMPTION_ENDED,
        {"about_operation": STREAM, "about_key": "k2", "covenant": "huis", "annex": "groep"},
        Content(subject=person(BSNS[1]), reason="the investigation was closed"),
    ),
    (topics.REQUEST_STEPPED, {"step": "extend", "about_key": "r1"}, Content(reason="many records")),
)


def samples() -> dict[str, bytes]:
    """One sample per topic as JSON text: topic, envelope as stored, content as opened."""
    bench = record_all()
    found: dict[str, bytes] = {}
    for event, content in zip(bench.ledger.lanes[0], bench.opener.open(bench.ledger.lanes[0]), strict=True):
        body = {"topic": event.topic, "envelope": msgspec.Raw(event.envelope or b"null"), "content": content}
        found.setdefault(event.topic, msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
    return found


def write() -> None:
    """Renew the schemas; add samples that are not there yet."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, schema in all_schemas().items():
        (FOLDER / name).write_bytes(msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n")
    for topic, sample in samples().items():
        path = FOLDER / f"{topic}.sample.json"
        if not path.exists():
            path.write_bytes(sample)


if __name__ == "__main__":
    write()
