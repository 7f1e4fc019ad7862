"""The JSON Schemas of what is stored, for whoever reads the events outside the ledger."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from services.ledger.contract import topics
from services.ledger.contract.events import Content, Envelope

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
TOPICS: Final = tuple(
    sorted(value for name, value in vars(topics).items() if name.isupper() and isinstance(value, str))
)
"""Every topic of the ledger's own events, with its version."""

ABOUT: Final = {"envelope": Envelope, "content": Content}


def part_schema(part: str) -> dict[str, Any]:
    """The schema of ``envelope`` (clear) or ``content`` (sealed); one shape serves all topics."""
    return {"$schema": DIALECT, **msgspec.json.schema(ABOUT[part])}


def event_schema(topic: str) -> dict[str, Any]:
    """The schema of one event version: its topic, its envelope, and its content as it is once opened."""
    return {
        "$schema": DIALECT,
        "title": topic,
        "type": "object",
        "properties": {
            "topic": {"const": topic},
            "envelope": {"$ref": "envelope.schema.json"},
            "content": {"anyOf": [{"$ref": "content.schema.json"}, {"type": "null"}]},
        },
        "required": ["topic", "envelope", "content"],
    }


def all_schemas() -> dict[str, dict[str, Any]]:
    """Every schema by its file name."""
    parts = {f"{part}.schema.json": part_schema(part) for part in ABOUT}
    return parts | {f"{topic}.schema.json": event_schema(topic) for topic in TOPICS}
