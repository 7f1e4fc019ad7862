"""Makes the schemas beside this file anew: ``make crds``. Needs Go, Java and Maven; tests need what it writes.

CloudNativePG and KEDA publish their API as Go modules, of which controller-gen makes definitions as their builds do.
Strimzi publishes Java classes: a schema is made of those. Descriptions are left out, unknown members refused.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import yaml

HERE: Final = Path(__file__).parent
MODULES: Final = (
    "github.com/cloudnative-pg/cloudnative-pg@v1.27.1",
    "github.com/kedacore/keda/v2@v2.17.2",
)
GENERATOR: Final = "sigs.k8s.io/controller-tools/cmd/controller-gen@v0.18.0"
PACKAGES: Final = (
    "github.com/cloudnative-pg/cloudnative-pg/api/v1",
    "github.com/kedacore/keda/v2/apis/keda/v1alpha1",
)
GO_KINDS: Final = {"Cluster", "ScaledObject", "TriggerAuthentication"}
STRIMZI_API: Final = "kafka.strimzi.io/v1"
# In YAML they are a number or a text; their classes say how Java keeps them.
PLAIN_VALUES: Final = ("Quantity", "IntOrString")


def main() -> None:
    """Write a file for each kind."""
    with tempfile.TemporaryDirectory() as folder:
        schemas = go_schemas(Path(folder)) | strimzi_schemas(Path(folder))
    for kind, schema in schemas.items():
        text = json.dumps(schema, sort_keys=True, separators=(",", ":"))
        (HERE / f"{kind}.json").write_text(text + "\n", encoding="utf-8")
        print(f"{kind}: {len(text):,} bytes", file=sys.stderr)


def run(*command: str, folder: Path) -> None:
    """Run a program that shows its own progress; its failure is ours."""
    subprocess.run(command, cwd=folder, env=os.environ | {"GOFLAGS": "-mod=mod"}, check=True)


def go_schemas(folder: Path) -> dict[str, Any]:
    """Let controller-gen read the modules, and take the kinds that we use."""
    run("go", "mod", "init", "crds", folder=folder)
    run("go", "get", *MODULES, folder=folder)
    run("go", "get", "-tool", GENERATOR, folder=folder)
    imports = "".join(f'import _ "{package}"\n' for package in PACKAGES)
    (folder / "imports.go").write_text(f"package crds\n{imports}", encoding="utf-8")
    run("go", "mod", "tidy", folder=folder)
    paths = f"paths={{{','.join(PACKAGES)}}}"
    run("go", "tool", "controller-gen", "crd:maxDescLen=0", paths, "output:crd:dir=crds", folder=folder)
    found = [yaml.safe_load(file.read_text(encoding="utf-8"))["spec"] for file in (folder / "crds").iterdir()]
    return {crd["names"]["kind"]: closed(crd) for crd in found if crd["names"]["kind"] in GO_KINDS}


def closed(crd: dict[str, Any]) -> dict[str, Any]:
    """Make a JSON Schema of a definition, in which members that it does not name are refused as the cluster would."""
    (version,) = crd["versions"]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    close(spec)
    return whole(f"{crd['group']}/{version['name']}", spec)


def close(schema: Any) -> None:
    """Refuse unknown members in this schema and all within, where the definition does not ask to keep them."""
    if isinstance(schema, list):
        for each in schema:
            close(each)
    if isinstance(schema, dict):
        for each in schema.values():
            close(each)
        if isinstance(schema.get("properties"), dict) and not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema.setdefault("additionalProperties", False)


def strimzi_schemas(folder: Path) -> dict[str, Any]:
    """Let Java read the classes, and mend what only they know."""
    shutil.copy(HERE / "pom.xml", folder)
    run("mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=jars", folder=folder)
    (folder / "strimzi").mkdir()
    run("java", "-cp", "jars/*", str(HERE / "Schemas.java"), "strimzi", folder=folder)
    found = {file.stem: json.loads(file.read_bytes()) for file in (folder / "strimzi").iterdir()}
    return {kind: whole(STRIMZI_API, mended(schema)) for kind, schema in found.items()}


def mended(schema: dict[str, Any]) -> dict[str, Any]:
    """Let each kind of a choice have the ``type`` that tells it from the others: its class does not name that."""
    definitions = schema.get("definitions", {})
    for name, definition in definitions.items():
        if "allOf" in definition and name.endswith("-2"):
            own = definitions[definition["allOf"][0]["$ref"].rpartition("/")[2]]
            own.setdefault("properties", {})["type"] = {"type": "string"}
    definitions |= {name: {} for name in PLAIN_VALUES if name in definitions}
    return schema


def whole(api: str, spec: dict[str, Any]) -> dict[str, Any]:
    """The schema of a resource, made of that of its spec."""
    definitions = spec.pop("definitions", {})
    spec.pop("$schema", None)
    return {
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {"apiVersion": {"const": api}, "kind": {}, "metadata": {"type": "object"}, "spec": spec},
        "additionalProperties": False,
        "definitions": definitions,
    }


if __name__ == "__main__":
    main()
