"""One contract for every vault: what keys do, whoever keeps them."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.ledger.application.ports import Vault
from services.ledger.application.vault_errors import (
    KeyDestroyed,
    VaultDamaged,
    VaultExposed,
    VaultFailure,
    VaultNotRead,
    VaultNotWritten,
    WrongVault,
)
from services.ledger.storage import vault_file
from services.ledger.storage.vault_file import SealedFileVault
from services.ledger.storage.vault_memory import MemoryVault

SECRET = bytes(range(32))
HOLD = UUID(int=7)
DAY = "day:2027-01-31"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a private folder, as a vault asks."""
    place = tmp_path / "keys of this ledger"
    place.mkdir(mode=0o700)
    return place


@pytest.fixture(params=["memory", "file"])
def new_vault(request: pytest.FixtureRequest, folder: Path) -> Callable[[], MemoryVault]:
    """Give a function that makes (or, for the file, opens again) a vault of each kind."""
    memory = MemoryVault()
    return (lambda: memory) if request.param == "memory" else (lambda: SealedFileVault(folder / "vault"))


def test_what_is_wrapped_unwraps(new_vault: Callable[[], Vault]) -> None:
    """A secret comes back under the key and the place it was wrapped for."""
    vault = new_vault()
    wrapped = vault.wrap("day:2027-01-31", SECRET, b"lane 0")
    assert SECRET not in wrapped
    assert new_vault().unwrap("day:2027-01-31", wrapped, b"lane 0") == SECRET


def test_another_place_does_not_unwrap(new_vault: Callable[[], Vault]) -> None:
    """A wrap that is moved to another row is refused, not opened."""
    vault = new_vault()
    wrapped = vault.wrap("day:2027-01-31", SECRET, b"lane 0")
    with pytest.raises(VaultFailure):
        vault.unwrap("day:2027-01-31", wrapped, b"lane 1")


def test_a_destroyed_key_is_not_an_unknown_one(new_vault: Callable[[], Vault]) -> None:
    """Forgetting is told apart from losing, also after a restart."""
    vault = new_vault()
    wrapped = vault.wrap("week:2026-W37", SECRET, b"")
    vault.destroy("week:2026-W37")
    vault.destroy("week:2026-W37")
    with pytest.raises(KeyDestroyed):
        new_vault().unwrap("week:2026-W37", wrapped, b"")
    with pytest.raises(VaultFailure):
        new_vault().unwrap("week:2026-W38", wrapped, b"")


def test_a_destroyed_key_is_never_made_again(new_vault: Callable[[], Vault]) -> None:
    """Neither wrapping nor making revives a destroyed key, made before its destruction or not."""
    vault = new_vault()
    vault.destroy("day:2027-02-01")
    vault.make(["day:2027-02-01", "day:2027-02-02"])
    with pytest.raises(KeyDestroyed):
        new_vault().wrap("day:2027-02-01", SECRET, b"")
    assert new_vault().wrap("day:2027-02-02", SECRET, b"")


@pytest.mark.parametrize("mistyped", ["day:tomorrow", "week:2026", "hold:court", "HOLD", f"hold:{HOLD}0", ""])
def test_only_days_weeks_and_holds_have_keys(new_vault: Callable[[], Vault], mistyped: str) -> None:
    """A mistyped key id is refused, so that no secret hangs on a key nobody will ever destroy."""
    with pytest.raises(VaultFailure):
        new_vault().wrap(mistyped, SECRET, b"")
    with pytest.raises(VaultFailure):
        new_vault().destroy_all(["day:2027-01-31", mistyped])
    assert new_vault().wrap("day:2027-01-31", SECRET, b"")


def test_a_hold_has_a_key(new_vault: Callable[[], Vault]) -> None:
    """What a hold keeps opens with the hold's own key, until that is destroyed."""
    wrapped = new_vault().wrap(f"hold:{HOLD}", SECRET, b"lane 0")
    assert new_vault().unwrap(f"hold:{HOLD}", wrapped, b"lane 0") == SECRET
    new_vault().destroy(f"hold:{HOLD}")
    with pytest.raises(KeyDestroyed):
        new_vault().unwrap(f"hold:{HOLD}", wrapped, b"lane 0")


def test_nothing_stays_of_the_key_of_an_overlap(new_vault: Callable[[], Vault]) -> None:
    """Destroyed it opens nothing and takes no room, also when it is destroyed again or was never made."""
    key_id = f"overlap:{HOLD}"
    wrapped = new_vault().wrap(key_id, SECRET, b"")
    assert new_vault().unwrap(key_id, wrapped, b"") == SECRET
    for _ in range(2):
        new_vault().destroy(key_id)
    with pytest.raises(VaultFailure):
        new_vault().unwrap(key_id, wrapped, b"")
    assert key_id not in kept_ids(new_vault())


def kept_ids(vault: Vault) -> set[str]:
    """Every id that the vault keeps, living or destroyed."""
    assert isinstance(vault, MemoryVault)
    return set(vault._read().keys)


def test_several_keys_are_destroyed_at_once(new_vault: Callable[[], Vault]) -> None:
    """Of the keys named each is destroyed, made or not; the others stay; doing so again changes nothing."""
    ids = ["week:2026-W37", "week:2026-W38", "week:2026-W39"]
    new_vault().make(ids)
    for _ in range(2):
        new_vault().destroy_all([ids[0], ids[2], "week:2026-W40"])
    assert new_vault().key_ids("week") == [ids[1]]
    new_vault().destroy_all([])
    with pytest.raises(KeyDestroyed):
        new_vault().wrap("week:2026-W40", SECRET, b"")


def test_living_keys_are_named_by_kind(new_vault: Callable[[], Vault]) -> None:
    """Keys are named in order, by their kind, without those that were destroyed or never made."""
    new_vault().make(["week:2026-W38", "day:2027-01-31", "week:2026-W37", f"hold:{HOLD}"])
    new_vault().destroy("day:2027-02-01")
    assert new_vault().key_ids("week") == ["week:2026-W37", "week:2026-W38"]
    assert new_vault().key_ids("day") == ["day:2027-01-31"]
    assert new_vault().key_ids("hold") == [f"hold:{HOLD}"]


def test_derived_keys_are_stable_and_apart(new_vault: Callable[[], Vault]) -> None:
    """A fixed use always gets the same key, another use another one."""
    first, again = new_vault(), new_vault()
    assert first.derive("routing") == again.derive("routing")
    assert len({first.derive("routing"), first.derive("body"), first.derive("ref:politie")}) == 3
    assert len(first.derive("routing")) == 32


def test_the_lookup_key_has_versions(new_vault: Callable[[], MemoryVault]) -> None:
    """After a rotation the newest key is given, and the older one on request."""
    vault = new_vault()
    version, key = vault.lookup_key()
    assert vault.rotate_lookup_key() == version + 1
    assert new_vault().lookup_key()[0] == version + 1
    assert new_vault().lookup_key(version) == (version, key)
    with pytest.raises(VaultFailure):
        vault.lookup_key(99)


def test_signatures_verify_under_the_public_key(new_vault: Callable[[], Vault]) -> None:
    """A checkpoint signature verifies with nothing but the public key."""
    vault = new_vault()
    signature = vault.sign("checkpoint", b"root")
    Ed25519PublicKey.from_public_bytes(new_vault().public_key("checkpoint")).verify(signature, b"root")


def test_the_fingerprint_tells_vaults_apart(new_vault: Callable[[], Vault]) -> None:
    """A vault keeps its fingerprint, another vault has another one."""
    assert new_vault().fingerprint() == new_vault().fingerprint() != MemoryVault().fingerprint()


def test_a_vault_shows_no_key(new_vault: Callable[[], MemoryVault]) -> None:
    """The repr of a vault, which lands in tracebacks, holds no key."""
    assert repr(new_vault()).endswith("Vault(…)")


def test_a_readable_file_is_refused(folder: Path) -> None:
    """A vault file that group or others can read is not used."""
    SealedFileVault(folder / "vault")
    (folder / "vault").chmod(0o640)
    with pytest.raises(VaultExposed):
        SealedFileVault(folder / "vault")


def test_a_writable_folder_is_refused(folder: Path) -> None:
    """Where others may replace the file, no vault is made or opened."""
    folder.chmod(0o770)
    with pytest.raises(VaultExposed):
        SealedFileVault(folder / "vault")
    assert not (folder / "vault").exists()


def test_a_symbolic_link_is_refused(folder: Path, tmp_path: Path) -> None:
    """A link to a file elsewhere is not followed."""
    SealedFileVault(folder / "vault")
    (folder / "link").symlink_to(folder / "vault")
    with pytest.raises(VaultDamaged):
        SealedFileVault(folder / "link")


def test_the_file_is_private_from_its_first_moment(folder: Path) -> None:
    """The vault and its lock carry mode 0600, whatever the umask."""
    SealedFileVault(folder / "vault").make(["day:2027-01-31"])
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_torn_file_is_named(folder: Path) -> None:
    """Half a vault is an error, not an empty vault."""
    SealedFileVault(folder / "vault")
    data = (folder / "vault").read_bytes()
    (folder / "vault").write_bytes(data[: len(data) // 2])
    with pytest.raises(VaultDamaged):
        SealedFileVault(folder / "vault")


@pytest.mark.parametrize("number", [errno.EIO, errno.EMFILE, errno.EACCES])
def test_a_disk_that_gives_nothing_now_is_no_damage(folder: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A file that cannot be read at this moment is there again later: who asks is told to come back."""
    vault, other = SealedFileVault(folder / "vault"), SealedFileVault(folder / "vault")
    other.make([DAY])

    def refuse(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as broken:
        broken.setattr(os, "open", refuse)
        with pytest.raises(VaultNotRead):
            vault.key_ids("day")
    assert vault.key_ids("day") == [DAY]


def test_a_lost_file_is_not_made_again(folder: Path) -> None:
    """A vault that vanished while in use is an error; and an existing ledger never gets a new one."""
    vault = SealedFileVault(folder / "vault")
    (folder / "vault").unlink()
    with pytest.raises(VaultDamaged):
        vault.derive("routing")
    with pytest.raises(VaultDamaged):
        SealedFileVault(folder / "vault", create=False)


def test_two_processes_see_each_others_keys(folder: Path) -> None:
    """What one opener made or destroyed holds for the other at once, and neither loses the other's keys."""
    first, second = SealedFileVault(folder / "vault"), SealedFileVault(folder / "vault")
    wrapped = first.wrap("day:2027-01-31", SECRET, b"")
    second.make(["day:2027-02-01"])
    assert second.unwrap("day:2027-01-31", wrapped, b"") == SECRET
    second.destroy("day:2027-01-31")
    with pytest.raises(KeyDestroyed):
        first.unwrap("day:2027-01-31", wrapped, b"")


def refuse(*_: object, **__: object) -> None:
    """Fail as a file system does that is mounted read-only."""
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


@pytest.mark.parametrize("step", ["open", "replace", "fsync"])
def test_a_vault_that_cannot_be_written_destroys_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """At whatever step the disk refuses, that is raised, the keys still open for everybody, and no copy is left."""
    vault = SealedFileVault(folder / "vault")
    wraps = {key_id: vault.wrap(key_id, SECRET, b"") for key_id in (DAY, "day:2027-02-01")}
    before = (folder / "vault").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(Path if step == "replace" else os, step, refuse)
        with pytest.raises(VaultNotWritten):
            vault.destroy_all(list(wraps))
    assert (folder / "vault").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["vault", "vault.lock"]
    for opened in (vault, SealedFileVault(folder / "vault")):
        assert [opened.unwrap(key_id, wrapped, b"") for key_id, wrapped in wraps.items()] == [SECRET, SECRET]
    vault.destroy_all(list(wraps))
    assert SealedFileVault(folder / "vault").key_ids("day") == []


def test_a_rename_that_may_not_last_is_no_destruction(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the folder could not be forced to disk that is raised, and the next try forces it though nothing lives."""
    vault = SealedFileVault(folder / "vault")
    vault.make([DAY])
    forced: list[Path] = []
    monkeypatch.setattr(vault_file, "force_folder", refuse)
    with pytest.raises(VaultNotWritten):
        vault.destroy(DAY)
    monkeypatch.setattr(vault_file, "force_folder", forced.append)
    vault.destroy(DAY)
    assert vault.key_ids("day") == []
    assert forced == [folder]


@pytest.mark.parametrize("lost", ["removed", "a folder", "torn"])
def test_a_lost_vault_destroys_nothing_and_says_so(folder: Path, lost: str) -> None:
    """A vault that is gone, is no file or no vault any more is told, and none is made in its place."""
    vault, file, aside = SealedFileVault(folder / "vault"), folder / "vault", folder / "aside"
    wrapped = vault.wrap(DAY, SECRET, b"")
    file.rename(aside)
    if lost == "a folder":
        file.mkdir(mode=0o700)
    elif lost == "torn":
        file.write_bytes(aside.read_bytes()[:40])
        file.chmod(0o600)
    for _ in range(2):
        with pytest.raises((VaultDamaged, VaultExposed)):
            vault.destroy(DAY)
    assert file.exists() == (lost != "removed")
    if lost == "a folder":
        file.rmdir()
    aside.replace(file)
    assert vault.unwrap(DAY, wrapped, b"") == SECRET


def test_another_vault_in_its_place_is_not_taken_for_it(folder: Path) -> None:
    """Where another ledger's vault was put meanwhile, nothing is read from it, and nothing in it is destroyed."""
    vault, other = SealedFileVault(folder / "vault"), SealedFileVault(folder / "other")
    vault.make([DAY])
    theirs = other.wrap(DAY, SECRET, b"")
    (folder / "vault").rename(folder / "aside")
    (folder / "other").rename(folder / "vault")
    for work in (lambda: vault.destroy(DAY), lambda: vault.derive("routing"), lambda: vault.make(["day:2027-02-01"])):
        with pytest.raises(WrongVault):
            work()
    assert SealedFileVault(folder / "vault").unwrap(DAY, theirs, b"") == SECRET
    (folder / "aside").rename(folder / "vault")
    vault.destroy(DAY)
    assert vault.key_ids("day") == []


def test_a_killed_write_leaves_no_keys_behind(folder: Path) -> None:
    """What a killed process had half written goes when the vault is opened or written next: it may hold dead keys."""
    vault = SealedFileVault(folder / "vault")
    for work in (lambda: SealedFileVault(folder / "vault"), lambda: vault.destroy(DAY)):
        (folder / "vault.new").write_bytes((folder / "vault").read_bytes())
        work()
        assert not (folder / "vault.new").exists()
