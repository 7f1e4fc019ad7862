"""Who may read what, and why: the one declarative place (contract "Who may"; Wpg 32a(2), WGS 1.8(4)).

Pure: a caller, a call and the clear part of an event go in, a decision comes out. Unknown and
forbidden give the same NotFound, which the verbs raise when nothing readable is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from services.law.log_use import log_use
from services.ledger.contract.errors import NotAllowed
from services.ledger.contract.events import Envelope
from services.ledger.contract.messages import Caller, ReadPurpose, Scope
from services.ledger.contract.topics import PROCESSING_REFUSED, SUBJECTS_LINKED, SUBJECTS_UNLINKED
from services.runtime.errors import FieldError, GrootboekError, Kind, Rejected

LOG_PURPOSES: Final[frozenset[ReadPurpose]] = frozenset(
    {"legality-control", "internal-control", "security", "proceedings"}
)
"""All that a police log or the log of a WGS partnership may be used for (Wpg 32a(2), WGS 1.8(4))."""

CONTACT_PURPOSES: Final[frozenset[ReadPurpose]] = frozenset({"access-request", "breach"})
"""What a contact point reads the lines of its covenant for (AVG 26)."""

SHIELDED_PURPOSES: Final[frozenset[ReadPurpose]] = LOG_PURPOSES | CONTACT_PURPOSES
"""What the lines of a closed case of a WGS partnership may still be read for: to account for them, to answer the
person, and to deal with a breach (WGS 2.31(8), AVG 15, 33 and 34)."""

ALL_PURPOSES: Final[frozenset[ReadPurpose]] = LOG_PURPOSES | CONTACT_PURPOSES | {"inquiry", "operations"}


_AUTHORED: Final = frozenset({PROCESSING_REFUSED, SUBJECTS_LINKED, SUBJECTS_UNLINKED})


class PurposeMissing(Rejected):
    """A read of personal data needs its purpose."""

    code = "read-purpose-missing"
    remedy = "Send the header Grootboek-Purpose with one of the purposes of the contract."

    def __init__(self) -> None:
        """Point at the header."""
        super().__init__(
            (
                FieldError(
                    pointer="/header/Grootboek-Purpose",
                    code=self.code,
                    message="A read of personal data needs its purpose.",
                    remedy=self.remedy,
                ),
            )
        )


class PurposeNotAllowed(GrootboekError):
    """This call does not serve the purpose you gave."""

    code = "read-purpose-not-allowed"
    remedy = "Give the purpose you read for; the contract names the purposes of each call."
    kind = Kind.FORBIDDEN


class Call(StrEnum):
    """The calls that the policy knows; the value stands in the record of a read."""

    SEARCH_OPERATIONS = "operations-search"
    READ_OPERATION = "operation"
    SEARCH_HOLDINGS = "holdings-search"
    OPEN_ACCESS_REQUEST = "access-request-open"
    READ_ACCESS_REQUEST = "access-request"
    STEP_ACCESS_REQUEST = "access-request-step"
    REPORT_ACCESS = "access-report"
    OPEN_INQUIRY = "inquiry-open"
    REPLAY = "replay"
    REPORT_BREACH = "breach-report"
    READ_BREACH = "breach"
    READ_IMPACT = "breach-impact"
    LIST_CLOCKS = "clocks"
    READ_SCHEDULE = "retention-schedule"
    PLACE_HOLD = "hold-place"
    RELEASE_HOLD = "hold-release"
    REQUEST_ERASURE = "erasure-request"
    READ_ERASURE = "erasure"
    LIST_DECLARATIONS = "declarations"
    SEARCH_OBLIGATIONS = "obligations-search"
    ANSWER_OBLIGATION = "obligation-answer"
    SEARCH_NOTICES = "notices-search"
    END_EXEMPTION = "exemption-end"
    WRITE_NOTICE = "notice-letter"
    WRITE_BREACH_NOTICE = "breach-notice"
    WRITE_ERASURE_LETTER = "erasure-letter"
    LIST_REREAD = "interpretation-cases"
    REPORT_UNUSED = "unused-categories"


class Rule(msgspec.Struct, frozen=True):
    """One of ``scopes`` is required, and one of ``purposes``; no purposes: the call reads nobody."""

    scopes: frozenset[Scope]
    purposes: frozenset[ReadPurpose] = frozenset()
    by_subject: bool = False


def _rule(scopes: set[Scope], purposes: frozenset[ReadPurpose] = frozenset(), *, by_subject: bool = False) -> Rule:
    return Rule(frozenset(scopes), purposes, by_subject)


RULES: Final[Mapping[Call, Rule]] = MappingProxyType(
    {
        Call.SEARCH_OPERATIONS: _rule(
            {"processing:read", "subject:access", "inquiry", "breach", "audit"}, ALL_PURPOSES, by_subject=True
        ),
        Call.READ_OPERATION: _rule(
            {"processing:read", "subject:access", "inquiry", "breach", "audit"}, ALL_PURPOSES, by_subject=True
        ),
        Call.SEARCH_HOLDINGS: _rule(
            {"processing:read", "subject:access", "inquiry", "breach", "retention", "audit"},
            ALL_PURPOSES,
            by_subject=True,
        ),
        Call.OPEN_ACCESS_REQUEST: _rule({"subject:access"}, by_subject=True),
        Call.READ_ACCESS_REQUEST: _rule(
            {"subject:access", "audit"}, LOG_PURPOSES | {"access-request"}, by_subject=True
        ),
        Call.STEP_ACCESS_REQUEST: _rule({"subject:access"}),
        Call.REPORT_ACCESS: _rule({"subject:access", "audit"}, LOG_PURPOSES | {"access-request"}, by_subject=True),
        Call.OPEN_INQUIRY: _rule({"inquiry", "audit"}),
        Call.REPLAY: _rule({"inquiry", "audit"}, LOG_PURPOSES | {"inquiry"}),
        Call.REPORT_BREACH: _rule({"breach"}),
        Call.READ_BREACH: _rule({"breach", "audit"}, LOG_PURPOSES | {"breach"}),
        Call.READ_IMPACT: _rule({"breach", "audit"}, LOG_PURPOSES | {"breach"}),
        Call.LIST_CLOCKS: _rule({"subject:access", "breach", "notice", "audit"}),
        Call.READ_SCHEDULE: _rule({"retention", "audit"}),
        Call.PLACE_HOLD: _rule({"retention"}),
        Call.RELEASE_HOLD: _rule({"retention", "audit"}),
        Call.REQUEST_ERASURE: _rule({"retention"}),
        Call.READ_ERASURE: _rule({"retention", "audit"}),
        Call.LIST_DECLARATIONS: _rule({"retention", "audit"}),
        Call.SEARCH_OBLIGATIONS: _rule({"processing:read", "retention", "notice", "audit"}, ALL_PURPOSES),
        Call.ANSWER_OBLIGATION: _rule({"processing:write", "retention"}),
        Call.SEARCH_NOTICES: _rule(
            {"processing:read", "subject:access", "inquiry", "breach", "notice", "audit"}, ALL_PURPOSES, by_subject=True
        ),
        Call.END_EXEMPTION: _rule({"notice"}),
        Call.REPORT_UNUSED: _rule({"processing:read", "audit"}),
        Call.WRITE_NOTICE: _rule({"notice"}),
        Call.WRITE_BREACH_NOTICE: _rule({"breach"}),
        Call.WRITE_ERASURE_LETTER: _rule({"retention"}),
        Call.LIST_REREAD: _rule({"processing:read", "inquiry", "audit"}, LOG_PURPOSES | {"operations"}),
    }
)


class Relation(StrEnum):
    """What a reader is to an event."""

    SUBJECT = "subject"
    OWN = "own"
    RECIPIENT = "recipient"
    CONTACT = "contact-point"
    AUDIT = "audit"
    NONE = "none"


class Frame(msgspec.Struct, frozen=True):
    """What the register says of the covenant of an event: who is its contact point, and is it the WGS."""

    contact_point: str | None = None
    wgs: bool = False


def authorise(caller: Caller, call: Call) -> None:
    """Raise NotAllowed, PurposeMissing or PurposeNotAllowed unless the token and its purpose open ``call``."""
    rule = RULES[call]
    if not rule.scopes & caller.scopes or (caller.subject is not None and not rule.by_subject):
        raise NotAllowed
    if not rule.purposes:
        return
    if caller.purpose is None:
        raise PurposeMissing
    if caller.purpose not in rule.purposes:
        raise PurposeNotAllowed


def relation(caller: Caller, topic: str, envelope: Envelope, frame: Frame, *, about_caller: bool = False) -> Relation:
    """What ``caller`` is to this event; ``about_caller``: it stands on the streams of the token's person.

    A token with a person reads that person only, whatever its party takes part in. A refused
    intent never reached its recipients, so it is its asker's (and an auditor's) alone.
    """
    if caller.subject is not None:
        return Relation.SUBJECT if about_caller else Relation.NONE
    if caller.party in owners(topic, envelope):
        return Relation.OWN
    if topic != PROCESSING_REFUSED and caller.party in envelope.recipients:
        return Relation.RECIPIENT
    if "audit" in caller.scopes:
        return Relation.AUDIT
    asked_as_contact = caller.purpose in CONTACT_PURPOSES and topic != PROCESSING_REFUSED
    if asked_as_contact and frame.contact_point == caller.party:
        return Relation.CONTACT
    return Relation.NONE


def owners(topic: str, envelope: Envelope) -> frozenset[str]:
    """Whose own event it is: controller and processor; of a notice its giver, of a refusal or a link its author."""
    named = {envelope.controller, envelope.processor, envelope.given_by, envelope.decided_by}
    if topic in _AUTHORED:
        named.add(envelope.author)
    return frozenset(party for party in named if party is not None)


def may_read(caller: Caller, topic: str, envelope: Envelope, frame: Frame, *, about_caller: bool = False) -> bool:
    """Whether this line may be shown to ``caller`` for its purpose."""
    found = relation(caller, topic, envelope, frame, about_caller=about_caller)
    if found is Relation.NONE:
        return False
    if found in {Relation.AUDIT, Relation.CONTACT} and is_limited(envelope, frame):
        # Wpg 32a(2) and WGS 1.8(4) close the log for other use, never to its own controller,
        # its recipient or the person it is about.
        return caller.purpose in LOG_PURPOSES
    return True


def is_limited(envelope: Envelope, frame: Frame) -> bool:
    """Whether the law limits what the log of this line may be used for."""
    return log_use(envelope.data_regime, wgs=frame.wgs) is not None


def sees_identity(found: Relation, envelope: Envelope) -> bool:
    """Whether the identifier of the person may be shown: to who already has it, or had it disclosed in fact."""
    if found in {Relation.SUBJECT, Relation.OWN}:
        return True
    return found is Relation.RECIPIENT and envelope.tense == "fact"


def takes_part(caller: Caller, party: str, controllers: Iterable[str]) -> bool:
    """Whether an obligation is the caller's own affair: it owes it, demands it, or has the person told for it."""
    return caller.subject is None and (caller.party == party or caller.party in controllers)


def audits(caller: Caller, *, limited: bool) -> bool:
    """Whether the caller is an auditor for a purpose that the log may be used for (Wpg 32a(2), WGS 1.8(4))."""
    return caller.subject is None and "audit" in caller.scopes and (not limited or caller.purpose in LOG_PURPOSES)


def sees_reasons(found: Relation) -> bool:
    """Whether free text, staff and system may be shown: to the party itself and to its auditor."""
    return found in {Relation.OWN, Relation.AUDIT}
