"""Reads the settings folder: ``channels.yaml`` and ``routes.yaml``. Both may be absent, neither readable by others."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeVar

import msgspec

from services.notifier.domain.errors import FolderUnsafe, SettingsUnsafe
from services.notifier.domain.settings import ChannelSettings, RoutesFile, Settings, find_faults
from services.notifier.storage.private_files import check_private, make_private
from services.runtime import limits
from services.runtime.errors import FieldError

CHANNELS_FILE: Final = "channels.yaml"
ROUTES_FILE: Final = "routes.yaml"
T = TypeVar("T")


def read_settings(folder: Path) -> Settings:
    """The settings in a folder; SettingsUnsafe with every fault, FolderUnsafe when others can read passwords."""
    make_private(folder)
    channels = read_file(folder / CHANNELS_FILE, ChannelSettings) or ChannelSettings()
    entries = read_file(folder / ROUTES_FILE, RoutesFile) or {}
    routes = {party: tuple(entry.as_route() for entry in each) for party, each in entries.items()}
    settings = Settings(channels=channels, routes=routes)
    if faults := find_faults(settings):
        raise SettingsUnsafe(faults)
    return settings


def read_file(path: Path, shape: type[T]) -> T | None:
    """One file as its shape says, or None when it is not there; YAML, and so JSON too."""
    if not path.exists():
        return None
    check_private(path)
    if path.stat().st_size > limits.NOTIFIER_SETTINGS_BYTES_MAX:
        raise FolderUnsafe("A settings file of notifier is larger than any settings are.")
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=shape)
    except msgspec.ValidationError as error:
        # The place and the expected kind, such as "`$.smtp.port`"; msgspec does not repeat the value.
        raise SettingsUnsafe((_malformed(path.name, str(error)),)) from None
    except msgspec.DecodeError:
        raise SettingsUnsafe((_malformed(path.name, "not YAML"),)) from None


def _malformed(name: str, what: str) -> FieldError:
    return FieldError(pointer=f"/{name}", code="malformed", message=what, remedy="Repair the file as the manual shows.")
