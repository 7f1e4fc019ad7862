"""The folders in which messages lie for whoever fetches or prints them: one for each party."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from uuid import UUID

from services.notifier.domain.messages import short_digest
from services.notifier.storage.private_files import make_private, part_of, sync_folder, write_whole

_PLAIN_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


class Mailboxes:
    """Writes and removes the files of messages; a file's name is the id of its message and tells nothing else."""

    def __init__(self, folder: Path) -> None:
        """Keep the mailboxes in ``folder``; FolderUnsafe when others may enter it."""
        make_private(folder)
        self._folder = folder

    def put(self, mailbox: str, message_id: UUID, suffix: str, content: bytes) -> None:
        """Lay a file in the mailbox of a party, whole or not at all; the same again replaces it."""
        folder = self._folder / folder_name(mailbox)
        make_private(folder)
        write_whole(folder / f"{message_id}{suffix}", content)

    def remove(self, message_id: UUID, suffix: str) -> None:
        """Remove the file of a message from whatever mailbox, and what a crash left of it."""
        for mailbox in self._folder.iterdir():
            path = mailbox / f"{message_id}{suffix}"
            for each in (path, part_of(path)):
                if each.exists():
                    each.unlink()
                    sync_folder(mailbox)


def folder_name(party: str) -> str:
    """The name of a party's folder: its id when that is a plain name, else a digest that no path can be made of."""
    return party if _PLAIN_NAME.fullmatch(party) else f"party-{short_digest(party)}"
