"""The statements of this folder's ``.sql`` files and the values they share.

Tables are named without a schema: the connection's ``search_path`` says whether the live projection or
a shadow is meant.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Final

from services.ledger.contract import topics
from services.ledger.domain.line_kind import KIND_OF_TOPIC, LineKind


def load_statement(name: str) -> bytes:
    """The text of ``<name>.sql`` in this folder."""
    return files(__package__).joinpath(f"{name}.sql").read_bytes()


APPLY: Final = load_statement("apply")
CORRECT: Final = load_statement("correct")
INSPECT: Final = load_statement("inspect")
LOCATE: Final = load_statement("locate")
AHEAD: Final = load_statement("ahead")

APPLY_VALUES: Final[dict[str, Any]] = {
    "topics": list(KIND_OF_TOPIC),
    "kinds": [int(kind) for kind in KIND_OF_TOPIC.values()],
    "recorded": int(LineKind.RECORDED),
    "read": int(LineKind.READ),
    "corrected": int(LineKind.CORRECTED),
    "topic": topics.PROCESSING_CORRECTED,
}
