"""What the three bodies that are judged have in common: whom they concern, for whom, and when it happened."""

from __future__ import annotations

from datetime import datetime

from services.law.act import Act, CovenantReference, Exemption, Judged, Notice, Subject


def subjects_of(body: Judged) -> tuple[Subject, ...]:
    """The persons it concerns, in the order of the body."""
    return (body.subject,) if isinstance(body, Exemption) else body.subjects


def happened_at(body: Judged) -> datetime:
    """When it happened: the act, the giving of the notice, the decision not to tell."""
    if isinstance(body, Act):
        return body.occurred_at
    return body.given_at if isinstance(body, Notice) else body.decided_at


def covenant_of(body: Judged) -> CovenantReference | None:
    """The covenant and annex it names."""
    return body.covenant


def is_intent(body: Judged) -> bool:
    """Whether it is still about to happen; only then it can be refused."""
    return isinstance(body, Act) and body.tense == "intent"
