"""What the three bodies that are judged have in common: whom they concern, for whom, and when it happened."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.law.act import Act, CovenantReference, Exemption, Judged, Notice, Subject
from services.law.rules.bulk import BULK_PERSONS_MAX


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


def under_key(body: Judged, key: str) -> Judged:
    """The body with the key that it was sent under as its id, where that counts: a review names a bulk act by it."""
    if isinstance(body, Act) and body.id is None and len(body.subjects) > BULK_PERSONS_MAX:
        return msgspec.structs.replace(body, id=key)
    return body
