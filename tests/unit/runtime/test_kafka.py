"""Settings for Kafka: whole and safe, or refused with every fault at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.runtime import kafka as module
from services.runtime import limits
from services.runtime.kafka import (
    KafkaChecksumSlow,
    KafkaSettings,
    KafkaSettingsWrong,
    KafkaUnsafe,
    check_kafka,
    connection_options,
    consumer_options,
    host_of,
    producer_options,
    split_servers,
)

HERE = KafkaSettings(servers=("127.0.0.1:9092",))


def changed(**fields: Any) -> KafkaSettings:
    """Sound settings with some of them changed."""
    return msgspec.structs.replace(HERE, **fields)


def private(path: Path, text: str = "secret") -> Path:
    """A file that only its owner can read."""
    path.write_text(text)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("server", ["127.0.0.1:9092", "127.0.0.1", "localhost:19092", "[::1]:9092", "[::1]"])
def test_this_machine_is_reached_in_clear(server: str) -> None:
    """What stays on the machine needs no encryption."""
    check_kafka(changed(servers=(server,)))


@pytest.mark.parametrize(
    "servers", [("kafka:9092",), ("10.0.0.1:9092",), ("127.0.0.1:9092", "kafka:9092"), ("[fd00::1]:9092",)]
)
def test_another_host_in_clear_is_refused_unless_a_mesh_encrypts(servers: tuple[str, ...]) -> None:
    """The operator says by name that something else encrypts; otherwise nothing starts."""
    with pytest.raises(KafkaUnsafe):
        check_kafka(changed(servers=servers))
    check_kafka(changed(servers=servers, allows_plaintext=True))
    check_kafka(changed(servers=servers, protocol="SSL"))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Nobody starts five times to learn of five faults; none of them quotes a value of a secret."""
    exposed = tmp_path / "key.pem"
    exposed.write_text("secret")
    exposed.chmod(0o644)
    wrong = changed(
        servers=(":x",), prefix="Not Allowed", protocol="SASL_SSL", key_file=exposed, ca_file=tmp_path / "absent.pem",
        replication=1, min_insync=2, retention_days=30, source="https://example.org",
    )  # fmt: skip
    with pytest.raises(KafkaSettingsWrong) as caught:
        check_kafka(wrong)
    assert len(caught.value.faults) == 9
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "fields",
    [
        {"servers": ()},
        {"servers": ("host:",)},
        {"servers": ("a:b:c",)},
        {"prefix": ""},
        {"prefix": "a" * 101},
        {"min_insync": 0},
        {"retention_days": 0},
        {"retention_days": limits.TOPIC_RETENTION_DAYS_MAX},
        {"ca_file": Path("ca.pem")},
        {"sasl_user": "ledger"},
        {"source": "urn:nld:é"},
    ],
)
def test_a_single_fault_is_enough(fields: dict[str, Any]) -> None:
    """Each of them by itself is refused."""
    with pytest.raises(KafkaSettingsWrong):
        check_kafka(changed(**fields))


def test_without_the_fast_checksum_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library would fall back in silence on one that costs a hundred microseconds a record."""
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(KafkaChecksumSlow):
        check_kafka(HERE)


def test_a_producer_is_durable_and_in_order() -> None:
    """All copies in sync acknowledge, nothing is stored twice by a retry, and a chunk is one batch."""
    options = producer_options(HERE, "test")
    assert (options["acks"], options["enable_idempotence"]) == ("all", True)
    assert options["max_in_flight_requests_per_connection"] <= 5
    assert options["batch_size"] >= limits.PUBLISH_CHUNK_BYTES_MAX
    assert options["delivery_timeout_ms"] >= options["linger_ms"] + options["request_timeout_ms"]
    assert options["max_request_size"] > limits.RECORD_VALUE_BYTES_MAX


def test_a_consumer_says_itself_what_it_has_done() -> None:
    """Offsets follow the effect, so the library commits none."""
    options = consumer_options(HERE, "test", "notifier")
    assert (options["enable_auto_commit"], options["group_id"]) == (False, "notifier")


def test_certificates_and_a_password_reach_the_library(tmp_path: Path) -> None:
    """A password is read from its file, without the line end that editors leave."""
    settings = changed(
        protocol="SASL_SSL",
        ca_file=private(tmp_path / "ca.pem"),
        certificate_file=private(tmp_path / "own.pem"),
        key_file=private(tmp_path / "key.pem"),
        sasl_user="ledger",
        sasl_password_file=private(tmp_path / "password", "a word\n"),
    )
    check_kafka(settings)
    options = connection_options(settings, "test")
    assert options["sasl_plain_password"] == "a word"
    assert options["ssl_keyfile"] == str(tmp_path / "key.pem")
    assert "a word" not in repr(settings)


def test_servers_are_split_and_hosts_found() -> None:
    """Lists of servers as operators write them."""
    assert split_servers(" a:1, b:2 ,,") == ("a:1", "b:2")
    assert [host_of(server) for server in ("a:1", "a", "[::1]:1")] == ["a", "a", "::1"]


def test_a_ledger_without_kafka_does_not_load_its_library() -> None:
    """Whoever runs embedded pays nothing for what it does not use."""
    code = "import sys, services.ledger.main, services.single_process; sys.exit('kafka' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
