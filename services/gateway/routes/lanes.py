"""Lanes: the signed checkpoint of a lane's tree and its tiles (C2SP tlog-checkpoint, tlog-tiles)."""

from __future__ import annotations

import re
from typing import Final

from services.gateway.calls import ANYONE, Ask, Call
from services.ledger.contract.errors import NotFound
from services.ledger.contract.positions import lane_number
from services.runtime.http import Answer

LANE: Final = re.compile(r"register|0|[1-9][0-9]{0,3}", re.ASCII)
TILE: Final = re.compile(r"(?:[0-9]{1,2}|entries)(?:/x[0-9]{3}){0,6}/[0-9]{3}(?:\.p/[0-9]{1,3})?", re.ASCII)
TEXT: Final = "text/plain; charset=utf-8"
BYTES: Final = "application/octet-stream"


async def read_checkpoint(ask: Ask) -> Answer:
    """Return the newest signed checkpoint."""
    return Answer(200, (await ask.ledger.checkpoint(lane_of(ask))).encode(), TEXT)


async def read_tile(ask: Ask) -> Answer:
    """Return one tile of hashes."""
    path = ask.path["path"]
    if not TILE.fullmatch(path):
        raise NotFound
    return Answer(200, await ask.ledger.tile(lane_of(ask), path), BYTES)


def lane_of(ask: Ask) -> int:
    """Return the lane of the path; what is no lane does not exist."""
    if not LANE.fullmatch(ask.path["lane"]):
        raise NotFound
    return lane_number(ask.path["lane"])


CALLS: Final = (
    Call(
        method="GET",
        path="/v1/lanes/{lane}/checkpoint",
        name="readCheckpoint",
        summary="The newest signed checkpoint of a lane, as a C2SP signed note.",
        tag="proof",
        handle=read_checkpoint,
        scopes=ANYONE,
        answer_media=TEXT,
    ),
    Call(
        method="GET",
        path="/v1/lanes/{lane}/tile/{path}",
        name="readTile",
        summary="A tile of a lane's tree; the path is that of C2SP tlog-tiles, such as 0/x001/067.",
        tag="proof",
        handle=read_tile,
        scopes=ANYONE,
        answer_media=BYTES,
    ),
)
