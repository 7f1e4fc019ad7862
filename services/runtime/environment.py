"""Settings of a process from its environment: read once, every fault told at once, secrets only from private files."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from services.runtime import limits
from services.runtime.errors import FieldError, GrootboekError, Rejected
from services.runtime.internal_http import PlainHttpRefused, check_calling

T = TypeVar("T", bound=str)
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class SettingsInvalid(Rejected):
    """This process cannot start with these settings; every fault found is listed."""

    code = "settings-invalid"
    remedy = "Repair every listed setting and start again."


class Setting(msgspec.Struct, frozen=True):
    """A name in the environment, and whether the process cannot do without it."""

    name: str
    is_required: bool = False


def names_of(settings: Sequence[Setting]) -> frozenset[str]:
    """Every name that a process looks at."""
    return frozenset(setting.name for setting in settings)


def required_of(settings: Sequence[Setting]) -> frozenset[str]:
    """The names without which a process does not start."""
    return frozenset(setting.name for setting in settings if setting.is_required)


class Environment:
    """Reads setting after setting; after the last one ``refuse_faults`` tells all that was wrong."""

    def __init__(self, values: Mapping[str, str], settings: Sequence[Setting]) -> None:
        """Look at ``values`` for what ``settings`` names, and at nothing else."""
        self._values = values
        self._required = required_of(settings)
        self._known = names_of(settings)
        self._faults: list[FieldError] = []

    def refuse_faults(self) -> None:
        """Raise SettingsInvalid when anything was wrong."""
        if self._faults:
            raise SettingsInvalid(tuple(self._faults))

    def note(self, name: str, code: str, message: str, remedy: str) -> None:
        """Note a fault; the value is never told."""
        self._faults.append(FieldError(pointer=f"/{name}", code=code, message=message, remedy=remedy))

    def note_error(self, name: str, error: GrootboekError) -> None:
        """Note what an error says."""
        self.note(name, error.code, error.message, error.remedy)

    def text(self, name: str, default: str = "") -> str:
        """The value, or ``default`` when it is not there; a fault when it is required."""
        assert name in self._known, "a setting that no table names"
        value = self._values.get(name, "").strip()
        if not value and name in self._required:
            self.note(name, "missing", "This setting is not there.", "Give it a value.")
        return value or default

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number within its bounds."""
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and low <= int(value[:10]) <= high:
            return int(value[:10])
        self.note(name, "not-a-number", "This is no number within its bounds.", f"Give a number from {low} to {high}.")
        return default

    def choice(self, name: str, options: Sequence[T], default: T) -> T:
        """One of a closed list."""
        value = self.text(name, default)
        for option in options:
            if value == option:
                return option
        self.note(name, "unknown-value", "This value is not one of those it may have.", f"Give {', '.join(options)}.")
        return default

    def flag(self, name: str) -> bool:
        """Whether it says ``true``; anything but that and ``false`` is a fault, for nobody may wonder."""
        return self.choice(name, ("true", "false"), "false") == "true"

    def file(self, name: str) -> Path | None:
        """A file that is there, or None when it is not named."""
        value = self.text(name)
        if value and not Path(value).is_file():
            self.note(name, "no-file", "There is no such file.", "Name a file that this process can read.")
        return Path(value) if value else None

    def folder(self, name: str) -> Path:
        """A folder; it may be made later."""
        value = Path(self.text(name) or ".")
        if value.exists() and not value.is_dir():
            self.note(name, "no-folder", "This is no folder.", "Name a folder.")
        return value

    def private_file(self, name: str) -> Path | None:
        """A file that only we can read, or None when it is not named."""
        path = self.file(name)
        if path is not None and path.is_file() and not is_private(path):
            remedy = "Make it a file of the user this process runs as, with mode 0600, and no link."
            self.note(name, "readable-by-others", "Others on this machine can read or replace this file.", remedy)
        return path

    def secret(self, name: str) -> str | None:
        """The first line of a private file, or None when it is not named."""
        path = self.private_file(name)
        if path is None or not path.is_file():
            return None
        lines = path.read_bytes()[: limits.SECRET_BYTES_MAX].decode("utf-8", "replace").splitlines()
        if not lines or not lines[0]:
            self.note(name, "empty", "There is nothing in this file.", "Write the secret on its first line.")
            return None
        return lines[0]

    def address(self, name: str, *, mesh_encrypts: bool) -> str:
        """The base address of a service of ours."""
        value = self.text(name)
        if value:
            self._check_address(name, value, mesh_encrypts=mesh_encrypts)
        return value.rstrip("/")

    def addresses(self, name: str, *, mesh_encrypts: bool) -> tuple[str, ...]:
        """Several of them, with commas between."""
        found = tuple(each.strip().rstrip("/") for each in self.text(name).split(",") if each.strip())
        for each in found:
            self._check_address(name, each, mesh_encrypts=mesh_encrypts)
        return found

    def _check_address(self, name: str, value: str, *, mesh_encrypts: bool) -> None:
        if not is_address(value):
            remedy = "Give http:// or https:// with a host and a port, and nothing else."
            self.note(name, "no-address", "This is no address of a service.", remedy)
            return
        try:
            check_calling(value, mesh_encrypts=mesh_encrypts)
        except PlainHttpRefused as error:
            self.note_error(name, error)


def is_address(value: str) -> bool:
    """Whether it is an address that we can call, with nothing in it that does not belong there."""
    try:
        parts = urlsplit(value)
        return (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and parts.username is None
            and parts.path in {"", "/"}
            and not parts.query
            and not parts.fragment
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        return False


def is_private(path: Path) -> bool:
    """Whether a file is ours, no link, and closed to others."""
    status = path.lstat()
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & OTHERS
