"""What can be wrong with an order or with the settings. The docstring is the message."""

from __future__ import annotations

from services.ledger.contract.positions import format_position
from services.runtime.errors import FieldError, GrootboekError, Kind, Rejected, Unavailable


class SettingsUnsafe(Rejected):
    """The settings of notifier are malformed or unsafe; every fault found is listed."""

    code = "notifier-settings-unsafe"
    remedy = "Repair every listed fault in the settings folder and start again."

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        """Name the places at fault, never their values: they may be secrets."""
        places = ", ".join(f"{error.pointer} {error.code}" for error in errors)
        super().__init__(errors, f"The settings of notifier are malformed or unsafe: {places}.")


class FolderUnsafe(GrootboekError):
    """A folder or file of notifier can be read by others, is not ours, or is a link."""

    code = "notifier-folder-unsafe"
    kind = Kind.INTERNAL
    remedy = "Give the folder mode 0700 and the file mode 0600, owned by the user of the service."


class LetterRejected(Rejected):
    """The letter cannot be sent as ordered; every fault found is listed."""

    code = "letter-rejected"


class LetterKeyGone(GrootboekError):
    """The key of a letter that waits is gone."""

    code = "letter-key-gone"
    kind = Kind.INTERNAL
    remedy = "Order the letter again; its sealed text can no longer be opened."


class NotifierBehind(Unavailable):
    """Notifier did not finish what is due within its bound."""

    code = "notifier-behind"
    remedy = "Look for notifier in the log; ask again when it runs."


class FollowedTooFar(GrootboekError):
    """More was followed of a lane than the ledger has: its database was put back to an earlier moment, ours was not."""

    code = "followed-too-far"
    kind = Kind.CONFLICT
    remedy = (
        "Put the database of notifier back to the same moment or an earlier one, or empty its tables: all but letters"
        " that wait is made again from the events. Give both another GROOTBOEK_KAFKA_PREFIX, as after every restore."
    )

    def __init__(self, lane: int, position: int) -> None:
        """Name the place that is not there any more."""
        super().__init__(f"Position {format_position(lane, position)} was followed and is not in the ledger any more.")


class CursorMoved(Unavailable):
    """Another notifier follows these events by now; nothing of the piece was stored."""

    code = "cursor-moved"
    remedy = "Nothing needs to be done: this one goes on where the other one is."
