"""How a process is told to reach Kafka; apart, since some of our processes never do."""

from __future__ import annotations

from typing import Final

from services.runtime import limits
from services.runtime.environment import Environment, Setting
from services.runtime.errors import GrootboekError
from services.runtime.kafka import KafkaSettings, KafkaSettingsWrong, check_kafka, split_servers

SERVERS: Final = "GROOTBOEK_KAFKA_SERVERS"
PREFIX: Final = "GROOTBOEK_KAFKA_PREFIX"
PROTOCOL: Final = "GROOTBOEK_KAFKA_PROTOCOL"
PLAINTEXT: Final = "GROOTBOEK_KAFKA_PLAINTEXT"
CA_FILE: Final = "GROOTBOEK_KAFKA_CA_FILE"
CERTIFICATE_FILE: Final = "GROOTBOEK_KAFKA_CERTIFICATE_FILE"
KEY_FILE: Final = "GROOTBOEK_KAFKA_KEY_FILE"
SASL_MECHANISM: Final = "GROOTBOEK_KAFKA_SASL_MECHANISM"
SASL_USER: Final = "GROOTBOEK_KAFKA_SASL_USER"
SASL_PASSWORD_FILE: Final = "GROOTBOEK_KAFKA_SASL_PASSWORD_FILE"  # noqa: S105 - the name of a setting
REPLICATION: Final = "GROOTBOEK_KAFKA_REPLICATION"
MIN_INSYNC: Final = "GROOTBOEK_KAFKA_MIN_INSYNC"
RETENTION_DAYS: Final = "GROOTBOEK_KAFKA_RETENTION_DAYS"
SOURCE: Final = "GROOTBOEK_EVENT_SOURCE"

COPIES_MAX: Final = 9
KAFKA: Final = (
    Setting(SERVERS, is_required=True),
    Setting(PREFIX),
    Setting(PROTOCOL),
    Setting(PLAINTEXT),
    Setting(CA_FILE),
    Setting(CERTIFICATE_FILE),
    Setting(KEY_FILE),
    Setting(SASL_MECHANISM),
    Setting(SASL_USER),
    Setting(SASL_PASSWORD_FILE),
    Setting(REPLICATION),
    Setting(MIN_INSYNC),
    Setting(RETENTION_DAYS),
    Setting(SOURCE),
)


def read_kafka(environment: Environment) -> KafkaSettings:
    """Read how to reach Kafka and how its topics must be; what is wrong or unsafe is noted."""
    usual = KafkaSettings(servers=("127.0.0.1:9092",))
    servers = environment.text(SERVERS)
    settings = KafkaSettings(
        servers=split_servers(servers) if servers else usual.servers,
        prefix=environment.text(PREFIX, usual.prefix),
        protocol=environment.choice(PROTOCOL, ("PLAINTEXT", "SSL", "SASL_SSL"), usual.protocol),
        allows_plaintext=environment.flag(PLAINTEXT),
        ca_file=environment.file(CA_FILE),
        certificate_file=environment.file(CERTIFICATE_FILE),
        key_file=environment.private_file(KEY_FILE),
        sasl_mechanism=environment.choice(SASL_MECHANISM, ("SCRAM-SHA-256", "SCRAM-SHA-512"), usual.sasl_mechanism),
        sasl_user=environment.text(SASL_USER) or None,
        sasl_password_file=environment.private_file(SASL_PASSWORD_FILE),
        replication=environment.number(REPLICATION, usual.replication, 1, COPIES_MAX),
        min_insync=environment.number(MIN_INSYNC, usual.min_insync, 1, COPIES_MAX),
        retention_days=environment.number(RETENTION_DAYS, usual.retention_days, 1, limits.TOPIC_RETENTION_DAYS_MAX),
        source=environment.text(SOURCE, usual.source),
    )
    try:
        check_kafka(settings)
    except KafkaSettingsWrong as error:
        for fault in error.faults:
            environment.note(SERVERS, error.code, fault, error.remedy)
    except GrootboekError as error:
        environment.note_error(SERVERS, error)
    return settings
