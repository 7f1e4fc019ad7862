"""Who may read what: the contract's "Who may" once more, word by word, over the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from services.law.act import Act, Exemption, Notice
from services.ledger.contract.messages import Caller
from tests.model.oracle_answers import Group, day_of
from tests.model.oracle_play import Entry
from tests.model.strategies import CONTACT_POINTS, PERSONS

LOG_PURPOSES = {"legality-control", "internal-control", "security", "proceedings"}


def owners(entry: Entry) -> set[str]:
    """Whose act it is: its controller and its processor; of a notice its giver, of a refusal or a link who sent it."""
    body = entry.body
    if body is None:
        return {entry.author}
    found: set[str | None] = {body.controller}
    if isinstance(body, Act):
        found.add(body.processor)
    elif isinstance(body, Notice):
        found.add(body.given_by)
    else:
        found.add(body.decided_by)
    if entry.kind == "refused":
        found.add(entry.author)
    return {party for party in found if party is not None}


def recipients(entry: Entry) -> set[str]:
    """Whom it reaches; a refused intent reaches nobody."""
    if entry.act is None or entry.kind == "refused":
        return set()
    return {recipient.party for recipient in entry.act.recipients}


def is_limited(entry: Entry) -> bool:
    """Wpg 32a(2) and WGS 1.8(4): a log for control and proceedings only, save for who took part."""
    body = entry.body
    covenant = None if body is None else body.covenant
    police = isinstance(body, Act) and body.data_regime.startswith("Wpg")
    return police or (covenant is not None and covenant.id == "zvh")


def may_read(caller: Caller, entry: Entry) -> bool:
    """Whether a token of a party may read the entry for its purpose."""
    if caller.party in owners(entry) | recipients(entry):
        return True
    covenant = None if entry.body is None else entry.body.covenant
    contact = covenant is not None and CONTACT_POINTS[covenant.id] == caller.party
    as_contact = contact and caller.purpose in ("access-request", "breach") and entry.kind != "refused"
    if "audit" not in caller.scopes and not as_contact:
        return False
    return caller.purpose in LOG_PURPOSES or not is_limited(entry)


def may_identify(caller: Caller, entry: Entry) -> bool:
    """Whether the reader already knows who it is about: it is its own act, or it got the data in fact."""
    return caller.party in owners(entry) or (
        caller.party in recipients(entry) and entry.act is not None and entry.act.tense == "fact"
    )


def may_see_reasons(caller: Caller, entry: Entry) -> bool:
    """Whether free text, staff and case numbers may be shown: to the party itself and its auditor."""
    return caller.party in owners(entry) or ("audit" in caller.scopes and may_read(caller, entry))


def number_of(entry: Entry) -> str:
    """The number in the canaries of its body: a confirmed act is the body of its intent."""
    named = entry.act.name if entry.act is not None else None
    return (named or f"canary-{entry.key}").split("-")[2]


def named_keys(entry: Entry) -> set[str]:
    """Its own id, and that of the intent it says it carries out."""
    intent = None if entry.act is None else entry.act.intent_id
    return {entry.key} if intent is None else {entry.key, intent}


def forbidden_words(caller: Caller, entries: Sequence[Entry]) -> set[str]:
    """Every canary that no answer to this token of a party may hold."""
    words = {person.id for person in PERSONS}
    allowed: set[str] = set()
    for entry in entries:
        number = number_of(entry)
        named = {f"canary-own-{number}-", f"canary-person-{number}-", f"canary-reporter-{number}-", entry.key}
        words |= named
        if may_identify(caller, entry):
            allowed.add(f"canary-person-{number}-")
            if entry.person is not None:
                allowed.add(PERSONS[entry.person].id)
        if may_see_reasons(caller, entry):
            allowed.add(f"canary-own-{number}-")
            source = None if entry.act is None else entry.act.source
            if caller.party in owners(entry) or source is None or not source.protected:
                allowed.add(f"canary-reporter-{number}-")
        if may_read(caller, entry):
            allowed |= named_keys(entry) | {later.key for later in entry.later}
        words |= {later.key for later in entry.later}
    return words - allowed


def is_confidential(entry: Entry, day: date) -> bool:
    """The last word on it: confidential until it is lifted or its review date has passed."""
    confided = entry.confided()
    if confided is not None:
        level, review_on = confided.kind.split(":")[1], confided.review_on
    else:
        stated = None if entry.act is None else entry.act.confidentiality
        level, review_on = ("normal", None) if stated is None else (stated.level, stated.review_on)
    return level == "confidential" and (review_on is None or day <= review_on)


def is_covered(entry: Entry, exemption: Entry) -> bool:
    """Whether an exemption is about this line: under its covenant and annex, else of its controller; and itself."""
    assert isinstance(exemption.body, Exemption)
    if entry.key == exemption.key:
        return True
    named = exemption.body.covenant
    if entry.body is None:
        return False
    if named is None:
        return entry.body.controller == exemption.body.controller
    mine = entry.body.covenant
    return mine is not None and mine.id == named.id and named.annex in (None, mine.annex)


def told(entries: Sequence[Entry], group: Group, now: datetime) -> list[Entry]:
    """What a person is told: all that happened, less what is confidential or covered by an exemption in force."""
    day = day_of(now)
    mine = [e for e in entries if e.person in group and e.kind in ("recorded", "notice", "exemption")]
    in_force = [
        entry
        for entry in mine
        if isinstance(entry.body, Exemption) and not entry.voided_at(now)
        if entry.body.review_on is None or day <= entry.body.review_on
    ]
    return [
        entry
        for entry in mine
        if not is_confidential(entry, day) and not any(is_covered(entry, exemption) for exemption in in_force)
    ]


def forbidden_to_citizen(entries: Sequence[Entry], group: Group, now: datetime) -> set[str]:
    """Every canary that no answer to a person's own token may hold: other people, and whatever is not told."""
    mine = told(entries, group, now)
    allowed = {key for entry in mine for key in named_keys(entry)} | {PERSONS[person].id for person in group}
    allowed |= {f"canary-person-{number_of(entry)}-" for entry in mine}
    words = {person.id for person in PERSONS}
    for entry in entries:
        number = number_of(entry)
        words |= {f"canary-own-{number}-", f"canary-person-{number}-", f"canary-reporter-{number}-", entry.key}
        words |= {later.key for later in entry.later}
    return words - allowed
