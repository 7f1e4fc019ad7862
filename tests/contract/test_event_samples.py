"""What was stored once must load for ever: one sample of every event version, and its schema."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from services.ledger.contract.events import Content, Envelope
from services.ledger.contract.schemas import TOPICS, all_schemas
from tests.support.event_samples import FOLDER, samples

SAMPLES = sorted(FOLDER.glob("*.sample.json"))


class Sample(msgspec.Struct, forbid_unknown_fields=True):
    """A sample file."""

    topic: str
    envelope: msgspec.Raw
    content: msgspec.Raw


def test_every_topic_has_a_sample() -> None:
    """A topic without a stored sample, or a sample without its topic, is a fault."""
    assert [path.name.removesuffix(".sample.json") for path in SAMPLES] == list(TOPICS)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_loads_and_loses_nothing(path: Path) -> None:
    """The sample decodes under today's shapes, and encoding it again gives back every field it had."""
    sample = msgspec.json.decode(path.read_bytes(), type=Sample)
    envelope = msgspec.json.decode(sample.envelope, type=Envelope)
    assert msgspec.json.decode(msgspec.json.encode(envelope)) == msgspec.json.decode(sample.envelope)
    content = msgspec.json.decode(sample.content, type=Content | None)
    assert msgspec.json.decode(msgspec.json.encode(content)) == msgspec.json.decode(sample.content)


def test_today_s_events_load_as_the_samples_do() -> None:
    """What the ledger stores today has at least the fields of the sample of its topic."""
    for topic, today in samples().items():
        stored = msgspec.json.decode((FOLDER / f"{topic}.sample.json").read_bytes())
        made = msgspec.json.decode(today)
        assert stored["envelope"].keys() <= made["envelope"].keys(), topic
        assert (stored["content"] or {}).keys() <= (made["content"] or {}).keys(), topic


@pytest.mark.parametrize("name", all_schemas())
def test_the_schemas_are_those_of_the_code(name: str) -> None:
    """A schema that lags behind fails; ``python -m tests.support.event_samples`` renews it."""
    assert msgspec.json.decode((FOLDER / name).read_bytes()) == msgspec.json.decode(
        msgspec.json.encode(all_schemas()[name])
    )
