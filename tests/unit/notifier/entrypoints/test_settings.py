"""The settings folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.notifier.domain.errors import FolderUnsafe, SettingsUnsafe
from services.notifier.domain.messages import Route
from services.notifier.entrypoints.settings import read_settings
from services.runtime import limits

CHANNELS = """
ledgerUrl: https://grootboek.middelstad.example
smtp: {host: mail.middelstad.example, sender: grootboek@middelstad.example, user: u, password: hunter2hunter2}
webhook: {hosts: [meldingen.politie.example]}
"""
ROUTES = """
politie:
  - {channel: webhook, address: "https://meldingen.politie.example/x", secret: ssssssssssssssssssssssssssssssss}
  - {channel: smtp, addresses: [een@politie.example, twee@politie.example]}
school: []
"""


def write(folder: Path, name: str, text: str, mode: int = 0o600) -> None:
    """Put a settings file in place."""
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    (folder / name).chmod(mode)


def test_without_files_everything_goes_to_the_folder(tmp_path: Path) -> None:
    """Nothing needs to be configured; the folder is made, and private."""
    settings = read_settings(tmp_path / "settings")
    assert settings.channels.smtp is None
    assert settings.routes == {}
    assert (tmp_path / "settings").stat().st_mode & 0o077 == 0


def test_files_are_read(tmp_path: Path) -> None:
    """Routes by party, in their order."""
    write(tmp_path / "s", "channels.yaml", CHANNELS)
    write(tmp_path / "s", "routes.yaml", ROUTES)
    settings = read_settings(tmp_path / "s")
    assert settings.channels.smtp is not None
    assert settings.channels.smtp.security == "starttls"
    assert settings.routes["politie"][1] == Route(
        channel="smtp", addresses=("een@politie.example", "twee@politie.example")
    )
    assert settings.routes["school"] == ()


def test_json_is_read_too(tmp_path: Path) -> None:
    """YAML holds JSON."""
    write(tmp_path / "s", "routes.yaml", '{"politie": [{"channel": "folder"}]}')
    assert read_settings(tmp_path / "s").routes == {"politie": (Route(channel="folder"),)}


def test_every_fault_is_told_and_no_value(tmp_path: Path) -> None:
    """The place and the code of each fault; never a password, a secret or an address."""
    write(tmp_path / "s", "channels.yaml", CHANNELS.replace("sender:", "security: none, sender:"))
    write(tmp_path / "s", "routes.yaml", ROUTES.replace("ssssssss", "").replace("een@politie", "een politie"))
    with pytest.raises(SettingsUnsafe) as caught:
        read_settings(tmp_path / "s")
    assert {(error.pointer, error.code) for error in caught.value.errors} == {
        ("/smtp/security", "auth-without-tls"),
        ("/smtp/security", "mail-without-tls"),
        ("/politie/0", "secret-too-short"),
        ("/politie/1", "address-malformed"),
    }
    told = str(caught.value) + str(caught.value.errors)
    assert not any(value in told for value in ("hunter2", "ssss", "een politie", "mail.middelstad"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("channels.yaml", "smtp: {host: x}"),
        ("channels.yaml", "smpt: {}"),
        ("channels.yaml", "smtp: {host: h, sender: a@b, port: 99999}"),
        ("channels.yaml", "webhook: [hunter2"),
        ("channels.yaml", "- hunter2"),
        ("routes.yaml", "politie: [{channel: pigeon}]"),
        ("routes.yaml", "politie: hunter2"),
        ("routes.yaml", "politie: [" + ", ".join(["{channel: folder}"] * 11) + "]"),
    ],
)
def test_a_malformed_file_is_refused(tmp_path: Path, name: str, text: str) -> None:
    """A misspelled field or a wrong value stops the start; the value is not repeated."""
    write(tmp_path / "s", name, text)
    with pytest.raises(SettingsUnsafe, match="malformed") as caught:
        read_settings(tmp_path / "s")
    assert "hunter2" not in str(caught.value) + str(caught.value.errors)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Passwords and secrets stand in it."""
    write(tmp_path / "s", "channels.yaml", CHANNELS, mode)
    with pytest.raises(FolderUnsafe):
        read_settings(tmp_path / "s")


def test_a_folder_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    """They could put a file of theirs in it."""
    write(tmp_path / "s", "channels.yaml", CHANNELS)
    (tmp_path / "s").chmod(0o770)
    with pytest.raises(FolderUnsafe):
        read_settings(tmp_path / "s")


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    """Nobody's settings are a megabyte."""
    write(tmp_path / "s", "routes.yaml", "#" * (limits.NOTIFIER_SETTINGS_BYTES_MAX + 1))
    with pytest.raises(FolderUnsafe):
        read_settings(tmp_path / "s")
