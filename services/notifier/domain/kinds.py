"""The kinds of messages and the version of the text that each uses now."""

from __future__ import annotations

from typing import Final, Literal

from services.notifier.contract.letters import LetterKind

PartyKind = Literal[
    "inform-due", "inform-overdue", "inform-revived", "erase-owed", "erase-reminder", "erase-escalation"
]
MessageKind = PartyKind | LetterKind
Language = Literal["nl", "en"]

TEMPLATES: Final[dict[MessageKind, str]] = {
    "inform-due": "inform-due@1",
    "inform-overdue": "inform-overdue@1",
    "inform-revived": "inform-revived@1",
    "erase-owed": "erase-owed@1",
    "erase-reminder": "erase-reminder@1",
    "erase-escalation": "erase-escalation@1",
    "notice-to-person": "notice-to-person@1",
    "notice-to-child": "notice-to-child@1",
    "breach-to-person": "breach-to-person@1",
    "erased-to-person": "erased-to-person@1",
}
"""A row in the outbox names its version, so a message that waits keeps the text it was decided with."""

TELLS: Final[dict[LetterKind, str]] = {
    "notice-to-person": "notice",
    "notice-to-child": "notice",
    "breach-to-person": "breach",
    "erased-to-person": "erased",
}
"""Which facts a letter needs, by their tag."""
