"""schemas/asyncapi.yaml says what the code does, and what is published is as the schemas say."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from services.ledger.client.feed import dead_letters
from services.ledger.contract.cloud_events import REQUIRED, SOURCE_DEFAULT, TYPES, Reason, encode
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.contract.schemas import TOPICS, all_schemas, schema_uri
from services.ledger.domain.stored import StoredEvent
from services.runtime import limits
from services.runtime.kafka import KafkaSettings
from services.runtime.kafka_topics import DAY_MS

SCHEMAS = Path(__file__).parents[2] / "schemas"
NAMED = KafkaSettings(servers=("127.0.0.1",), prefix="{prefix}")


@cache
def description() -> dict[str, Any]:
    """The description as a reader of events gets it."""
    loaded: dict[str, Any] = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def registry() -> Registry[Any]:
    """All schemas by the names by which events speak of them."""
    resources = [Resource.from_contents(schema, DRAFT202012) for schema in all_schemas().values()]
    return Registry().with_resources([(str(resource.id()), resource) for resource in resources])


def event_of(topic: str, *, lane: int = 0, is_swept: bool = False) -> StoredEvent:
    """The event that is kept as the sample of its topic."""
    path = SCHEMAS / "events" / f"{topic}.sample.json"
    envelope = msgspec.json.encode(msgspec.json.decode(path.read_bytes())["envelope"]) if path.exists() else None
    return StoredEvent(
        lane=lane,
        position=4,
        stream_id=UUID(int=7, version=4),
        version=2,
        topic=topic,
        operation_id=None,
        envelope=None if is_swept else envelope,
        state=None if is_swept else b"sealed",
        leaf_hash=bytes(32),
    )


def faults(schema: Any, value: Any) -> list[str]:
    """What is wrong with a value."""
    return [error.message for error in Draft202012Validator(schema, registry=registry()).iter_errors(value)]


def test_the_topics_are_those_of_the_code() -> None:
    """Names, and what is kept how long."""
    channels = description()["channels"]
    assert {name: channel["address"] for name, channel in channels.items()} == {
        "events": NAMED.events_topic,
        "register": NAMED.register_topic,
        "deadLetters": NAMED.dead_letters_topic,
    }
    assert KafkaSettings(servers=()).source == SOURCE_DEFAULT
    for channel in channels.values():
        assert channel["parameters"]["prefix"]["default"] == KafkaSettings(servers=()).prefix
        assert channel["bindings"]["kafka"]["topicConfiguration"] == {
            "cleanup.policy": ["delete"],
            "retention.ms": limits.TOPIC_RETENTION_DAYS_DEFAULT * DAY_MS,
            "max.message.bytes": limits.TOPIC_MESSAGE_BYTES_MAX,
        }


def test_the_headers_are_those_of_the_code() -> None:
    """Which there are, which always, and every type of event."""
    headers = description()["components"]["schemas"]["headers"]
    assert sorted(headers["required"]) == sorted(REQUIRED)
    assert set(headers["properties"]) == {*REQUIRED, "ce_time", "traceparent", dead_letters.REPLAY}
    assert headers["properties"]["ce_type"]["enum"] == sorted(TYPES)


def test_every_event_version_has_its_schema() -> None:
    """The payload is one of them."""
    payload = description()["components"]["messages"]["event"]["payload"]["oneOf"]
    assert [each["$ref"] for each in payload] == [f"./events/{topic}.schema.json" for topic in TOPICS]
    assert all((SCHEMAS / each["$ref"]).exists() for each in payload)


def test_the_dead_letters_are_those_of_the_code() -> None:
    """The reasons, and the headers that tell where a record comes from."""
    properties = description()["components"]["schemas"]["deadLetterHeaders"]["properties"]
    assert properties["grootboek-reason"]["enum"] == sorted(Reason)
    assert set(properties) == dead_letters.OWN - {dead_letters.REPLAY}


def test_every_reference_leads_somewhere() -> None:
    """Inside the description nothing is named that is not there."""

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [found for each in value.values() for found in references(each)]
        return [found for each in value for found in references(each)] if isinstance(value, list) else []

    for reference in references(description()):
        target: Any = description()
        for part in reference.removeprefix("#/").split("/") if reference.startswith("#/") else ():
            target = target[part]


@pytest.mark.parametrize("is_swept", [False, True])
@pytest.mark.parametrize("topic", TOPICS)
def test_what_is_published_is_as_its_schema_says(topic: str, *, is_swept: bool) -> None:
    """Headers and value of every event version, by the schema that the record itself names."""
    record = encode(event_of(topic, is_swept=is_swept))
    headers = {name: value.decode() for name, value in record.headers}
    assert headers["ce_dataschema"] == schema_uri(topic)
    assert faults(description()["components"]["schemas"]["headers"], headers) == []
    assert faults({"$ref": headers["ce_dataschema"]}, msgspec.json.decode(record.value)) == []


def test_the_schema_refuses_what_is_no_such_event() -> None:
    """Another topic, a lost position, content that is not sealed."""
    topic = TOPICS[0]
    value = msgspec.json.decode(encode(event_of(topic)).value)
    for wrong in ({"topic": "other"}, {"position": 0}, {"content": 7}, {"envelope": "text"}):
        assert faults({"$ref": schema_uri(topic)}, value | wrong) != []


def test_what_is_published_of_the_register_is_as_its_schema_says() -> None:
    """Its place and no more."""
    record = encode(event_of("register.party-registered.1", lane=REGISTER_LANE))
    schemas = description()["components"]["schemas"]
    assert faults(schemas["registerHeaders"], {name: value.decode() for name, value in record.headers}) == []
    assert faults(schemas["registerPlace"], msgspec.json.decode(record.value)) == []
