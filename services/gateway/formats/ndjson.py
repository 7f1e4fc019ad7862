"""Newline-delimited JSON: each line stands alone, a bad one never takes its neighbours along."""

from __future__ import annotations

from collections.abc import Iterator

from services.runtime import limits
from services.runtime.http import BodyTooLarge


def split_lines(raw: bytes) -> list[tuple[int, bytes]]:
    """Return the lines that are not empty with their numbers (from 1); raise BodyTooLarge for too many of them."""
    lines = [(number, line) for number, line in enumerate(raw.split(b"\n"), start=1) if line.strip()]
    if len(lines) > limits.NDJSON_LINES_MAX:
        raise BodyTooLarge
    return lines


def stretches(lines: list[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    """Cut lines in stretches between which others get their turn."""
    for start in range(0, len(lines), limits.NDJSON_STRETCH_LINES):
        yield lines[start : start + limits.NDJSON_STRETCH_LINES]
