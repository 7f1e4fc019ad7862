"""Renders a folder of k8s/ as ``kubectl apply -k`` would, and reads what comes out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.kafka_jars import cache_folder
from tests.support.missing import find_program, need

ROOT: Final = Path(__file__).parents[3]
LOCKED: Final = ("go.mod", "go.sum")
VERSION: Final = "5.8.1"
PACKAGE: Final = "sigs.k8s.io/kustomize/kustomize/v5"
BUILD_SECONDS_MAX: Final = 900
RENDER_SECONDS_MAX: Final = 60

Resource = dict[str, Any]


@cache
def render(folder: str) -> tuple[Resource, ...]:
    """Every resource that a folder under k8s/ gives."""
    command = [str(find_kustomize()), "build", str(ROOT / "k8s" / folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=RENDER_SECONDS_MAX)
    assert result.returncode == 0, result.stderr
    return tuple(each for each in yaml.safe_load_all(result.stdout) if each)


@cache
def find_kustomize() -> Path:
    """The program, built the first time; whoever has no Go is told what to do."""
    program = cache_folder() / f"kustomize-{VERSION}"
    if not program.is_file():
        need("kustomize", find_program("go", "the manifests are rendered by kustomize, install Go 1.26 or later"))
        build(program)
    return program


def build(program: Path) -> None:
    """Build beside its place, where it goes when it is whole; no other module than the locked ones gets in."""
    program.parent.mkdir(parents=True, exist_ok=True)
    say(f"Building kustomize {VERSION}, once (some minutes)")
    with tempfile.TemporaryDirectory(dir=program.parent, prefix="unfinished-") as folder:
        for name in LOCKED:
            shutil.copy(Path(__file__).with_name(name), folder)
        command = ["go", "build", "-mod=readonly", "-trimpath", "-o", "kustomize", PACKAGE]
        environment = os.environ | {"GOFLAGS": "", "CGO_ENABLED": "0"}
        subprocess.run(command, cwd=folder, env=environment, check=True, timeout=BUILD_SECONDS_MAX)
        Path(folder, "kustomize").replace(program)
    say(f"kustomize stands in {program}")


def say(line: str) -> None:
    """Tell who waits; ``make check`` builds before pytest captures what is said."""
    print(line, file=sys.stderr, flush=True)


def of_kind(resources: tuple[Resource, ...], *kinds: str) -> dict[str, Resource]:
    """The resources of these kinds by name."""
    return {each["metadata"]["name"]: each for each in resources if each["kind"] in kinds}


def pod_of(resource: Resource) -> Resource:
    """The pod that a deployment, stateful set or job makes."""
    pod: Resource = resource["spec"]["template"]["spec"]
    return pod


def settings_of(resource: Resource) -> dict[str, str]:
    """The settings that a process gets in its environment."""
    (container,) = pod_of(resource)["containers"]
    return {each["name"]: each["value"] for each in container.get("env", ())}


def secrets_of(resource: Resource) -> set[str]:
    """The secrets that a pod gets to see."""
    return {volume["secret"]["secretName"] for volume in pod_of(resource)["volumes"] if "secret" in volume}


if __name__ == "__main__" and shutil.which("go"):
    find_kustomize()
