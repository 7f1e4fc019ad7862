"""What stands in the tables, the register and the vault of a ledger that erases, read past its own code."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec
import psycopg

from services.ledger.application.retention_ports import ErasureEntry
from services.ledger.contract.events import Envelope
from services.ledger.domain.stored import DossierGeneration
from services.ledger.storage.erasure_register_file import FOLDER, REGISTER
from services.ledger.storage.erasure_register_memory import RegisterLine
from services.ledger.storage.vault_ring import VaultContents
from tests.support.burglar import open_everything
from tests.support.forked_ledger import ForkedLedger

EVENTS: Final[LiteralString] = """
SELECT lane, notification_id, originator_id, envelope, state IS NULL FROM stored_events
WHERE lane = 0 AND operation_id = %s ORDER BY notification_id"""
COUNTS: Final[LiteralString] = """
SELECT operation_id, count(*) FROM stored_events WHERE lane = 0 AND operation_id = ANY(%s) GROUP BY operation_id"""
DOSSIER: Final[LiteralString] = """
SELECT state, wrapped IS NOT NULL FROM dossier_secret
WHERE lane = %s AND stream_id = %s AND scope = %s AND generation = %s"""
PLACE: Final[LiteralString] = """
SELECT envelope IS NULL, state IS NULL FROM stored_events WHERE lane = %s AND notification_id = %s"""
DAY: Final[LiteralString] = "SELECT bool_and(wrapped IS NULL) FROM day_secret WHERE lane = 0 AND day = %s"
WRAPPED_UNDER: Final[LiteralString] = "SELECT DISTINCT wrap_key_id FROM dossier_secret WHERE wrapped IS NOT NULL"
SAID: Final = re.compile(rb"(?:kept|gone|ended)-[0-9]+[a-z]?")

Place = tuple[int, int]
"""(lane, position)."""


class Facts:
    """One look at one ledger: the tables as of one moment, and then the files."""

    def __init__(self, ledger: ForkedLedger) -> None:
        """Look at the tables now."""
        self._ledger = ledger
        self._folder: Path = ledger.folder
        self._connection = psycopg.connect(ledger.conninfo)
        self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ

    def close(self) -> None:
        """Look no more."""
        self._connection.close()

    def stored_under(self, operation_id: UUID) -> list[tuple[Place, DossierGeneration]]:
        """Where the events of an operation stand, and the dossiers under which they are sealed."""
        found = []
        for lane, position, stream_id, raw, _ in self._rows(EVENTS, operation_id):
            envelope = msgspec.json.decode(raw, type=Envelope)
            assert envelope.scope is not None
            assert envelope.generation is not None
            found.append(((lane, position), (lane, stream_id, bytes.fromhex(envelope.scope), envelope.generation)))
        return found

    def count_of(self, *operation_ids: UUID) -> list[int]:
        """How many events each of these operations has."""
        counts = dict(self._rows(COUNTS, list(operation_ids)))
        return [counts.get(each, 0) for each in operation_ids]

    def state_of(self, dossier: DossierGeneration) -> tuple[str, bool]:
        """The state of a dossier, and whether there is anything that its key can be had from."""
        ((state, has_key),) = self._rows(DOSSIER, *dossier)
        return state, has_key

    def is_empty(self, place: Place) -> bool:
        """Whether an event was swept; it goes as a whole."""
        ((without_envelope, without_content),) = self._rows(PLACE, *place)
        assert without_envelope == without_content, "an event is swept as a whole"
        return bool(without_envelope)

    def is_day_gone(self, day: str) -> bool:
        """Whether the tables hold no secret of a day."""
        ((is_gone,),) = self._rows(DAY, day)
        return is_gone is True

    def wrapping_keys(self) -> set[str]:
        """The keys of the vault under which living dossiers are wrapped."""
        return {key_id for (key_id,) in self._rows(WRAPPED_UNDER)}

    def registered(self) -> Counter[str]:
        """How often the register names what was destroyed, by the id of the entry; a torn last line counts for none."""
        file = self._folder / FOLDER / REGISTER
        whole, _, _ = file.read_bytes().rpartition(b"\n")
        entries = (msgspec.json.decode(line, type=RegisterLine).entry for line in whole.splitlines())
        return Counter(msgspec.json.decode(entry, type=ErasureEntry).id for entry in entries)

    def vault_keys(self) -> dict[str, bytes | None]:
        """The keys in the file of the vault, as it lies there; destroyed ones with None."""
        return msgspec.msgpack.decode(self._ledger.vault_file.read_bytes(), type=VaultContents).keys

    def files_of_the_vault(self) -> set[str]:
        """What lies in the folder of the vault."""
        return {path.name for path in self._ledger.vault_file.parent.iterdir()}

    def opens(self) -> set[str]:
        """What acts say that open for somebody who has the tables and the vault."""
        contents = open_everything(self._ledger.conninfo, self._ledger.vault_file)
        return {said.decode() for content in contents for said in SAID.findall(content)}

    def _rows(self, statement: LiteralString, *values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, values).fetchall()
