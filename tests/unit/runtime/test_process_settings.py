"""The settings of the four processes: what is unsafe is refused, all of it at once, and nothing of a value is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from services.cli.commands import migrate
from services.gateway import environment as gateway
from services.gateway.auth.keys import open_keys
from services.ledger.entrypoints import environment as ledger
from services.notifier.entrypoints import environment as notifier
from services.retention.entrypoints import environment as retention
from services.runtime.environment import SettingsInvalid
from services.runtime.service import lines_of
from services.runtime.service_tokens import make_service_keys, private_key_file, public_key_folder

Read = Callable[[Mapping[str, str]], Any]
READERS: dict[str, Read] = {
    "ledger": ledger.read_settings,
    "retention": retention.read_settings,
    "notifier": notifier.read_process_settings,
    "gateway": gateway.read_settings,
    "migrate": migrate.read_settings,
}
TABLES: dict[str, Any] = {
    "ledger": ledger,
    "retention": retention,
    "notifier": notifier,
    "gateway": gateway,
    "migrate": migrate,
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings with which every process starts."""
    folder = tmp_path_factory.mktemp("settings")
    make_service_keys(folder, ["ledger"])
    open_keys(folder / "issuer")
    return {
        "GROOTBOEK_SERVICE_KEY": str(private_key_file(folder, "ledger")),
        "GROOTBOEK_SERVICE_KEYS": str(public_key_folder(folder)),
        "GROOTBOEK_POSTGRES": "host=/run/postgres user=role dbname=ledger",
        "GROOTBOEK_KAFKA_SERVERS": "127.0.0.1:9092",
        "GROOTBOEK_LANES": "4",
        "GROOTBOEK_VAULT": str(folder / "vault"),
        "GROOTBOEK_ERASURE_REGISTER": str(folder / "register"),
        "GROOTBOEK_LEDGER_URL": "http://127.0.0.1:8101",
        "GROOTBOEK_NOTIFIER_URL": "http://127.0.0.1:8102",
        "GROOTBOEK_NOTIFIER_FOLDER": str(folder / "notifier"),
        "GROOTBOEK_ISSUER": str(folder / "issuer"),
    }


def faults(read: Read, values: Mapping[str, str]) -> set[tuple[str, str]]:
    """(setting, code) of all that was wrong."""
    with pytest.raises(SettingsInvalid) as refused:
        read(values)
    told = "\n".join(lines_of("test", refused.value))
    assert not any(value in told for value in values.values() if len(value) > 8)
    return {(fault.pointer.lstrip("/"), fault.code) for fault in refused.value.errors}


@pytest.mark.parametrize("process", READERS)
def test_sound_settings_are_taken(process: str, sound: dict[str, str]) -> None:
    """Nothing but what is required need be given, and nothing of it is shown."""
    settings = READERS[process]({name: sound[name] for name in TABLES[process].REQUIRED})
    assert "password" not in repr(settings)
    assert READERS[process](sound) is not None


@pytest.mark.parametrize("process", READERS)
def test_all_that_is_missing_is_told_at_once(process: str) -> None:
    """An empty environment gives every required name."""
    missing = {name for name, code in faults(READERS[process], {}) if code == "missing"}
    assert missing == TABLES[process].REQUIRED


UNSAFE = [
    ("ledger", {"GROOTBOEK_INTERNAL_HOST": "0.0.0.0"}, {("GROOTBOEK_INTERNAL_HOST", "plain-http-refused")}),
    ("gateway", {"GROOTBOEK_HOST": "0.0.0.0"}, {("GROOTBOEK_HOST", "plain-http-refused")}),
    ("gateway", {"GROOTBOEK_LEDGER_URL": "http://ledger:8100"}, {("GROOTBOEK_LEDGER_URL", "plain-http-refused")}),
    ("gateway", {"GROOTBOEK_ISSUER": "/nowhere"}, {("GROOTBOEK_ISSUER", "no-keys")}),
    ("retention", {"GROOTBOEK_LEDGER_URL": "http://ledger:8100"}, {("GROOTBOEK_LEDGER_URL", "plain-http-refused")}),
    ("notifier", {"GROOTBOEK_KAFKA_SERVERS": "kafka:9092"}, {("GROOTBOEK_KAFKA_SERVERS", "kafka_unsafe")}),
    (
        "ledger",
        {"GROOTBOEK_KAFKA_SERVERS": ":", "GROOTBOEK_KAFKA_MIN_INSYNC": "4"},
        {("GROOTBOEK_KAFKA_SERVERS", "kafka_settings_wrong")},
    ),
    ("ledger", {"GROOTBOEK_LANES": "3"}, {("GROOTBOEK_LANES", "lanes_invalid")}),
    (
        "ledger",
        {"GROOTBOEK_CLOCK": "scenario", "GROOTBOEK_REPLICAS": "2", "GROOTBOEK_NOTIFIER_URL": ""},
        {
            ("GROOTBOEK_REPLICAS", "scenario-replicated"),
            ("GROOTBOEK_RETENTION_URL", "missing"),
            ("GROOTBOEK_NOTIFIER_URL", "missing"),
        },
    ),
    ("ledger", {"GROOTBOEK_POSTGRES": "host=db user=x"}, {("GROOTBOEK_POSTGRES", "plain-postgres-refused")}),
    (
        "migrate",
        {"GROOTBOEK_POSTGRES": "host=/x password=hush-hush"},
        {("GROOTBOEK_POSTGRES", "password-in-environment")},
    ),
]


@pytest.mark.parametrize(("process", "change", "expected"), UNSAFE)
def test_what_is_unsafe_is_refused(
    process: str, change: dict[str, str], expected: set[tuple[str, str]], sound: dict[str, str]
) -> None:
    """Plain text over a network, a clock in two places, keys of nobody: the process does not start."""
    assert faults(READERS[process], {**sound, **change}) == expected


@pytest.mark.parametrize("process", ["ledger", "gateway", "retention"])
def test_a_mesh_that_encrypts_is_believed_when_it_is_named(process: str, sound: dict[str, str]) -> None:
    """Whoever says that the network itself encrypts may listen and call in the clear."""
    open_settings = {
        "GROOTBOEK_MESH_ENCRYPTS": "true",
        "GROOTBOEK_INTERNAL_HOST": "0.0.0.0",
        "GROOTBOEK_HOST": "0.0.0.0",
        "GROOTBOEK_LEDGER_URL": "http://ledger:8100",
    }
    READERS[process]({**sound, **open_settings})


def test_passwords_are_read_from_private_files_only(tmp_path: Path, sound: dict[str, str]) -> None:
    """Those that the roles get, and the one of the owner."""
    file = tmp_path / "password"
    file.write_text("hush-hush-hush\n", encoding="utf-8")
    file.chmod(0o600)
    settings = migrate.read_settings({**sound, "GROOTBOEK_LEDGER_PASSWORD_FILE": str(file)})
    assert settings.passwords.ledger == "hush-hush-hush"
    assert "hush" not in repr(settings)
    file.chmod(0o604)
    assert faults(migrate.read_settings, {**sound, "GROOTBOEK_LEDGER_PASSWORD_FILE": str(file)}) == {
        ("GROOTBOEK_LEDGER_PASSWORD_FILE", "readable-by-others")
    }
