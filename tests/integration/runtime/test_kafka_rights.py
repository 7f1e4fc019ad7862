"""The KafkaUsers of k8s/overlays/production on a real broker: over TLS, with their own certificates."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType
from kafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError

from services.ledger.client.feed.dead_letters import Letter
from services.ledger.client.feed.kafka_dead_letters import list_dead_letters, replay_dead_letters
from services.ledger.contract import topics
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.domain.stored import StoredEvent
from services.ledger.entrypoints.lane_topic import LaneTopic
from services.runtime.kafka import KafkaSettings, check_kafka, connection_options, consumer_options, producer_options
from services.runtime.kafka_topics import ensure_topics
from tests.support.certificates import Authority
from tests.support.kafka_broker import HOST, Broker, free_port
from tests.support.kustomize.render import Resource, of_kind, render
from tests.support.published import Publishing, open_feed

LANES = 4
SECONDS_MAX = 30
CLUSTER = "overlays/production"
OPERATIONS = {
    "Describe": ACLOperation.DESCRIBE,
    "DescribeConfigs": ACLOperation.DESCRIBE_CONFIGS,
    "Read": ACLOperation.READ,
    "Write": ACLOperation.WRITE,
}


class Cluster:
    """A broker with the topics and users of the overlay."""

    def __init__(self, broker: Broker, port: int, authority: Authority) -> None:
        self.broker, self._port, self._authority = broker, port, authority

    def settings(self, user: str) -> KafkaSettings:
        """How a user reaches the broker, as its process is told."""
        certificate, key = self._authority.issue(user)
        settings = KafkaSettings(
            servers=(f"{HOST}:{self._port}",),
            protocol="SSL",
            ca_file=self._authority.certificate,
            certificate_file=certificate,
            key_file=key,
            replication=1,
            min_insync=1,
        )
        check_kafka(settings)
        return settings


@pytest.fixture(scope="module")
def resources() -> tuple[Resource, ...]:
    """What the overlay gives."""
    return render(CLUSTER)


@pytest.fixture
def cluster(own_broker: Broker, tmp_path: Path, resources: tuple[Resource, ...]) -> Cluster:
    """A broker that lets in only who has a certificate, and lets everybody do only what the overlay says."""
    authority, port = Authority(tmp_path), free_port()
    certificate, key = authority.issue("broker")
    together = tmp_path / "broker.pem"
    together.write_bytes(key.read_bytes() + certificate.read_bytes())
    controller = next(iter(own_broker._voters.values()))
    own_broker._settings |= {
        "listeners": f"PLAINTEXT://{own_broker.bootstrap},SSL://{HOST}:{port},CONTROLLER://{HOST}:{controller}",
        "advertised.listeners": f"PLAINTEXT://{own_broker.bootstrap},SSL://{HOST}:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SSL:SSL,CONTROLLER:PLAINTEXT",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(together),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.certificate),
        "ssl.client.auth": "required",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        # The broker itself and the operator, who come without a certificate by another door here.
        "super.users": "User:ANONYMOUS",
    }
    own_broker.start()
    with KafkaAdminClient(bootstrap_servers=own_broker.bootstrap) as operator:
        operator.create_topics(
            {name: wanted_of(topic) for name, topic in of_kind(resources, "KafkaTopic").items()}, wait_for_metadata=True
        )
        made = operator.create_acls(
            [acl for user in of_kind(resources, "KafkaUser").values() for acl in rights_of(user)]
        )
        assert not made["failed"]
    return Cluster(own_broker, port, authority)


def wanted_of(topic: Resource) -> Resource:
    """A topic as the operator would make it, with one copy."""
    configs = {name: str(value) for name, value in topic["spec"]["config"].items()} | {"min.insync.replicas": "1"}
    return {"num_partitions": topic["spec"]["partitions"], "replication_factor": 1, "configs": configs}


def rights_of(user: Resource) -> list[ACL]:
    """The rights of a user as the operator would give them."""
    return [
        ACL(
            principal=f"User:CN={user['metadata']['name']}",
            host="*",
            operation=OPERATIONS[operation],
            permission_type=ACLPermissionType.ALLOW,
            resource_pattern=ResourcePattern(ResourceType[acl["resource"]["type"].upper()], acl["resource"]["name"]),
        )
        for acl in user["spec"]["authorization"]["acls"]
        for operation in acl["operations"]
    ]


def event(lane: int, position: int) -> StoredEvent:
    """An event whose contents are gone: only its place is left."""
    return StoredEvent(
        lane=lane,
        position=position,
        stream_id=UUID(int=1, version=4),
        version=position,
        topic=topics.PROCESSING_RECORDED,
        operation_id=None,
        envelope=None,
        state=None,
        leaf_hash=bytes(32),
    )


def test_each_client_can_do_what_it_does(cluster: Cluster) -> None:
    """The ledger checks and publishes, notifier follows and sets aside, a person sends back, the scaler looks on."""
    ledger, notifier = cluster.settings("ledger-kafka"), cluster.settings("notifier-kafka")
    ensure_topics(ledger, LANES)
    for lane in (0, REGISTER_LANE):
        outlet = LaneTopic(ledger, lane=lane, lanes=LANES)
        outlet.open()
        outlet.send([event(lane, 1)])
        outlet.close()
    bad = Letter(key=b"x", value=b"{", headers=[("ce_sequence", b"2")])
    seen: list[tuple[int, int]] = []
    with closing(Publishing(ledger)) as publishing:
        publishing.put([((ledger.events_topic, 0), bad)])
    person = cluster.settings("operator-kafka")
    cursor: dict[int, int] = {}
    with closing(open_feed(notifier, lambda: cursor, group="notifier")) as feed:
        deadline = time.monotonic() + SECONDS_MAX
        while cursor.get(0) != 2 and time.monotonic() < deadline:
            events, cursor = feed.poll(10)
            seen += [(each.lane, each.position) for each in events]
            feed.commit(cursor)
    assert seen == [(0, 1)]
    assert [letter.reason for letter in list_dead_letters(person)] == ["missing-header"]
    replay_dead_letters(person, list_dead_letters(person))
    assert list_dead_letters(person) == []
    scaler = connection_options(cluster.settings("scaler-kafka"), "scaler")
    with KafkaAdminClient(**scaler) as admin:
        offsets = admin.list_group_offsets(f"{notifier.prefix}.notifier")
        assert offsets


def test_nobody_can_do_more(cluster: Cluster) -> None:
    """The ledger cannot read, notifier cannot publish, the scaler neither; none joins another group."""
    ledger, notifier, scaler = (cluster.settings(f"{name}-kafka") for name in ("ledger", "notifier", "scaler"))
    for settings in (ledger, scaler):
        with closing(KafkaConsumer(**consumer_options(settings, "curious", None))) as consumer:
            consumer.assign([TopicPartition(settings.events_topic, 0)])
            consumer.seek_to_beginning()
            with pytest.raises(TopicAuthorizationFailedError):
                consumer.poll(timeout_ms=SECONDS_MAX * 1000)
    for settings in (notifier, scaler):
        with closing(KafkaProducer(**producer_options(settings, "forger"))) as producer:
            future = producer.send(settings.events_topic, b"{}", partition=0)
            producer.flush(SECONDS_MAX)
            with pytest.raises(KafkaError, match="AuthorizationFailed"):
                future.get(timeout=0)
    with closing(KafkaConsumer(**consumer_options(notifier, "curious", "another"))) as consumer:
        consumer.subscribe([notifier.events_topic])
        with pytest.raises(GroupAuthorizationFailedError):
            consumer.poll(timeout_ms=SECONDS_MAX * 1000)
