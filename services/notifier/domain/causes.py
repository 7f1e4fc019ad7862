"""The id of a message follows from what caused it: one message per cause, however often the decision is taken."""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid5

NAMESPACE: Final = UUID("0f5c2f6c-3c9b-5b8e-9d4e-6e6f74696679")
"""Fixed for ever: another one would send every message again."""


def party_message_id(obligation: str, kind: str, occasion: str, route: str) -> UUID:
    """The id of what is said about an obligation on an occasion (its date, or the exemption that ended) by a route."""
    return uuid5(uuid5(NAMESPACE, obligation), f"{kind}/{occasion}/{route}")


def letter_id(cause: UUID, kind: str, controller: str, channel: str) -> UUID:
    """The id of a controller's letter to a person about a cause."""
    return uuid5(uuid5(NAMESPACE, str(cause)), f"{kind}/{controller}/{channel}")
