"""A small file system of its own, so that a test can fill a disk without filling anybody else's."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.missing import find_program, need

STEP_BYTES: Final = 64 * 1024


def need_mount() -> None:
    """Fail, or skip for ``ALLOW_MISSING=mount``, where no file system can be mounted."""
    problem = find_program("mount", "install the package mount")
    if problem is None and os.geteuid() != 0:
        problem = "Only root may mount a file system: run this as root, or in a container with CAP_SYS_ADMIN"
    need("mount", problem)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount an empty file system of this size at ``folder``, open for others to pass through, and unmount it."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={megabytes}m,mode=0711"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "grootboek-test", str(folder)], check=True)
    try:
        yield folder
    finally:
        # A server that still ends must not keep the test from going on.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Ballast:
    """A file that takes what is left of a disk, and gives it back."""

    def __init__(self, folder: Path) -> None:
        """Lie in ``folder``."""
        self._file = folder / "ballast"

    def fill(self, leave_bytes: int = 0) -> None:
        """Take everything but so many bytes."""
        with self._file.open("ab", buffering=0) as file:
            while (free := free_bytes(self._file.parent)) > leave_bytes:
                try:
                    file.write(b"\0" * min(STEP_BYTES, free - leave_bytes))
                except OSError:
                    return

    def free(self) -> None:
        """Give it back."""
        self._file.unlink(missing_ok=True)


def free_bytes(folder: Path) -> int:
    """How much an ordinary user may still write here."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_bsize
