"""The register: parties, covenants, decisions and its other entries, each with its versions in time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import msgspec

from services.gateway.calls import ANYONE, CURSOR, LIMIT, VALID_AT, Ask, Call, Tag, scopes
from services.gateway.calls import answer_json as answer
from services.gateway.formats.decoding import BodyDecoder
from services.gateway.formats.keys import key_faults, person_fault
from services.gateway.formats.nulls import without_nulls
from services.gateway.routes.pages import answer_page
from services.law.governance import (
    Acknowledgement,
    Activity,
    Addendum,
    Covenant,
    Decision,
    Entry,
    Interpretation,
    Mandate,
    Municipality,
    Party,
    Purpose,
)
from services.law.learning import Checklist, Closing, NearMiss, Opinion, Question
from services.law.versions import ENDLESS
from services.ledger.contract.messages import Scope
from services.runtime.errors import Rejected
from services.runtime.http import Answer


class Kind(msgspec.Struct, frozen=True):
    """A kind of entry: its collection in a path, its shape, one and many of it in names, and who may register it.

    ``ends``: a version of it holds from day to day, and ends when it is sent again with an earlier ``validUntil``.
    """

    collection: str
    shape: type[Entry]
    one: str
    many: str
    scopes: frozenset[Scope] = scopes("governance")
    tag: Tag = "governance"

    @property
    def ends(self) -> bool:
        """Whether a version of this kind can be ended."""
        return self.shape not in ENDLESS


USERS: Final = scopes("governance", "processing:write")
"""Whoever works under what is registered, and may speak for his own party."""

KEYED_BY_ID: Final = (Mandate, Decision, Municipality, Acknowledgement, Closing, NearMiss)
"""Of these the id is the key of a request too: no numbered versions share it, nor does the contract except it."""

KINDS: Final = (
    Kind("parties", Party, "Party", "Parties"),
    Kind("covenants", Covenant, "Covenant", "Covenants"),
    Kind("processing-activities", Activity, "Activity", "Activities"),
    Kind("purposes", Purpose, "Purpose", "Purposes"),
    Kind("mandates", Mandate, "Mandate", "Mandates"),
    Kind("decisions", Decision, "Decision", "Decisions"),
    Kind("addenda", Addendum, "Addendum", "Addenda"),
    Kind("municipalities", Municipality, "Municipality", "Municipalities"),
    Kind("interpretations", Interpretation, "Interpretation", "Interpretations"),
    Kind("acknowledgements", Acknowledgement, "Acknowledgement", "Acknowledgements", USERS),
    Kind("questions", Question, "Question", "Questions", USERS, "learning"),
    Kind("checklists", Checklist, "Checklist", "Checklists", tag="learning"),
    Kind("closings", Closing, "Closing", "Closings", USERS, "learning"),
    Kind("opinions", Opinion, "Opinion", "Opinions", USERS, "learning"),
    Kind("near-misses", NearMiss, "NearMiss", "NearMisses", USERS, "learning"),
)
Shape = TypeVar("Shape", bound=msgspec.Struct)
Handler = Callable[[Ask], Awaitable[Answer]]


def registering(shape: type[Entry]) -> Handler:
    """Return the handler that adds a version of an entry of this shape."""
    decoder = BodyDecoder(shape)

    async def register(ask: Ask) -> Answer:
        """Add a version; its id is chosen by whoever registers it, and is never somebody's number."""
        entry = decoder.decode(without_nulls(ask.raw, shape)).body
        # The id and the version of an entry tell it from others; a header beside them is a key where the id is one.
        is_key = ask.key_header is not None and shape in KEYED_BY_ID
        faults = key_faults(ask.key_header, entry.id if is_key else None)
        if (wrong := person_fault(entry.id, "/id")) is not None and wrong not in faults:
            faults = (*faults, wrong)
        if faults:
            raise Rejected(faults)
        return answer(await ask.ledger.register(ask.caller, entry), 201)

    return register


def listing(kind: str) -> Handler:
    """Return the handler that lists the entries of a kind."""

    async def list_entries(ask: Ask) -> Answer:
        """List what is valid at an instant."""
        limit = ask.query.get("limit")
        page = await ask.ledger.list_register(
            ask.caller, kind, ask.query.get("validAt"), ask.query.get("cursor"), None if limit is None else int(limit)
        )
        return answer_page(page)

    return list_entries


def calls_of(kind: Kind) -> tuple[Call, Call]:
    """Return the two calls on one kind of entry."""
    return (
        Call(
            method="POST",
            path=f"/v1/{kind.collection}",
            name=f"register{kind.one}",
            summary=f"Register a version in the register of {kind.collection}{', or end one' if kind.ends else ''}.",
            tag=kind.tag,
            handle=registering(kind.shape),
            scopes=kind.scopes,
            creates=True,
            body=kind.shape,
            status=201,
            refuses=(409,),
        ),
        Call(
            method="GET",
            path=f"/v1/{kind.collection}",
            name=f"list{kind.many}",
            summary=f"What stands in the register of {kind.collection}, at an instant.",
            tag=kind.tag,
            handle=listing(kind.collection),
            scopes=ANYONE,
            query=(VALID_AT, CURSOR, LIMIT),
        ),
    )


CALLS: Final = tuple(call for kind in KINDS for call in calls_of(kind))
