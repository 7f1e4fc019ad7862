"""How the body of a request is read: whole, no larger and no slower than a door allows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.runtime import limits
from services.runtime.http import BodyTooLarge, BodyTooSlow, Heads, RequestGone, read_body

NO_HEADS = Heads({"headers": []})


def read(*messages: dict[str, Any], bytes_max: int = 10) -> bytes:
    """Read what a client sends, who says nothing more after his last message."""
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    return asyncio.run(read_body(NO_HEADS, receive, bytes_max))


def chunk(body: bytes, *, more: bool = False) -> dict[str, Any]:
    """A part of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


def test_the_chunks_of_a_body_are_put_together() -> None:
    """One chunk or several: the body is what was sent."""
    assert read(chunk(b"all")) == b"all"
    assert read(chunk(b"a", more=True), chunk(b"l", more=True), chunk(b"l")) == b"all"


@pytest.mark.parametrize("sent", [(), (chunk(b"a", more=True),)])
def test_a_client_that_stops_sending_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, sent: tuple[dict[str, Any], ...]
) -> None:
    """Before his first byte or after it: his place is free again, or a few hundred of him would close the door."""
    monkeypatch.setattr(limits, "REQUEST_SECONDS_MAX", 0.01)
    with pytest.raises(BodyTooSlow):
        read(*sent)


@pytest.mark.parametrize("sent", [(), (chunk(b"a", more=True),)])
def test_a_client_that_leaves_gets_no_answer(sent: tuple[dict[str, Any], ...]) -> None:
    """Half a body is none."""
    with pytest.raises(RequestGone):
        read(*sent, {"type": "http.disconnect"})


@pytest.mark.parametrize("sent", [(chunk(b"x" * 11),), (chunk(b"x" * 6, more=True), chunk(b"x" * 5))])
def test_a_body_over_the_bound_is_refused(sent: tuple[dict[str, Any], ...]) -> None:
    """In one chunk or in several."""
    with pytest.raises(BodyTooLarge):
        read(*sent)
