"""What a vault answers when it cannot give what was asked: destroyed and unknown are never the same."""

from __future__ import annotations

from services.runtime.errors import GrootboekError, Kind


class KeyDestroyed(GrootboekError):
    """This key was destroyed; what it protected cannot be read by anyone any more."""

    code = "key_destroyed"
    remedy = "Nothing: this is how the ledger forgets."
    kind = Kind.NOT_FOUND


class VaultFailure(GrootboekError):
    """The vault does not know this key, or the wrapping is not its own."""

    code = "vault_failure"
    remedy = "Check that this ledger runs with its own vault; restore the vault from its backup if it was lost."
    kind = Kind.INTERNAL


class VaultExposed(GrootboekError):
    """The vault can be read or replaced by other users of this machine."""

    code = "vault_exposed"
    remedy = "Give the vault's folder mode 0700 and its file mode 0600, both owned by the user the ledger runs as."
    kind = Kind.INTERNAL


class VaultDamaged(GrootboekError):
    """The vault's file is not a whole vault."""

    code = "vault_damaged"
    remedy = "Restore the vault from its backup; the ledger cannot be read without it."
    kind = Kind.INTERNAL


class VaultNotRead(GrootboekError):
    """The vault could not be read from its disk at this moment."""

    code = "vault_not_read"
    remedy = "Look after the disk of the vault, and whether the process may open more files; it is tried again."
    kind = Kind.UNAVAILABLE
    retryable = True


class VaultNotWritten(GrootboekError):
    """The vault could not be written to its disk; nothing that was asked of it counts as done."""

    code = "vault_not_written"
    remedy = "Give the vault's folder room and let the user the ledger runs as write there; it is tried again."
    kind = Kind.UNAVAILABLE
    retryable = True


class WrongVault(GrootboekError):
    """This ledger was made with another vault."""

    code = "wrong_vault"
    remedy = "Start the ledger with the vault it was made with."
    kind = Kind.CONFLICT
