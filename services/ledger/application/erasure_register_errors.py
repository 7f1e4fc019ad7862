"""What an erasure register answers when it cannot be trusted: a ledger without its list of what is gone stays shut."""

from __future__ import annotations

from services.runtime.errors import GrootboekError, Kind


class RegisterDamaged(GrootboekError):
    """The erasure register does not follow from its own first line: something was changed, lost or put in."""

    code = "erasure_register_damaged"
    remedy = "Put back the erasure register as it was; without it nobody can tell what a restored ledger must not show."
    kind = Kind.INTERNAL


class RegisterExposed(GrootboekError):
    """The erasure register can be read or replaced by other users of this machine."""

    code = "erasure_register_exposed"
    remedy = "Give its folder mode 0700 and its files mode 0600, both owned by the user the ledger runs as."
    kind = Kind.INTERNAL


class ErasureRegisterBehind(GrootboekError):
    """The ledger has destroyed more than this erasure register knows of, or it belongs to another ledger."""

    code = "erasure_register_behind"
    remedy = "Put back the erasure register that belongs to this ledger; it lies apart from database and vault."
    kind = Kind.CONFLICT


class RestoreUnfinished(GrootboekError):
    """This database is older than what was destroyed: it holds what the erasure register says is gone."""

    code = "restore_unfinished"
    remedy = "Restore it with `grootboek restore --dump <file>`, which destroys again what had been destroyed."
    kind = Kind.CONFLICT


class EntryTooLong(GrootboekError):
    """An entry of the erasure register is longer than a line of it may be."""

    code = "erasure_entry_too_long"
    remedy = "Split what is destroyed over several entries; this is a fault of the ledger's own code."
    kind = Kind.INTERNAL
