"""What may be asked about covenants, beside registering and listing them."""

from __future__ import annotations

from typing import Final, Protocol

import msgspec

from services.law.act import Phase, TextShort
from services.ledger.contract.messages import Caller, JsonObject, Page


class CovenantQuestion(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """``POST /v1/covenants/_resolve``: where the person lives, where it happened, where he goes to school; by whom.

    A municipality is named as in the register, by id, name or code. ``valid_at``: an instant or a day, default now.
    """

    home_municipality: TextShort | None = None
    act_municipality: TextShort | None = None
    school_municipality: TextShort | None = None
    controller: TextShort | None = None
    recipients: tuple[TextShort, ...] = ()
    purpose: TextShort | None = None
    phase: Phase | None = None
    data_categories: tuple[TextShort, ...] = ()
    valid_at: TextShort | None = None


class CovenantClient(Protocol):
    """The part of the ledger's port that is about covenants; what of it reads persons records that first."""

    async def choose_covenant(self, caller: Caller, question: CovenantQuestion) -> JsonObject:
        """Which covenants could govern, which does by default, and why."""
        ...

    async def read_covenant(self, caller: Caller, covenant_id: str, valid_at: str | None = None) -> JsonObject:
        """The covenant as it is that day, with what it inherits and from where; NotFound when none is in force."""
        ...

    async def read_card(
        self, caller: Caller, covenant_id: str, reader: str | None = None, valid_at: str | None = None
    ) -> JsonObject:
        """The covenant in plain words, and whether this reader acknowledged this version."""
        ...

    async def compare_covenants(
        self, caller: Caller, covenant_id: str, first: int | None, second: int | None, other: str | None
    ) -> JsonObject:
        """What differs between two versions, or between two covenants; NotFound for an unknown one."""
        ...

    async def list_contradictions(
        self, caller: Caller, valid_at: str | None, cursor: str | None = None, limit: int | None = None
    ) -> Page:
        """Where covenants cannot both be kept: on a day, or ever."""
        ...

    async def list_differences(
        self, caller: Caller, valid_at: str | None, cursor: str | None = None, limit: int | None = None
    ) -> Page:
        """Where covenants over the same persons differ without contradicting each other."""
        ...

    async def export_activities(self, caller: Caller, valid_at: str | None, party: str | None) -> Page:
        """The register of processing activities of that day (AVG 30), whole: of one controller or of all."""
        ...

    async def list_reread_cases(
        self, caller: Caller, interpretation_id: str, cursor: str | None = None, limit: int | None = None
    ) -> Page:
        """The running acts that this interpretation judges otherwise; their verdicts stay."""
        ...


REPEATABLE: Final = frozenset(
    {
        "choose_covenant",
        "read_covenant",
        "read_card",
        "compare_covenants",
        "list_contradictions",
        "list_differences",
        "export_activities",
    }
)
"""What reads nobody, so that a second time changes nothing."""
