"""What the judgement may know besides the act itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from services.law.register import Register


class PastAct(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier fact on a person's stream, as far as the law needs it (envelope only).

    ``case_index`` tells cases of one controller apart; it is no case number.
    """

    operation_class: str
    occurred_at: datetime
    controller: str
    recipients: tuple[str, ...] = ()
    data_regime: str = "AVG"
    source_kind: str | None = None
    source_party: str | None = None
    covenant: str | None = None
    annex: str | None = None
    data_categories: tuple[str, ...] = ()
    purpose: str | None = None
    activity: str | None = None
    decision_id: str | None = None
    case_index: str | None = None


class PastNotice(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier notice to the person."""

    given_at: datetime
    controller: str
    covenant: str | None = None
    annex: str | None = None
    elements: tuple[str, ...] = ()


class PastExemption(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier decision not to tell the person; it lasts until ``review_on``.

    ``ended_at``: when a partner reported that its reason has gone (BGS 1.2(3), 1.3(3)); it holds only before that.
    """

    decided_at: datetime
    controller: str
    norm: str
    covenant: str | None = None
    annex: str | None = None
    review_on: date | None = None
    ended_at: datetime | None = None


class SubjectFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger had on one person when it judged; folded from the person's own events.

    ``position``: the lane position up to which was read. The tuples are in order of position.
    """

    position: int = 0
    municipality: str | None = None
    acts: tuple[PastAct, ...] = ()
    notices: tuple[PastNotice, ...] = ()
    exemptions: tuple[PastExemption, ...] = ()


class Context(msgspec.Struct, frozen=True):
    """``register`` as known at the judgement; ``facts`` one per subject in the order of the act.

    ``facts`` None, or None for a subject, means that nothing is known of the person: a rule
    that needs it finds a gap or stays silent, it never guesses. ``now`` is the ledger's clock. ``mandatary``: who
    records the act in the name of its controller, when it is neither that itself nor the processor named.
    """

    register: Register
    facts: Sequence[SubjectFacts | None] | None
    now: datetime
    mandatary: str | None = None
