"""Which tests there are, and which of them show a finding code: those in whose text the code stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

TESTS: Final = Path("tests")
OF_THE_LAW: Final = TESTS / "unit" / "law"
_Test = ast.FunctionDef | ast.AsyncFunctionDef


class FoundTest(msgspec.Struct, frozen=True):
    """A test and every text that stands in it, in its decorators, or in the constants that it names."""

    path: Path
    name: str
    texts: frozenset[str]


def find_tests(folder: Path = OF_THE_LAW) -> list[FoundTest]:
    """Every test below the folder, in order of path and then as they stand."""
    return [found for path in sorted(folder.rglob("test_*.py")) for found in _tests_in(path)]


def names_in(path: Path) -> frozenset[str]:
    """The names of the tests in a file."""
    return frozenset(test.name for test in _functions(ast.parse(path.read_text(encoding="utf-8"))))


def _tests_in(path: Path) -> Iterator[FoundTest]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = dict(_constants(tree))
    for test in _functions(tree):
        texts = frozenset(_texts(test))
        named = (constants[name] for name in _names(test) if name in constants)
        yield FoundTest(path, test.name, texts.union(*named))


def _functions(tree: ast.Module) -> Iterator[_Test]:
    for node in ast.walk(tree):
        if isinstance(node, _Test) and node.name.startswith("test_"):
            yield node


def _constants(tree: ast.Module) -> Iterator[tuple[str, frozenset[str]]]:
    """The texts in each constant of a module."""
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for target in targets:
            if isinstance(target, ast.Name):
                yield target.id, frozenset(_texts(node))


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign) else []


def _texts(node: ast.AST) -> Iterator[str]:
    return (one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str))


def _names(node: ast.AST) -> Iterator[str]:
    return (one.id for one in ast.walk(node) if isinstance(one, ast.Name))
