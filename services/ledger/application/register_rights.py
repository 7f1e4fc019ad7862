"""Who may register what, and who sees it: the register is open to its parties, save what is about persons or trust."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.law.governance import Acknowledgement, Entry, Party
from services.law.learning import Closing, NearMiss, Opinion, Question, QuestionState
from services.ledger.contract.messages import Caller, Scope

KEEPERS: Final[frozenset[Scope]] = frozenset({"governance"})
"""Who keeps the register."""

USERS: Final[frozenset[Scope]] = frozenset({"governance", "processing:write"})
"""Who works under what is registered, and may speak for the own party."""

OVERSEERS: Final[frozenset[Scope]] = frozenset({"governance", "audit"})
"""Who sees entries about citizens and about other parties' staff and near misses: who keeps or audits the register."""

_SPEAKERS: Final[Mapping[type, tuple[str, ...]]] = MappingProxyType(
    {
        Acknowledgement: ("party",),
        Closing: ("by",),
        Opinion: ("by",),
        NearMiss: ("by",),
    }
)
"""The kinds in which a party speaks for itself, with the fields that name it; of the others only a question is too."""

_SPEAKERS_BY_STATE: Final[Mapping[QuestionState, tuple[str, ...]]] = MappingProxyType(
    {"open": ("asked_by",), "answered": ("answered_by",), "learned": ("asked_by", "answered_by")}
)
"""Who makes a version of a question known: who asks, who answers, and either of them once it is answered."""


def may_register(caller: Caller, entry: Entry) -> bool:
    """Whether the caller may make this entry known; where a party speaks for itself no scope lets another do so."""
    fields = _SPEAKERS_BY_STATE[entry.state] if isinstance(entry, Question) else _SPEAKERS.get(type(entry))
    if fields is None:
        return bool(caller.scopes & KEEPERS)
    return caller.party in {getattr(entry, field) for field in fields} and bool(caller.scopes & USERS)


def may_see(caller: Caller, entry: Entry) -> bool:
    """Whether a list shows the caller this entry."""
    if isinstance(entry, Acknowledgement) and entry.party == caller.party:
        return True
    if isinstance(entry, NearMiss) and entry.by == caller.party:
        return True
    return not _is_guarded(entry) or bool(caller.scopes & OVERSEERS)


def _is_guarded(entry: Entry) -> bool:
    return isinstance(entry, Acknowledgement | NearMiss) or (isinstance(entry, Party) and entry.kind == "citizen")
