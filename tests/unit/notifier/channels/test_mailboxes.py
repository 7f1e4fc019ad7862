"""The folders in which messages lie."""

from __future__ import annotations

import stat
from pathlib import Path
from uuid import UUID

import pytest

from services.notifier.channels.mailboxes import Mailboxes, folder_name
from services.notifier.domain.errors import FolderUnsafe
from services.notifier.storage.private_files import part_of

ID = UUID(int=3)


def mode_of(path: Path) -> int:
    """The permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def test_files_are_private_and_whole(tmp_path: Path) -> None:
    """Folder 0700, file 0600, and nothing half-written beside it."""
    Mailboxes(tmp_path / "boxes").put("college", ID, ".txt", b"hallo")
    file = tmp_path / "boxes" / "college" / f"{ID}.txt"
    assert file.read_bytes() == b"hallo"
    assert [mode_of(tmp_path / "boxes"), mode_of(file.parent), mode_of(file)] == [0o700, 0o700, 0o600]
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("party", ["..", "../x", "/etc", "a/b", "", ".", "A B", "x" * 256, "ü", "politie\x00"])
def test_no_party_leads_out_of_the_folder(tmp_path: Path, party: str) -> None:
    """An id that is no plain name gets a folder with a digest for a name."""
    assert folder_name(party).startswith("party-")
    Mailboxes(tmp_path / "boxes").put(party, ID, ".txt", b"x")
    assert [path.parent.parent for path in tmp_path.rglob("*.txt")] == [tmp_path / "boxes"]


def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    """Neither at the start nor later is a message laid where others can read it."""
    (tmp_path / "open").mkdir(mode=0o755)
    (tmp_path / "open").chmod(0o755)
    with pytest.raises(FolderUnsafe):
        Mailboxes(tmp_path / "open")
    boxes = Mailboxes(tmp_path / "boxes")
    (tmp_path / "boxes" / "college").mkdir()
    (tmp_path / "boxes" / "college").chmod(0o750)
    with pytest.raises(FolderUnsafe):
        boxes.put("college", ID, ".txt", b"x")


def test_a_link_instead_of_a_folder_is_refused(tmp_path: Path) -> None:
    """Nobody leads our files elsewhere."""
    (tmp_path / "real").mkdir(mode=0o700)
    boxes = Mailboxes(tmp_path / "boxes")
    (tmp_path / "boxes" / "college").symlink_to(tmp_path / "real")
    with pytest.raises(FolderUnsafe):
        boxes.put("college", ID, ".txt", b"x")


def test_removal_finds_the_file_and_what_a_crash_left(tmp_path: Path) -> None:
    """Whatever mailbox it lies in; other files stay."""
    boxes = Mailboxes(tmp_path / "boxes")
    boxes.put("college", ID, ".pdf", b"x")
    boxes.put("politie", UUID(int=4), ".pdf", b"y")
    part_of(tmp_path / "boxes" / "politie" / f"{ID}.pdf").write_bytes(b"half")
    boxes.remove(ID, ".pdf")
    boxes.remove(ID, ".pdf")
    assert [path.name for path in (tmp_path / "boxes").rglob("*") if path.is_file()] == [f"{UUID(int=4)}.pdf"]
