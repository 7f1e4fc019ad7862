"""Public positions: ``"lane-position"``; the register lane is written by name."""

from __future__ import annotations

from typing import Final

REGISTER_LANE: Final = 9999
"""Above every subject lane, so that locking in ascending order takes the register last."""

REGISTER_NAME: Final = "register"


def lane_name(lane: int) -> str:
    """The public name of a lane."""
    return REGISTER_NAME if lane == REGISTER_LANE else str(lane)


def lane_number(name: str) -> int:
    """The lane of a public name; raises ValueError when it is none."""
    return REGISTER_LANE if name == REGISTER_NAME else int(name)


def format_position(lane: int, position: int) -> str:
    """The public form of a position, such as ``"0-123"`` or ``"register-7"``."""
    return f"{lane_name(lane)}-{position}"


def parse_position(text: str) -> tuple[int, int]:
    """(lane, position) of a public position; raises ValueError when it is none."""
    name, _, number = text.rpartition("-")
    position = int(number)
    if position < 0:
        raise ValueError("position below zero")
    return lane_number(name), position
