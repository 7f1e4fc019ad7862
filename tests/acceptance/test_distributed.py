"""The case through four processes, a real Kafka and a real PostgreSQL: the same answers as in one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg.conninfo import make_conninfo

from services.cli.case.door import Door
from services.cli.case.load import load_case
from services.cli.case.model import read_case
from services.cli.case.questions import ask_questions
from services.cli.prepare_database import LEDGER_ROLE, NOTIFIER_ROLE
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.storage.vault_file import SealedFileVault
from services.runtime.kafka import KafkaSettings
from services.runtime.kafka_topics import ensure_topics
from services.runtime.service import REFUSED
from tests.support.distributed import Shape, distributed, logged
from tests.support.kafka_fixtures import Kafka
from tests.support.waiting import wait_until

PROJECT = Path(__file__).parents[2]
CASE = PROJECT / "tests" / "cases" / "vechtpartijen.yaml"
LANES = 2
CONNECTIONS = """
SELECT usename, application_name FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'grootboek-%'"""
STATE = """
SELECT (SELECT jsonb_agg(setting ORDER BY name) FROM ledger_setting AS setting),
    (SELECT jsonb_agg(head ORDER BY lane) FROM lane_head AS head), (SELECT count(*) FROM stored_events),
    (SELECT count(*) FROM day_secret), (SELECT count(*) FROM dossier_secret)"""


@pytest.fixture(scope="module")
def played(
    tmp_path_factory: pytest.TempPathFactory, empty_module_database: str, kafka: Kafka
) -> Iterator[tuple[Shape, dict[str, Any]]]:
    """A ledger of four processes on a scenario clock through which the case was played, with its answers."""
    folder = tmp_path_factory.mktemp("distributed")
    prefix = f"test-{folder.name}"
    how: Any = {"owner": empty_module_database, "servers": kafka.bootstrap, "prefix": prefix}
    with distributed(folder, lanes=LANES, clock="scenario", **how) as shape:
        case = read_case(CASE)
        with Door(shape.base_url, shape.token) as door:
            posted = load_case(case, door, folder / "posted.jsonl", lambda _: None)
            answers = ask_questions(case, door, posted)
        assert not answers.differences
        yield shape, answers.answers


def test_the_case_gives_the_same_answers(played: tuple[Shape, dict[str, Any]]) -> None:
    """Every key of what the case expects, which is what the embedded shape answers too."""
    expected = yaml.safe_load(CASE.read_text(encoding="utf-8"))["expected"]
    assert played[1] == expected


def test_the_topics_hold_what_the_ledger_holds(played: tuple[Shape, dict[str, Any]]) -> None:
    """Every event of every lane stands in its partition, in order and without a hole; nothing else does."""
    shape = played[0]
    stored = shape.stored()
    wait_until(lambda: len(shape.published()) >= len(stored))
    found = shape.published()
    assert {(event.lane, event.position): (event.stream_id, event.topic) for event in found} == stored
    for lane in [*range(LANES), REGISTER_LANE]:
        positions = [event.position for event in found if event.lane == lane]
        assert positions == list(range(1, len(positions) + 1))


def test_each_process_has_its_own_role(played: tuple[Shape, dict[str, Any]]) -> None:
    """Ledger and notifier log in with their roles; gateway and retention have none, nor any way to one."""
    shape = played[0]
    with psycopg.connect(shape.owner) as connection:
        roles = {(role, name.partition("-")[2]) for role, name in connection.execute(CONNECTIONS)}
    assert {role for role, _ in roles} == {LEDGER_ROLE, NOTIFIER_ROLE}
    assert {name for role, name in roles if role == NOTIFIER_ROLE} == {"notifier"}
    assert "notifier" not in {name for role, name in roles if role == LEDGER_ROLE}
    for service in ("gateway", "retention"):
        environment = Path(f"/proc/{shape.pid(service)}/environ")
        assert not environment.exists() or b"POSTGRES" not in readable(environment)
        assert not any("POSTGRES" in name for name in shape.environment(service) if name.startswith("GROOTBOEK_"))


def readable(path: Path) -> bytes:
    """What a file holds; nothing when the process keeps it to itself, as ours do."""
    try:
        return path.read_bytes()
    except PermissionError:
        return b""


def state_of(shape: Shape) -> Any:
    """All that a ledger process writes when it starts, if it does."""
    with psycopg.connect(shape.owner) as connection:
        return connection.execute(STATE).fetchone()


def other_vault(_: Shape, folder: Path) -> dict[str, str]:
    """A vault of another ledger."""
    SealedFileVault(folder / "vault" / "vault")
    return {"GROOTBOEK_VAULT": str(folder / "vault" / "vault")}


def no_vault(_: Shape, folder: Path) -> dict[str, str]:
    """A place where no vault is."""
    return {"GROOTBOEK_VAULT": str(folder / "none" / "vault")}


def superuser(shape: Shape, folder: Path) -> dict[str, str]:
    """The role of the owner."""
    parts = psycopg.conninfo.conninfo_to_dict(shape.owner)
    password = folder / "password"
    password.write_text(str(parts["password"]), encoding="ascii")
    password.chmod(0o600)
    without = make_conninfo(**{name: str(parts[name]) for name in parts if name != "password"})
    return {"GROOTBOEK_POSTGRES": without, "GROOTBOEK_POSTGRES_PASSWORD_FILE": str(password)}


def more_lanes(_: Shape, __: Path) -> dict[str, str]:
    """Another number of lanes than the ledger was made with."""
    return {"GROOTBOEK_LANES": "4"}


def exposed_key(shape: Shape, folder: Path) -> dict[str, str]:
    """A service key that others can read."""
    key = folder / "ledger.json"
    key.write_bytes(Path(shape.environment("ledger")["GROOTBOEK_SERVICE_KEY"]).read_bytes())
    key.chmod(0o640)
    return {"GROOTBOEK_SERVICE_KEY": str(key)}


def others_topics(shape: Shape, folder: Path) -> dict[str, str]:
    """Topics that were made for another number of lanes."""
    prefix = f"{folder.name}-one-lane".replace("_", "-")
    servers = (shape.layout.kafka["GROOTBOEK_KAFKA_SERVERS"],)
    ensure_topics(KafkaSettings(servers=servers, prefix=prefix, replication=1, min_insync=1), 1)
    return {"GROOTBOEK_KAFKA_PREFIX": prefix}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (other_vault, "wrong_vault"),
        (no_vault, "vault_damaged"),
        (superuser, "role_too_strong"),
        (more_lanes, "ledger_opened_otherwise"),
        (others_topics, "topic_configured_wrong"),
        (exposed_key, "settings-invalid"),
    ],
)
def test_a_ledger_process_that_is_unsafe_refuses_to_start(
    played: tuple[Shape, dict[str, Any]], tmp_path: Path, change: Callable[[Shape, Path], dict[str, str]], code: str
) -> None:
    """It says why, ends with a status that says that starting it again is in vain, and has written nothing."""
    shape = played[0]
    before = state_of(shape)
    refused = shape.run_refused("ledger", **change(shape, tmp_path))
    assert refused.returncode == REFUSED, refused.stderr
    assert [line["code"] for line in logged(refused.stderr, "process.start-refused")] == [code]
    assert "grootboek ledger: " in refused.stderr
    assert "Traceback" not in refused.stderr
    assert state_of(shape) == before
