"""Reads from the SQL text of a service which rights on which tables its statements use."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

PROJECT = Path(__file__).parents[2]
COMMENT = re.compile(r"--[^\n]*")
UPDATED = re.compile(
    r"\bUPDATE\s+([\w.]+)\s+(?:AS\s+\w+\s+)?SET\s+(.*?)(?=\bFROM\b|\bWHERE\b|\bRETURNING\b|$)", re.DOTALL
)
INSERTED = re.compile(r"\bINSERT\s+INTO\s+([\w.]+)")
UPSERTED = re.compile(
    r"\bINSERT\s+INTO\s+([\w.]+)(?:(?!\bINSERT\s+INTO\b).)*?"
    r"\bDO\s+UPDATE\s+SET\s+(.*?)(?=\bWHERE\b|\bRETURNING\b|\n\)|$)",
    re.DOTALL,
)
DELETED = re.compile(r"\bDELETE\s+FROM\s+([\w.]+)")
NAMED = re.compile(r"[\w.]+")

Right = tuple[str, str, str]
"""Table with its schema, verb, and for an UPDATE its column."""


def statements_of(folders: Sequence[str], leave_out: Sequence[str] = ()) -> Iterator[str]:
    """Every SQL text in these folders: whole .sql files, and the string constants of Python files."""
    for folder in folders:
        for path in sorted((PROJECT / folder).rglob("*")):
            if "migrations" in path.parts or path.name in leave_out:
                continue
            if path.suffix == ".sql":
                yield COMMENT.sub("", path.read_text(encoding="utf-8"))
            elif path.suffix == ".py":
                tree = ast.parse(path.read_text(encoding="utf-8"))
                for node in ast.walk(tree):
                    if isinstance(node, ast.Constant) and isinstance(node.value, str):
                        yield COMMENT.sub("", node.value)


def columns_set(assignments: str) -> Iterator[str]:
    """The columns that a SET list assigns to."""
    depth, start = 0, 0
    for place, letter in enumerate([*assignments, ","]):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            yield assignments[start:place].partition("=")[0].strip().strip("()").strip()
            start = place + 1


def rights_used(statements: Iterator[str], tables: dict[str, str]) -> set[Right]:
    """The rights that these statements use; ``tables`` gives the full name of every table by each way to write it."""
    used: set[Right] = set()
    for text in statements:
        for table, assignments in (*UPDATED.findall(text), *UPSERTED.findall(text)):
            if table in tables:
                used.update((tables[table], "UPDATE", column) for column in columns_set(assignments))
        for verb, pattern in (("INSERT", INSERTED), ("DELETE", DELETED)):
            used.update((tables[table], verb, "") for table in pattern.findall(text) if table in tables)
        if re.search(r"\b(SELECT|UPDATE|DELETE|INSERT)\b", text):
            used.update((tables[word], "SELECT", "") for word in NAMED.findall(text) if word in tables)
    return used
