"""Mounted secrets become files that only we can read."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from services.runtime import limits
from services.runtime.take_secrets import SecretTooLarge, take_secrets


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    """A folder as Kubernetes mounts a secret: links to links, readable by a group."""
    folder = tmp_path / "mounted" / "database"
    (folder / "..2026").mkdir(parents=True)
    (folder / "..2026" / "password").write_text("not told")
    (folder / "..2026" / "password").chmod(0o440)
    (folder / "..data").symlink_to("..2026")
    (folder / "password").symlink_to("..data/password")
    return tmp_path / "mounted"


def test_copies_are_private(mounted: Path, tmp_path: Path) -> None:
    """Each file comes once, no link, with mode 0600 in folders of mode 0700; hidden ones do not come."""
    take_secrets(mounted, tmp_path / "taken")
    copy = tmp_path / "taken" / "database" / "password"
    assert copy.read_text() == "not told"
    assert not copy.is_symlink()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.parent.stat().st_mode) == stat.S_IMODE((tmp_path / "taken").stat().st_mode) == 0o700
    assert [path.name for path in (tmp_path / "taken").rglob("*") if path.is_file()] == ["password"]


def test_taken_anew_after_a_restart(mounted: Path, tmp_path: Path) -> None:
    """A container that starts again in the same pod takes what is mounted now."""
    take_secrets(mounted, tmp_path / "taken")
    (mounted / "database" / "..2026" / "password").chmod(0o640)
    (mounted / "database" / "..2026" / "password").write_text("another")
    take_secrets(mounted, tmp_path / "taken")
    assert (tmp_path / "taken" / "database" / "password").read_text() == "another"


def test_too_large_is_no_secret(mounted: Path, tmp_path: Path) -> None:
    """A file larger than any secret is refused before it fills the memory."""
    (mounted / "disk").write_bytes(bytes(limits.SECRET_BYTES_MAX + 1))
    with pytest.raises(SecretTooLarge):
        take_secrets(mounted, tmp_path / "taken")


def test_becomes_the_program(mounted: Path, tmp_path: Path) -> None:
    """The program takes our place, with what it was given, and finds the copies."""
    command = [sys.executable, "-m", "services.runtime.take_secrets", str(mounted), str(tmp_path / "taken")]
    program = ["cat", str(tmp_path / "taken" / "database" / "password")]
    assert subprocess.run([*command, *program], capture_output=True, check=True, timeout=60).stdout == b"not told"


def test_nothing_mounted_is_no_fault(tmp_path: Path) -> None:
    """Without secrets the program starts as it would by itself, where no folder can be made either."""
    take_secrets(tmp_path / "absent", tmp_path / "taken")
    assert not (tmp_path / "taken").exists()
