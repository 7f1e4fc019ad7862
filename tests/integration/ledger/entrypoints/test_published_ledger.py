"""What a ledger records goes to Kafka, through its own role, traced, and without a word about who it is about."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.law.act import Act, Subject
from services.law.governance import Party
from services.ledger.application.publish import PublishLane
from services.ledger.contract import topics
from services.ledger.contract.messages import Caller, Submission
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.entrypoints.lane_topic import LaneTopic
from services.ledger.main import LedgerProcess
from services.ledger.storage.publication import LanePublication
from services.runtime.kafka import KafkaSettings
from services.runtime.log import MemoryLog
from services.runtime.metrics import Metrics
from services.runtime.telemetry import Telemetry
from tests.support.envelopes import insert_events, make_envelope
from tests.support.kafka_fixtures import Kafka
from tests.support.prepared import prepare
from tests.support.topic_reading import assert_whole, read_lane, read_partition
from tests.support.waiting import until

LANES = 2
BSN = "999993653"
NAME = "Willeke Zonderling"
TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
REGISTRAR = Caller(party="registrar", scopes=frozenset({"governance"}))
COLLEGE = Caller(party="college", scopes=frozenset({"processing:write"}), purpose="operations")


@pytest.fixture
def settings(kafka: Kafka, topic_prefix: str) -> KafkaSettings:
    """Topics of this test alone, on the broker of the session."""
    return KafkaSettings(servers=(kafka.bootstrap,), prefix=topic_prefix, replication=1, min_insync=1)


def test_what_is_recorded_is_published_and_names_nobody(
    empty_database: str, tmp_path: Path, settings: KafkaSettings
) -> None:
    """Acts and register entries arrive in their lanes; no identifier and no name stands anywhere on the topics."""
    prepared = prepare(empty_database, lanes=LANES, clock_kind="system")
    ledger = LedgerProcess(
        conninfo=prepared.ledger,
        vault_file=tmp_path / "vault" / "vault",
        clock_kind="system",
        lanes=LANES,
        metrics=Metrics(),
        log=MemoryLog(),
        is_replica=True,
        publish=settings,
    )

    def submission(key: str) -> Submission:
        body = Act(
            operation="record",
            occurred_at=ledger.clock.now() - timedelta(seconds=5),
            controller="college",
            subjects=(Subject(id_type="BSN", id=BSN), Subject(id_type="urn:test", id=f"{NAME} {key}")),
            data_categories=("name",),
            name=NAME,
        )
        return Submission(body=body, key=key, canonical=msgspec.json.encode((body, key)))

    def is_published() -> bool:
        with psycopg.connect(prepared.owner) as connection:
            heads = connection.execute("SELECT lane, last_position FROM lane_head ORDER BY lane").fetchall()
            return heads == connection.execute("SELECT lane, position FROM publication ORDER BY lane").fetchall()

    async def story() -> dict[int, int]:
        await ledger.start()
        try:
            await ledger.client.register(REGISTRAR, Party(id="college", name=NAME, kind="public-body"))
            await ledger.client.record(COLLEGE, [submission(f"key-{number}") for number in range(20)])
            await until(is_published)
        finally:
            await ledger.stop()
        with psycopg.connect(prepared.owner) as connection:
            return dict(connection.execute("SELECT lane, last_position FROM lane_head").fetchall())

    heads = asyncio.run(story())
    assert (heads[0] + heads[1], heads[REGISTER_LANE]) == (40, 1)
    for lane, head in heads.items():
        assert_whole(read_lane(settings, lane), head)
    places = [(settings.events_topic, 0), (settings.events_topic, 1), (settings.register_topic, 0)]
    for topic, partition in places:
        for record in read_partition(settings, topic, partition):
            everything = b"".join([record.key, record.value, *(value for _, value in record.headers)])
            assert BSN.encode() not in everything
            assert NAME.encode() not in everything


def test_a_chunk_is_a_span_in_the_traces_of_what_it_holds(database: str, settings: KafkaSettings) -> None:
    """It says the lane and how many, links to the partner's request, and the record carries that trace on."""
    with psycopg.connect(database) as connection:
        traced = make_envelope(controller="college", trace_id=TRACE, span_id=SPAN)
        insert_events(connection, [(0, UUID(int=1, version=4), topics.PROCESSING_RECORDED, traced)])
    spans = InMemorySpanExporter()
    telemetry = Telemetry("ledger", processor=SimpleSpanProcessor(spans))
    publish = PublishLane(
        lane=0,
        publication=LanePublication(database, 0),
        outlet=LaneTopic(settings, lane=0, lanes=1, telemetry=telemetry),
    )
    assert publish.step() == 1
    publish.let_go()
    (span,) = spans.get_finished_spans()
    assert (span.name, dict(span.attributes or {})) == ("ledger.publish", {"lane": 0, "events": 1})
    assert [format(link.context.trace_id, "032x") for link in span.links] == [TRACE]
    assert [event.traceparent for event in read_lane(settings, 0)] == [f"00-{TRACE}-{SPAN}-01"]
