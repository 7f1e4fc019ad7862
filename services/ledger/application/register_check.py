"""Whether a database is as new as what was destroyed: an older one does not open, whoever restored it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from services.ledger.application.erasure_register_errors import ErasureRegisterBehind, RestoreUnfinished
from services.ledger.application.holds import release_key
from services.ledger.application.kept_reader import kept_hold
from services.ledger.application.ports import EventReader
from services.ledger.application.retention_ports import ErasureEntry, ErasureRegister, RegisterMark
from services.ledger.domain.identity import LEDGER, operation_id_of


def check_register(register: ErasureRegister, mark: RegisterMark, reader: EventReader) -> None:
    """Raise ErasureRegisterBehind for another register or a shorter one, RestoreUnfinished when the database is older.

    An entry that was written just before a crash may not be marked yet. It is not missed: what announced it stands in
    the database, and what it announced is carried out by the next round.
    """
    sequence, chain = mark.read() or (0, register.chain(0))
    if register.chain(sequence) != chain:
        raise ErasureRegisterBehind
    unmarked = register.entries(sequence)
    if not unmarked:
        return
    if unannounced(unmarked, reader):
        raise RestoreUnfinished
    last = unmarked[-1].sequence
    mark.raise_to(last, register.chain(last) or "")


def unannounced(entries: Iterable[ErasureEntry], reader: EventReader) -> list[ErasureEntry]:
    """The entries whose announcement the database does not hold: it is from before them."""
    return [entry for entry in entries if (cause := cause_of(entry)) and not reader.events_of_operation((cause,))]


def cause_of(entry: ErasureEntry) -> UUID | None:
    """The operation that announced a destruction, None where there is none of its own.

    Keys of weeks nobody announces. Single positions are swept because their day was ended, which stands in the
    register before them.
    """
    if entry.key:
        return operation_id_of(entry.party, entry.key)
    if entry.kind == "hold" and entry.key_id is not None:
        return operation_id_of(LEDGER, release_key(kept_hold(entry.key_id)))
    return None
