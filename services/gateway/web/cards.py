"""The covenant in plain words: whether this member of staff has read this version, and that it was read now."""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from services.gateway.problems import reject
from services.gateway.web.visit import Visit
from services.law.card import CardSection
from services.law.governance import Acknowledgement
from services.law.local_time import amsterdam_day
from services.ledger.contract.errors import NotFound

VERSION_DIGITS_MAX: Final = 9


class ReadCard(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The card of one version; `acknowledged` is when this reader read it, None when not yet."""

    covenant: str
    version: int
    summary: str | None = None
    sections: tuple[CardSection, ...] = ()
    acknowledged: str | None = None


async def find_card(visit: Visit, covenant: str, valid_at: str | None = None) -> ReadCard | None:
    """Return the card of the version in force (on a day, else today); None when there is none."""
    session = visit.member
    try:
        found = await visit.ledger.read_card(session.caller, covenant, session.staff, valid_at)
    except NotFound:
        return None
    return msgspec.convert(found, ReadCard)


async def find_unread_card(visit: Visit, covenant: str, valid_at: str) -> ReadCard | None:
    """Return the card that this member of staff has yet to read; None when there is none."""
    card = await find_card(visit, covenant, valid_at)
    return None if card is None or card.acknowledged is not None else card


async def acknowledge(visit: Visit, covenant: str, version: int) -> None:
    """Write down that this member of staff has read this version."""
    session = visit.recorder
    await visit.ledger.register(
        session.caller,
        Acknowledgement(
            id=acknowledgement_id(session.claims.party, session.staff, covenant, version),
            covenant=covenant,
            version=version,
            party=session.claims.party,
            reader=session.staff,
            valid_from=amsterdam_day(await visit.ledger.now()),
        ),
    )


def acknowledgement_id(party: str, staff: str, covenant: str, version: int) -> str:
    """Return the one id that this reading has, however often the button is pressed."""
    digest = hashlib.sha256("\0".join((party, staff, covenant, str(version))).encode())
    return f"read-{digest.hexdigest()[:32]}"


async def acknowledge_form(visit: Visit) -> None:
    """Write down the reading that a form tells of; raise Rejected for a version that is none."""
    version = visit.form.one("card_version")
    if not (version.isascii() and version.isdigit() and len(version) <= VERSION_DIGITS_MAX):
        raise reject("form-invalid", "This is no form of this page.", "Open the page anew.")
    await acknowledge(visit, visit.form.one("card_covenant"), int(version))
