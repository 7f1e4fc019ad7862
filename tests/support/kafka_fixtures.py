"""Fixtures: a real Apache Kafka for the session, names of topics of a test's own, brokers to kill."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TypeVar
from uuid import uuid4

import msgspec
import pytest

from tests.support.kafka_broker import Broker, Cluster, new_folder
from tests.support.kafka_jars import KafkaMissing
from tests.support.kafka_sockets import close_forgotten_sockets

Made = TypeVar("Made")

close_forgotten_sockets()


class Kafka(msgspec.Struct, frozen=True):
    """A broker that answers: ours, or the one that KAFKA_BOOTSTRAP_SERVERS names."""

    bootstrap: str


def progress(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Say something on the terminal while pytest captures what tests print."""
    manager = request.config.pluginmanager.getplugin("capturemanager")

    def say(line: str) -> None:
        with manager.global_and_fixture_disabled():
            print(line, file=sys.stderr, flush=True)

    return say


def made(make: Callable[[], Made]) -> Made:
    """What ``make`` makes; without Kafka fail with what to install, or skip for who said that it may be missing."""
    try:
        return make()
    except KafkaMissing as error:
        reason = str(error)
    if "kafka" in os.environ.get("ALLOW_MISSING", "").split(","):
        pytest.skip(reason)
    pytest.fail(reason, pytrace=False)


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest) -> Iterator[Kafka]:
    """Give one broker for the whole session; it is never stopped by a test."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        yield Kafka(given)
        return
    broker = made(lambda: Broker(new_folder(), say=progress(request)))
    try:
        yield Kafka(broker.start().bootstrap)
    finally:
        broker.remove()


@pytest.fixture
def topic_prefix() -> str:
    """Give a prefix for topics that no other test and no other run uses."""
    return f"test-{uuid4().hex[:12]}"


@pytest.fixture
def own_broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """Give a broker that this test may stop and kill; it is not started yet."""
    broker = made(lambda: Broker(new_folder(), say=progress(request)))
    yield broker
    broker.remove()


@pytest.fixture
def kafka_cluster(request: pytest.FixtureRequest) -> Iterator[Callable[..., Cluster]]:
    """Give a function that starts a cluster of brokers for this test."""
    with ExitStack() as stack:

        def start(size: int = 3) -> Cluster:
            cluster = made(lambda: Cluster(new_folder(), size))
            stack.callback(cluster.remove)
            return cluster.start()

        yield start
