"""Messages as plain text files in the folder of the party: works with nothing configured at all."""

from __future__ import annotations

from uuid import UUID

from services.notifier.channels.mailboxes import Mailboxes
from services.notifier.domain.errors import FolderUnsafe
from services.notifier.domain.messages import Delivery, Message
from services.notifier.domain.texts import plain

_SUFFIX = ".txt"


class FolderChannel:
    """Implements the port ``Channel`` with files of mode 0600."""

    def __init__(self, mailboxes: Mailboxes) -> None:
        """Write into these mailboxes."""
        self._mailboxes = mailboxes

    def send(self, message: Message) -> Delivery:
        """Write the message; a full or unsafe disk postpones it."""
        try:
            self._mailboxes.put(message.mailbox, message.id, _SUFFIX, plain(message.texts).encode())
        except FolderUnsafe as error:
            return Delivery(outcome="postponed", reason=error.code)
        except OSError as error:
            return Delivery(outcome="postponed", reason=type(error).__name__)
        return Delivery(outcome="delivered")

    def forget(self, message_id: UUID) -> None:
        """Remove the file of a message."""
        self._mailboxes.remove(message_id, _SUFFIX)
