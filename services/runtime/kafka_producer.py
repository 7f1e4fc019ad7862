"""Makes producers for Kafka; apart from the settings, since it loads Kafka's own library."""

from __future__ import annotations

from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient

from services.runtime.kafka import KafkaSettings, producer_options


def open_producer(settings: KafkaSettings, name: str) -> KafkaProducer:
    """A producer that has reached a broker; a KafkaError leaves nothing open.

    The library itself forgets what it opened when it reaches none, and whoever publishes tries again and again.
    """
    clients: list[KafkaNetClient] = []

    def open_client(**options: Any) -> KafkaNetClient:
        clients.append(KafkaNetClient(**options))
        return clients[-1]

    try:
        return KafkaProducer(**producer_options(settings, name), kafka_client=open_client)
    except KafkaError:
        for client in clients:
            client.close()
        raise
