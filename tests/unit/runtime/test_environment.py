"""Settings from the environment: all faults at once, nothing unsafe, nothing of a value told."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.runtime.database_settings import DATABASE, read_database
from services.runtime.environment import Environment, Setting, SettingsInvalid, is_address
from services.runtime.log import MemoryLog
from services.runtime.remote.transport import HttpTransport
from services.runtime.service_settings import INTERNAL, read_internal
from tests.support.certificates import Authority

NAMES = (
    Setting("GROOTBOEK_NAME", is_required=True),
    Setting("GROOTBOEK_COUNT"),
    Setting("GROOTBOEK_KIND"),
    Setting("GROOTBOEK_FLAG"),
    Setting("GROOTBOEK_SECRET_FILE"),
    Setting("GROOTBOEK_URL"),
)


def faults_of(environment: Environment) -> set[tuple[str, str]]:
    """(setting, code) of all that was wrong; nothing of a value stands in any of it."""
    with pytest.raises(SettingsInvalid) as refused:
        environment.refuse_faults()
    return {(fault.pointer.lstrip("/"), fault.code) for fault in refused.value.errors}


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Every setting is looked at, whatever was wrong with those before it."""
    exposed = tmp_path / "secret"
    exposed.write_text("hush\n", encoding="utf-8")
    exposed.chmod(0o640)
    environment = Environment(
        {
            "GROOTBOEK_NAME": "  ",
            "GROOTBOEK_COUNT": "-1",
            "GROOTBOEK_KIND": "other",
            "GROOTBOEK_FLAG": "yes",
            "GROOTBOEK_SECRET_FILE": str(exposed),
            "GROOTBOEK_URL": "http://ledger.example:8100",
        },
        NAMES,
    )
    environment.text("GROOTBOEK_NAME")
    assert environment.number("GROOTBOEK_COUNT", 3, 1, 9) == 3
    assert environment.choice("GROOTBOEK_KIND", ("one", "two"), "one") == "one"
    assert not environment.flag("GROOTBOEK_FLAG")
    environment.secret("GROOTBOEK_SECRET_FILE")
    environment.address("GROOTBOEK_URL", mesh_encrypts=False)
    assert faults_of(environment) == {
        ("GROOTBOEK_NAME", "missing"),
        ("GROOTBOEK_COUNT", "not-a-number"),
        ("GROOTBOEK_KIND", "unknown-value"),
        ("GROOTBOEK_FLAG", "unknown-value"),
        ("GROOTBOEK_SECRET_FILE", "readable-by-others"),
        ("GROOTBOEK_URL", "plain-http-refused"),
    }


def test_sound_settings_are_read(tmp_path: Path) -> None:
    """Values, defaults, and the first line of a private file."""
    secret = tmp_path / "secret"
    secret.write_text("hush\nmore\n", encoding="utf-8")
    secret.chmod(0o600)
    values = {"GROOTBOEK_NAME": " one ", "GROOTBOEK_FLAG": "true", "GROOTBOEK_SECRET_FILE": str(secret)}
    environment = Environment(values, NAMES)
    assert environment.text("GROOTBOEK_NAME") == "one"
    assert environment.number("GROOTBOEK_COUNT", 3, 1, 9) == 3
    assert environment.flag("GROOTBOEK_FLAG")
    assert environment.secret("GROOTBOEK_SECRET_FILE") == "hush"
    assert environment.address("GROOTBOEK_URL", mesh_encrypts=False) == ""
    environment.refuse_faults()


def test_a_link_to_a_secret_is_no_private_file(tmp_path: Path) -> None:
    """Whoever may replace a link may replace the secret."""
    secret, link = tmp_path / "secret", tmp_path / "link"
    secret.write_text("hush\n", encoding="utf-8")
    secret.chmod(0o600)
    link.symlink_to(secret)
    environment = Environment({"GROOTBOEK_NAME": "x", "GROOTBOEK_SECRET_FILE": str(link)}, NAMES)
    environment.secret("GROOTBOEK_SECRET_FILE")
    assert faults_of(environment) == {("GROOTBOEK_SECRET_FILE", "readable-by-others")}


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ("http://127.0.0.1:8100", True),
        ("https://ledger.example", True),
        ("https://ledger.example/", True),
        ("https://ledger.example/path", False),
        ("https://user@ledger.example", False),
        ("https://ledger.example?x=1", False),
        ("ftp://ledger.example", False),
        ("http://", False),
        ("http://host:0", False),
        ("http://host:port", False),
        ("ledger:8100", False),
    ],
)
def test_an_address_is_scheme_host_and_port(value: str, *, is_one: bool) -> None:
    """Nothing else may stand in the address of a service."""
    assert is_address(value) is is_one


POSTGRES_CASES = [
    ("host=/run/postgres dbname=x", {}, set()),
    ("host=127.0.0.1 dbname=x", {}, set()),
    ("postgresql://role@db.example/x?sslmode=verify-full", {}, set()),
    ("postgresql://role@db.example/x", {}, {("GROOTBOEK_POSTGRES", "plain-postgres-refused")}),
    ("postgresql://role@db.example/x?sslmode=prefer", {}, {("GROOTBOEK_POSTGRES", "plain-postgres-refused")}),
    ("host=127.0.0.1,db.example dbname=x", {}, {("GROOTBOEK_POSTGRES", "plain-postgres-refused")}),
    ("host=localhost hostaddr=192.0.2.1 dbname=x", {}, {("GROOTBOEK_POSTGRES", "plain-postgres-refused")}),
    ("service=elsewhere", {}, {("GROOTBOEK_POSTGRES", "plain-postgres-refused")}),
    ("service=elsewhere sslmode=verify-full", {}, set()),
    ("postgresql://role@db.example/x", {"GROOTBOEK_MESH_ENCRYPTS": "true"}, set()),
    ("host=/run password=hush", {}, {("GROOTBOEK_POSTGRES", "password-in-environment")}),
    ("host=/run sslpassword=hush", {}, {("GROOTBOEK_POSTGRES", "password-in-environment")}),
    ("no conninfo", {}, {("GROOTBOEK_POSTGRES", "no-conninfo")}),
    ("", {}, {("GROOTBOEK_POSTGRES", "missing")}),
]


@pytest.mark.parametrize(("value", "more", "expected"), POSTGRES_CASES)
def test_the_way_to_the_database_is_safe(value: str, more: dict[str, str], expected: set[tuple[str, str]]) -> None:
    """No password in the environment, and nothing in the clear over a network unless the network encrypts."""
    environment = Environment({"GROOTBOEK_POSTGRES": value, **more}, (*INTERNAL, *DATABASE))
    read_database(environment)
    if expected:
        assert faults_of(environment) == expected
    else:
        environment.refuse_faults()


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [("PGHOST", "db.example", "plain-postgres-refused"), ("PGPASSWORD", "hush", "password-in-environment")],
)
def test_variables_of_the_library_are_looked_at_too(
    name: str, value: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What our own setting leaves open libpq takes from the environment, so it must be as safe there."""
    monkeypatch.setenv(name, value)
    environment = Environment({"GROOTBOEK_POSTGRES": "dbname=x"}, (*INTERNAL, *DATABASE))
    read_database(environment)
    assert faults_of(environment) == {("GROOTBOEK_POSTGRES", code)}


def test_a_password_comes_from_its_file(tmp_path: Path) -> None:
    """It is put in the conninfo, which is never shown."""
    file = tmp_path / "password"
    file.write_text("hush\n", encoding="utf-8")
    file.chmod(0o600)
    values = {"GROOTBOEK_POSTGRES": "host=/run user=role", "GROOTBOEK_POSTGRES_PASSWORD_FILE": str(file)}
    environment = Environment(values, (*INTERNAL, *DATABASE))
    assert "password=hush" in read_database(environment)


def test_how_a_process_listens_is_safe(tmp_path: Path) -> None:
    """Plain HTTP for others to hear, half of a certificate, and a service key that others can read are refused."""
    key, certificate = tmp_path / "key.json", tmp_path / "certificate.pem"
    for file in (key, certificate):
        file.write_text("{}", encoding="utf-8")
        file.chmod(0o644)
    environment = Environment(
        {
            "GROOTBOEK_INTERNAL_HOST": "0.0.0.0",
            "GROOTBOEK_TLS_CERTIFICATE": str(certificate),
            "GROOTBOEK_SERVICE_KEY": str(key),
            "GROOTBOEK_SERVICE_KEYS": str(key),
        },
        INTERNAL,
    )
    read_internal(environment)
    assert faults_of(environment) == {
        ("GROOTBOEK_INTERNAL_HOST", "plain-http-refused"),
        ("GROOTBOEK_TLS_KEY", "missing"),
        ("GROOTBOEK_SERVICE_KEY", "readable-by-others"),
        ("GROOTBOEK_SERVICE_KEYS", "no-folder"),
    }


@pytest.mark.parametrize("has_authority", [False, True])
@pytest.mark.parametrize("url", ["https://ledger.example:8100", "http://127.0.0.1:8100", "HTTPS://ledger.example"])
def test_every_accepted_address_can_be_called(url: str, tmp_path: Path, *, has_authority: bool) -> None:
    """With https somebody is believed, by default the machine's authorities; without it nobody, whoever is named."""
    authority = Authority(tmp_path).certificate if has_authority else ""
    values = {
        "GROOTBOEK_SERVICE_KEYS": str(tmp_path),
        "GROOTBOEK_TLS_CA_FILE": str(authority),
        "GROOTBOEK_LEDGER_URL": url,
    }
    environment = Environment(values, (*INTERNAL, Setting("GROOTBOEK_LEDGER_URL")))
    settings = read_internal(environment)
    address = environment.address("GROOTBOEK_LEDGER_URL", mesh_encrypts=False)
    trusted = settings.trusted(address)
    assert (trusted is not None) == address.lower().startswith("https")
    HttpTransport(address, token=str, tls=trusted, log=MemoryLog())


def test_an_authority_that_is_none_is_refused(tmp_path: Path) -> None:
    """Before anybody is called, and with the other faults."""
    file = tmp_path / "ca.pem"
    file.write_text("no certificate", encoding="utf-8")
    environment = Environment({"GROOTBOEK_TLS_CA_FILE": str(file), "GROOTBOEK_SERVICE_KEYS": str(tmp_path)}, INTERNAL)
    read_internal(environment)
    assert ("GROOTBOEK_TLS_CA_FILE", "no-certificates") in faults_of(environment)
