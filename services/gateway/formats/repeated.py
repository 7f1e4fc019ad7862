"""Finds names that stand twice in one JSON object: two readers would each believe another one of them."""

from __future__ import annotations

import json
from typing import Any


class Repeated(Exception):
    """A name stands twice."""


def has_repeated_names(raw: bytes) -> bool:
    """Tell whether any object in this JSON repeats a name; ValueError when it is no JSON."""
    try:
        json.loads(raw, object_pairs_hook=_refuse_repeated)
    except Repeated:
        return True
    return False


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object, or raise Repeated."""
    built = dict(pairs)
    if len(built) != len(pairs):
        raise Repeated
    return built
