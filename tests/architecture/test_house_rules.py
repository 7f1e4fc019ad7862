"""The house rules that no linter knows."""

from __future__ import annotations

import ast
import re
import statistics
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE_LINES_MAX = 600
FILE_LINES_MEDIAN = 150
FUNCTION_LINES_MAX = 70
FUNCTION_LINES_MEDIAN = 8

# Time, ids and randomness come through the ports of the runtime, so that a test can replay them.
UNPORTED_CALLS = re.compile(
    r"(datetime\.)?(datetime|date)\.(now|utcnow|today)|time\.time(_ns)?|(uuid\.)?uuid[14]|os\.urandom"
    r"|secrets\.(token_\w+|randbelow|randbits|choice)"
    r"|random\.(Random|SystemRandom|random|randint|randrange|choices?|shuffle|sample|uniform|getrandbits|randbytes)"
)
SQL_STATEMENT = re.compile(
    r"\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|WITH\s+\w+.*\bAS\s*\(|COPY\s+\w+"
    r"|(CREATE|ALTER|DROP)\s+(UNLOGGED\s+|TEMP\s+|UNIQUE\s+)?(TABLE|INDEX|DATABASE|SEQUENCE|VIEW)\s|TRUNCATE\s|LOCK\s+TABLE)",
    re.DOTALL,
)
# The runtime keeps the mechanics of PostgreSQL itself: migrations, durability settings, roles, the first database.
SQL_MECHANICS = {
    "services/runtime/postgres.py",
    "services/runtime/postgres_check.py",
    "services/runtime/postgres_cluster.py",
    "services/runtime/postgres_roles.py",
}


def python_files(*folders: str) -> list[Path]:
    """Return the Python files under the folders, as paths from the root."""
    return sorted(path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return every function of a file, methods and inner functions too."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(path: Path, node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function that are not blank and not its docstring."""
    assert node.end_lineno is not None
    source = (ROOT / path).read_text(encoding="utf-8").splitlines()[node.lineno - 1 : node.end_lineno]
    docstring = ast.get_docstring(node, clean=False)
    return sum(1 for line in source if line.strip()) - (
        sum(1 for line in docstring.splitlines() if line.strip()) if docstring else 0
    )


def test_files_stay_small() -> None:
    """No file is longer than 600 lines, and half of the services' files are at most 150."""
    lengths = {
        path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in python_files("services", "tests")
    }
    assert {path: length for path, length in lengths.items() if length > FILE_LINES_MAX} == {}
    own = [length for path, length in lengths.items() if path.parts[0] == "services"]
    assert statistics.median(own) <= FILE_LINES_MEDIAN


def test_functions_stay_small() -> None:
    """No function is longer than 70 lines, and half of them are at most 8."""
    lengths = {
        f"{path}:{node.lineno} {node.name}": lines_of(path, node)
        for path in python_files("services")
        for node in functions_of(path)
    }
    assert {name: length for name, length in lengths.items() if length > FUNCTION_LINES_MAX} == {}
    assert statistics.median(lengths.values()) <= FUNCTION_LINES_MEDIAN


def test_everything_public_is_explained() -> None:
    """Every module, public class and public function of the services has a docstring."""
    missing = [f"{path}:1" for path in python_files("services") if not ast.get_docstring(tree_of(path))]
    for path in python_files("services"):
        missing += [
            f"{path}:{node.lineno} {node.name}" for node in public_nodes(tree_of(path)) if not ast.get_docstring(node)
        ]
    assert missing == []


def public_nodes(parent: ast.Module | ast.ClassDef) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the public classes, functions and methods of a module."""
    for node in parent.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node
            yield from public_nodes(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node


def test_every_test_says_what_it_shows() -> None:
    """Every test has a docstring of its own."""
    missing = [
        f"{path}:{node.lineno} {node.name}"
        for path in python_files("tests")
        for node in functions_of(path)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert missing == []


def test_time_ids_and_chance_come_through_ports() -> None:
    """Outside the runtime nobody asks for the time, an id or a random number."""
    found = [
        f"{path}:{node.lineno} {ast.unparse(node.func)}"
        for path in python_files("services")
        if not path.is_relative_to("services/runtime")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and UNPORTED_CALLS.fullmatch(ast.unparse(node.func))
    ]
    assert found == []


def test_sql_stands_in_storage_only() -> None:
    """A statement of SQL stands in a storage folder, or in the few files of the mechanics."""
    found = [
        f"{path}:{node.lineno}"
        for path in python_files("services")
        if "storage" not in path.parts and path.as_posix() not in SQL_MECHANICS
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL_STATEMENT.match(node.value)
    ]
    assert found == []


@pytest.mark.parametrize(("name", "packages_min"), [("runtime", 20), ("development", 20), ("lock", 2)])
def test_locks_are_hashed_and_name_no_host(name: str, packages_min: int) -> None:
    """Every locked package has hashes, and no address stands in the lock: it installs from any index."""
    text = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-i|--index-url|--extra-index-url|--find-links|--trusted-host)\b", text, re.MULTILINE)
    name = r"[a-zA-Z0-9._-]+(?:\[[a-z0-9,]+\])?"
    pinned = re.findall(rf"^{name}==\S+ \\\n    --hash=sha256:[0-9a-f]{{64}}", text, re.MULTILINE)
    assert len(pinned) == len(re.findall(r"==", text)) > packages_min


def test_the_runtime_lock_is_part_of_the_development_lock() -> None:
    """What is tested is what runs: both locks hold the same versions."""
    locks = [
        set(re.findall(r"^\S+==\S+", (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("runtime", "development")
    ]
    assert locks[0] <= locks[1]


def asked_for(name: str) -> set[str]:
    """Return the bare names of the packages in a requirements input file."""
    lines = (ROOT / f"requirements/{name}.in").read_text(encoding="utf-8").splitlines()
    return {bare_name(line) for line in lines if line and not line.startswith(("#", "-r"))}


def bare_name(requirement: str) -> str:
    """Return the name of a requirement without extras and version."""
    return re.split(r"[\[<>=~! ]", requirement, maxsplit=1)[0]


def test_dependencies_are_declared_and_explained() -> None:
    """What the locks are made from equals the extras of the distribution, and each is explained."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    declared = {bare_name(each) for each in project["dependencies"]}
    for extra in project["optional-dependencies"].values():
        declared |= {bare_name(each) for each in extra}
    build = {"editables", "hatchling"}
    assert declared - {"grootboek"} | build == asked_for("runtime") | asked_for("development")
    explained = set(
        re.findall(r"^\| ([\w-]+) \|", (ROOT / "docs/dependencies.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert explained - {"package"} == asked_for("runtime") | asked_for("development") | asked_for("lock")


def test_the_licence_is_the_official_text() -> None:
    """LICENSE holds the whole EUPL 1.2, from its title to the last sentence of its appendix."""
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    assert text.rstrip().endswith("require the production of a new EUPL version.")
    assert all(f"\n{number}." in text for number in range(1, 16))
