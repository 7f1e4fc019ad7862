"""A file with a key for every letter that waits: outside the database, its log and its backups.

The sealed text of a letter stays in old dumps and in the write-ahead log; without this file nobody can read it.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from services.notifier.domain.errors import LetterKeyGone
from services.notifier.storage.private_files import make_private, sync_folder
from services.runtime.crypto import KEY_BYTES
from services.runtime.ids import Ids


class FileLetterKeys:
    """Implements the port ``LetterKeys`` in a folder that only its owner may enter. It is left out of backups."""

    def __init__(self, folder: Path, ids: Ids) -> None:
        """Make the folder if it is not there; FolderUnsafe when others may enter it."""
        make_private(folder)
        for unfinished in folder.glob(".*"):
            unfinished.unlink()
        self._folder = folder
        self._ids = ids

    def make(self, letter_id: UUID) -> bytes:
        """The key of a letter, made durable; an existing one is given again."""
        path = self._path(letter_id)
        if not path.exists():
            self._write_new(path)
        return self.find(letter_id)

    def find(self, letter_id: UUID) -> bytes:
        """The key of a letter; LetterKeyGone when it was destroyed."""
        try:
            return self._path(letter_id).read_bytes()
        except FileNotFoundError:
            raise LetterKeyGone from None

    def destroy(self, letter_id: UUID) -> None:
        """Overwrite the key, then remove it; nothing happens when it is gone."""
        path = self._path(letter_id)
        try:
            descriptor = os.open(path, os.O_WRONLY)
        except FileNotFoundError:
            return
        try:
            os.write(descriptor, bytes(KEY_BYTES))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        path.unlink(missing_ok=True)

    def all(self) -> set[UUID]:
        """Every letter that has a key."""
        return {UUID(path.name) for path in self._folder.iterdir() if not path.name.startswith(".")}

    def _write_new(self, path: Path) -> None:
        """Two who make the same key at once both get that of the first."""
        descriptor, beside = tempfile.mkstemp(prefix=".", dir=self._folder)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self._ids.random_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(beside)
        Path(beside).unlink()
        sync_folder(self._folder)

    def _path(self, letter_id: UUID) -> Path:
        return self._folder / str(letter_id)
