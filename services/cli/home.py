"""Where an embedded ledger keeps its things, and which one the other commands mean."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from services.ledger.storage import erasure_register_file
from services.runtime.errors import GrootboekError, Kind

VAR: Final = Path("var")


class NoLedgerHere(GrootboekError):
    """There is no ledger here yet."""

    code = "no-ledger-here"
    kind = Kind.NOT_FOUND
    remedy = "Run `make run` first, or name the ledger's folder in GROOTBOEK_HOME."


class Home:
    """The folder of one ledger: its database, vault, journal and port."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.postgres = path / "postgres"
        self.vault = path / "vault"
        self.register = path / erasure_register_file.FOLDER
        self.journal = path / "posted.jsonl"
        self.conninfo_file = path / "conninfo"

    def make(self) -> None:
        """Create the folder, closed to others, and remember it as the current one."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        issuer_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        (VAR / "current").write_text(str(self.path), encoding="utf-8")


def home_of_case(case_file: Path) -> Home:
    """A ledger of its own per case file: other content, other ledger."""
    digest = hashlib.sha256(case_file.read_bytes()).hexdigest()[:12]
    return Home(_named() or VAR / f"ledger-{case_file.stem}-{digest}")


def home_to_serve() -> Home:
    """The ledger that ``grootboek serve`` opens."""
    return Home(_named() or VAR / "ledger")


def current_home() -> Home:
    """The ledger that was served last; NoLedgerHere when there is none."""
    pointer = VAR / "current"
    path = _named() or (Path(pointer.read_text(encoding="utf-8")) if pointer.exists() else None)
    if path is None or not path.exists():
        raise NoLedgerHere
    return Home(path)


def issuer_folder() -> Path:
    """Where the development token issuer keeps its key, shared by the ledgers of this folder."""
    return VAR / "issuer"


def _named() -> Path | None:
    named = os.environ.get("GROOTBOEK_HOME")
    return Path(named) if named else None
