"""Folders and files that only their owner can read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from services.notifier.domain.errors import FolderUnsafe

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private(folder: Path) -> None:
    """Make a folder with mode 0700 if it is not there; FolderUnsafe when it is open to others, or is a link."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_private(folder)


def check_private(path: Path) -> None:
    """Raise FolderUnsafe unless a folder or file is ours, no link, and closed to others."""
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & _OTHERS:
        raise FolderUnsafe


def write_whole(path: Path, content: bytes) -> None:
    """Write a file with mode 0600, whole or not at all, on the disk before this returns.

    What a crash leaves of it stands beside it under a name that ``part_of`` gives, and is written over next time.
    """
    beside = part_of(path)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def part_of(path: Path) -> Path:
    """Where a file is written before it gets its name."""
    return path.with_name(f".{path.name}.part")


def sync_folder(folder: Path) -> None:
    """Make what was renamed or removed in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
