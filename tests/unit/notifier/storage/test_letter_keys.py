"""Keys of letters that wait."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from services.notifier.domain.errors import FolderUnsafe, LetterKeyGone
from services.notifier.storage.letter_keys import FileLetterKeys
from services.runtime.ids import SystemIds

ID = UUID(int=3)


def test_a_key_is_made_once_and_destroyed_for_good(tmp_path: Path) -> None:
    """The same key is given until it is destroyed; then nobody finds it again."""
    keys = FileLetterKeys(tmp_path / "keys", SystemIds())
    key = keys.make(ID)
    assert keys.make(ID) == keys.find(ID) == key
    assert len(key) == 32
    assert keys.all() == {ID}
    keys.destroy(ID)
    keys.destroy(ID)
    assert keys.all() == set()
    with pytest.raises(LetterKeyGone):
        keys.find(ID)


def test_keys_are_private(tmp_path: Path) -> None:
    """Folder 0700, file 0600; a folder that others may enter is refused."""
    FileLetterKeys(tmp_path / "keys", SystemIds()).make(ID)
    assert stat.S_IMODE((tmp_path / "keys" / str(ID)).stat().st_mode) == 0o600
    (tmp_path / "keys").chmod(0o755)
    with pytest.raises(FolderUnsafe):
        FileLetterKeys(tmp_path / "keys", SystemIds())


def test_two_who_make_a_key_at_once_get_the_same(tmp_path: Path) -> None:
    """Otherwise one of them would seal what nobody can open."""
    keys = FileLetterKeys(tmp_path / "keys", SystemIds())
    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            made = set(pool.map(keys.make, [UUID(int=number)] * 8))
            assert made == {keys.find(UUID(int=number))}
    assert len(keys.all()) == 20


def test_what_a_crash_left_is_removed(tmp_path: Path) -> None:
    """A key that never got its name opens nothing and is not kept."""
    folder = tmp_path / "keys"
    FileLetterKeys(folder, SystemIds())
    (folder / ".unfinished").write_bytes(b"k" * 32)
    assert FileLetterKeys(folder, SystemIds()).all() == set()
    assert list(folder.iterdir()) == []
