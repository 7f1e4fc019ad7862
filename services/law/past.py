"""An act as the law looks back on it: what a person's facts keep of it."""

from __future__ import annotations

from services.law.act import Act
from services.law.context import PastAct
from services.law.operations import operation_class


def past_of(act: Act) -> PastAct:
    """The act as one of a person's facts."""
    covenant = act.covenant
    return PastAct(
        operation_class=operation_class(act.operation, act.operation_class),
        occurred_at=act.occurred_at,
        controller=act.controller,
        recipients=tuple(recipient.party for recipient in act.recipients),
        data_regime=act.data_regime,
        source_kind=None if act.source is None else act.source.kind,
        source_party=None if act.source is None else act.source.party,
        covenant=None if covenant is None else covenant.id,
        annex=None if covenant is None else covenant.annex,
        data_categories=act.data_categories,
        purpose=act.purpose,
        activity=act.activity,
        decision_id=act.decision_id,
    )
