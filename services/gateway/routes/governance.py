"""Governance: parties, covenants, activities, purposes, mandates and decisions, each with its versions in time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import msgspec

from services.gateway.calls import ANYONE, CURSOR, LIMIT, VALID_AT, Ask, Call, scopes
from services.gateway.calls import answer_json as answer
from services.gateway.formats.decoding import BodyDecoder
from services.gateway.formats.keys import choose_key, person_fault
from services.gateway.routes.pages import answer_page
from services.law.governance import Activity, Covenant, Decision, Entry, Mandate, Party, Purpose
from services.runtime.errors import Rejected
from services.runtime.http import Answer

KINDS: Final[tuple[tuple[str, type[Entry], str], ...]] = (
    ("parties", Party, "Part"),
    ("covenants", Covenant, "Covenant"),
    ("processing-activities", Activity, "Activit"),
    ("purposes", Purpose, "Purpose"),
    ("mandates", Mandate, "Mandate"),
    ("decisions", Decision, "Decision"),
)
Shape = TypeVar("Shape", bound=msgspec.Struct)
Handler = Callable[[Ask], Awaitable[Answer]]


def registering(shape: type[Entry]) -> Handler:
    """Return the handler that adds a version of an entry of this shape."""
    decoder = BodyDecoder(shape)

    async def register(ask: Ask) -> Answer:
        """Add a version; its id is chosen by whoever registers it, and is never somebody's number."""
        entry = decoder.decode(ask.raw).body
        if (wrong := person_fault(entry.id, "/id")) is not None:
            raise Rejected((wrong,))
        # The id and the version of the entry are its key; a header may stand there too, in the form of one.
        choose_key(ask.key_header, None)
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


def plural(name: str) -> str:
    """Return the name of the call that lists them."""
    return f"{name}ies" if name in {"Part", "Activit"} else f"{name}s"


def singular(name: str) -> str:
    """Return the name of the call that registers one."""
    return f"{name}y" if name in {"Part", "Activit"} else name


def calls_of(kind: str, shape: type[Entry], name: str) -> tuple[Call, Call]:
    """Return the two calls on one kind of entry."""
    return (
        Call(
            method="POST",
            path=f"/v1/{kind}",
            name=f"register{singular(name)}",
            summary=f"Register a version in the register of {kind}.",
            tag="governance",
            handle=registering(shape),
            scopes=scopes("governance"),
            creates=True,
            body=shape,
            status=201,
            refuses=(409,),
        ),
        Call(
            method="GET",
            path=f"/v1/{kind}",
            name=f"list{plural(name)}",
            summary=f"What stands in the register of {kind}, at an instant.",
            tag="governance",
            handle=listing(kind),
            scopes=ANYONE,
            query=(VALID_AT, CURSOR, LIMIT),
        ),
    )


CALLS: Final = tuple(call for kind, shape, name in KINDS for call in calls_of(kind, shape, name))
