"""What the manifests tell the processes is what the processes ask: read by their own code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.cli.commands import migrate
from services.gateway import environment as gateway
from services.ledger.entrypoints import environment as ledger
from services.notifier.entrypoints import environment as notifier
from services.retention.entrypoints import environment as retention
from services.runtime.take_secrets import take_secrets
from tests.support.kustomize.render import ROOT, Resource, of_kind, pod_of, render, settings_of

KNOWN = {"gateway": gateway, "ledger": ledger, "retention": retention, "notifier": notifier, "migrate": migrate}
READ: Mapping[str, Callable[[Mapping[str, str]], Any]] = {
    "gateway": gateway.read_settings,
    "ledger": ledger.read_settings,
    "retention": retention.read_settings,
    "notifier": notifier.read_process_settings,
    "migrate": migrate.read_settings,
}
KEY_FILES = [f"{service}.json" for service in ("gateway", "ledger", "retention", "notifier")]
# What stands in each secret; k8s/README.md says how to make it, or which operator does.
FILES = {
    **{f"{service}-service-key": ["key.json"] for service in ("gateway", "ledger", "retention", "notifier")},
    **{f"{role}-database": ["username", "password"] for role in ("owner", "ledger", "notifier")},
    **{
        f"{user}-kafka": ["ca.crt", "user.crt", "user.key", "user.p12", "user.password"]
        for user in ("ledger", "notifier")
    },
    "token-keys": ["token-keys.json"],
    "service-keys": KEY_FILES,
    "notifier-settings": ["channels.yaml", "routes.yaml"],
    "grootboek-db-ca": ["ca.crt", "ca.key"],
    "grootboek-cluster-ca-cert": ["ca.crt", "ca.p12", "ca.password"],
}
MOUNTED = "/run/secrets"
TAKEN = "/run/grootboek/secrets"
FOLDERS = ("overlays/test", "overlays/test/after", "overlays/production", "overlays/production/after")


def processes_of(folder: str) -> dict[str, Resource]:
    """Our deployments and jobs; both jobs run the same command."""
    found = of_kind(render(folder), "Deployment", "Job")
    return {name.removesuffix("-post"): resource for name, resource in found.items()}


def lay_down(pod: Resource, place: Path) -> None:
    """Make the files that the pod finds where secrets are mounted, behind links as Kubernetes does."""
    sources = {volume["name"]: volume.get("secret") or volume.get("configMap") for volume in pod["volumes"]}
    for mount in pod["containers"][0]["volumeMounts"]:
        if mount["mountPath"].startswith(MOUNTED):
            source = sources[mount["name"]]
            folder = place / mount["mountPath"].removeprefix(f"{MOUNTED}/")
            hidden = folder / "..2026_11_26"
            hidden.mkdir(parents=True)
            (folder / "..data").symlink_to(hidden.name)
            names = [item["key"] for item in source.get("items", ())] or FILES[
                source.get("secretName") or source["name"]
            ]
            assert set(names) <= set(FILES[source.get("secretName") or source["name"]])
            for name in names:
                (hidden / name).write_text("content\n")
                (hidden / name).chmod(0o440)
                (folder / name).symlink_to(f"..data/{name}")


@pytest.mark.parametrize("folder", FOLDERS)
def test_processes_read_what_the_manifests_tell_them(folder: str, tmp_path: Path) -> None:
    """With the mounted secrets taken over, the settings of every process of every overlay are without fault."""
    for name, resource in processes_of(folder).items():
        settings = settings_of(resource)
        assert KNOWN[name].REQUIRED <= settings.keys() <= KNOWN[name].KNOWN, name
        lay_down(pod_of(resource), tmp_path / name / "mounted")
        take_secrets(tmp_path / name / "mounted", tmp_path / name / "taken")
        READ[name]({key: found_below(tmp_path / name, value) for key, value in settings.items()})


def found_below(place: Path, value: str) -> str:
    """A setting with the folders of secrets under ``place``; what is no secret may be read where it is mounted."""
    return value.replace(TAKEN, str(place / "taken")).replace(MOUNTED, str(place / "mounted"))


def test_certificates_of_authorities_are_read_where_they_are_renewed() -> None:
    """A copy that was made at the start would end while the process runs; the mounted file follows its operator."""
    for folder in FOLDERS:
        for resource in processes_of(folder).values():
            for value in settings_of(resource).values():
                assert not re.search(rf"{TAKEN}/[a-z-]*ca/ca\.crt", value)


def test_a_setting_that_nobody_reads_is_found() -> None:
    """Every name that stands anywhere in the manifests or in compose.yaml is one that a process asks for."""
    known = frozenset[str]().union(*(each.KNOWN for each in KNOWN.values()))
    files = [ROOT / "compose.yaml", *(ROOT / "k8s").rglob("*.yaml"), *(ROOT / "k8s").rglob("*.md")]
    named = {name for file in files for name in re.findall(r"GROOTBOEK_[A-Z_]+[A-Z]", file.read_text(encoding="utf-8"))}
    assert named - known == set()


def compose() -> dict[str, Any]:
    """The services of compose.yaml, as they are after its anchors."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("name", list(KNOWN))
def test_processes_read_what_compose_tells_them(name: str, tmp_path: Path) -> None:
    """With the files of its secrets, each service of compose.yaml has settings without fault, and knows all of them."""
    service = compose()["services"][name]
    settings: dict[str, str] = service["environment"]
    assert KNOWN[name].REQUIRED <= settings.keys() <= KNOWN[name].KNOWN
    targets = [each if isinstance(each, str) else each["target"] for each in service["secrets"]]
    targets += [f"service-keys/{file}" for file in KEY_FILES if "volumes" in service]
    for target in targets:
        file = tmp_path / "mounted" / target
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("content\n")
    take_secrets(tmp_path / "mounted", tmp_path / "taken")
    READ[name]({key: value.replace(TAKEN, str(tmp_path / "taken")) for key, value in settings.items()})


def test_compose_is_as_closed_as_the_cluster() -> None:
    """Ours run as nobody with a read-only root; only the gateway is published, and only on this machine."""
    services = compose()["services"]
    for name in KNOWN:
        service = services[name]
        assert service["read_only"] is True
        assert service["user"] == "65532:65532"
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"gateway": ["127.0.0.1:8000:8000"]}
    reaching = {name for name, service in services.items() if "outside" in service["networks"]}
    assert reaching == {"gateway", "notifier"}
    assert compose()["networks"]["within"] == {"internal": True}
    assert all(secret["file"].startswith("./var/") for secret in compose()["secrets"].values())
    used = {
        each if isinstance(each, str) else each["source"]
        for service in services.values()
        for each in service.get("secrets", ())
    }
    assert used == compose()["secrets"].keys()
    assert all(services[name].get("healthcheck") for name in (*KNOWN, "postgres", "kafka"))


def test_the_manual_names_every_secret() -> None:
    """k8s/README.md tells of each secret and public key that a pod mounts where it comes from."""
    manual = (ROOT / "k8s/README.md").read_text(encoding="utf-8")
    assert [name for name in FILES if f"`{name}`" not in manual] == []
