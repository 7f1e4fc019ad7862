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

SCHEMA_PREFIX: Final = "urn:nld:systeem:grootboek:schema:"
ABOUT: Final = {"envelope": Envelope, "content": Content}


def schema_uri(topic: str) -> str:
    """What names the schema of an event version wherever it is spoken of."""
    return SCHEMA_PREFIX + topic


def part_schema(part: str) -> dict[str, Any]:
    """The schema of ``envelope`` (clear) or ``content`` (sealed); one shape serves all topics."""
    return {"$schema": DIALECT, "$id": schema_uri(part), **msgspec.json.schema(ABOUT[part])}


def event_schema(topic: str) -> dict[str, Any]:
    """The schema of one event version, as it stands on a topic (content sealed) and as it is once opened.

    What was swept has neither envelope nor content.
    """
    return {
        "$schema": DIALECT,
        "$id": schema_uri(topic),
        "title": topic,
        "type": "object",
        "properties": {
            "lane": {"type": "integer", "minimum": 0},
            "position": {"type": "integer", "minimum": 1},
            "streamId": {"type": "string", "format": "uuid"},
            "version": {"type": "integer", "minimum": 0},
            "topic": {"const": topic},
            "envelope": {"anyOf": [{"$ref": schema_uri("envelope")}, {"type": "null"}]},
            "content": {
                "anyOf": [
                    {"$ref": schema_uri("content")},
                    {"type": "string", "contentEncoding": "base64"},
                    {"type": "null"},
                ]
            },
        },
        "required": ["topic", "envelope", "content"],
    }


def all_schemas() -> dict[str, dict[str, Any]]:
    """Every schema by its file name."""
    parts = {f"{part}.schema.json": part_schema(part) for part in ABOUT}
    return parts | {f"{topic}.schema.json": event_schema(topic) for topic in TOPICS}
