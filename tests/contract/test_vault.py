"""One contract for every vault: what keys do, whoever keeps them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.ledger.application.ports import Vault
from services.ledger.application.vault_errors import KeyDestroyed, VaultDamaged, VaultExposed, VaultFailure
from services.ledger.storage.vault_file import SealedFileVault
from services.ledger.storage.vault_memory import MemoryVault

SECRET = bytes(range(32))


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


def test_only_days_and_weeks_have_keys(new_vault: Callable[[], Vault]) -> None:
    """A mistyped key id is refused, so that no secret hangs on a key nobody will ever destroy."""
    with pytest.raises(VaultFailure):
        new_vault().wrap("day:tomorrow", SECRET, b"")


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
