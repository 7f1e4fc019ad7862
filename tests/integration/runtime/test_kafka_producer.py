"""Producers for Kafka, where there is none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka.errors import KafkaError

from services.runtime import limits
from services.runtime.kafka import KafkaSettings
from services.runtime.kafka_producer import open_producer
from tests.support.kafka_broker import HOST, free_port


@pytest.fixture
def nothing_is_collected() -> Iterator[None]:
    """Let nothing that was forgotten be closed by chance."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("nothing_is_collected")
def test_a_producer_that_reaches_no_broker_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """A publisher tries again and again while Kafka is away: each try gives back what it opened."""
    monkeypatch.setattr(limits, "KAFKA_CONNECT_SECONDS_MAX", 1)
    settings = KafkaSettings(servers=(f"{HOST}:{free_port()}",))
    before = open_files()
    with pytest.raises(KafkaError):
        open_producer(settings, "nowhere")
    assert open_files() == before


def open_files() -> list[Path]:
    """All that this process has open."""
    return sorted(Path("/proc/self/fd").iterdir())
