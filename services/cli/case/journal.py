"""What a loader posted, kept beside the ledger's data so that the two live and die together.

Kept are the answers too, which name persons by pseudonym only: the ledger forgets a record on its last day, and whoever
posted it still has the receipt.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Answered = tuple[tuple[int, dict[str, Any]], ...]
"""(status, body) of each call of an act, in their order."""


class Journal:
    """One line per entry; a line that was cut off in the writing is none."""

    def __init__(self, path: Path) -> None:
        """Read what an earlier run wrote, if there was one."""
        self._path = path
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        self._is_cut_off = not text.endswith("\n") and text != ""
        self._entries = dict(_entries(text))

    def answers(self, entry: str) -> Answered | None:
        """What was answered to an entry then, as far as it was kept; None for one that was never posted."""
        return self._entries.get(entry)

    def write(self, entry: str, answers: Answered = ()) -> None:
        """Keep that an entry was posted, and the answers to it."""
        line = json.dumps({"posted": entry, "answers": answers}, ensure_ascii=False)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n" if self._is_cut_off else f"{line}\n")
        self._is_cut_off = False
        self._entries[entry] = answers


def _entries(text: str) -> Iterator[tuple[str, Answered]]:
    for line in text.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        yield said["posted"], tuple((status, body) for status, body in said.get("answers", ()))
