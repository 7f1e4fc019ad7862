"""Of an event, whose trace it belongs to: as the partner said in the act."""

from __future__ import annotations

from typing import Final

import msgspec


class TraceMark(msgspec.Struct, frozen=True, rename="camel"):
    """The part of an envelope that says so; the other members are passed over."""

    trace_id: str | None = None
    span_id: str | None = None


read_trace_mark: Final = msgspec.json.Decoder(TraceMark).decode
"""The mark of the stored bytes of an envelope."""
