"""What a line of a dossier is about: the stored number of each topic."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from services.ledger.contract import topics


class LineKind(IntEnum):
    """The kind of a dossier line. The numbers are stored: add some, never give one another meaning."""

    RECORDED = 1
    INTENDED = 2
    REFUSED = 3
    CORRECTED = 4
    CONFIDENTIALITY = 5
    NOTICE = 6
    EXEMPTION = 7
    LINKED = 8
    UNLINKED = 9
    READ = 10
    ACCESS_REQUEST = 11
    INQUIRY = 12
    BREACH = 13
    RETENTION_SET = 14
    HOLD_PLACED = 15
    HOLD_RELEASED = 16
    RETENTION_DAY_ENDED = 17
    RECORDS_SWEPT = 18
    ERASURE_REQUESTED = 19
    ERASED = 20
    ERASURE_COMPLETED = 21
    OBLIGATION_ANSWERED = 22
    MESSAGE_SENT = 23
    REQUEST_STEPPED = 24
    EXEMPTION_ENDED = 25


KIND_OF_TOPIC: Final[dict[str, LineKind]] = {
    topics.PROCESSING_RECORDED: LineKind.RECORDED,
    topics.PROCESSING_INTENDED: LineKind.INTENDED,
    topics.PROCESSING_REFUSED: LineKind.REFUSED,
    topics.PROCESSING_CORRECTED: LineKind.CORRECTED,
    topics.CONFIDENTIALITY_SET: LineKind.CONFIDENTIALITY,
    topics.NOTICE_RECORDED: LineKind.NOTICE,
    topics.EXEMPTION_RECORDED: LineKind.EXEMPTION,
    topics.SUBJECTS_LINKED: LineKind.LINKED,
    topics.SUBJECTS_UNLINKED: LineKind.UNLINKED,
    topics.DATA_READ: LineKind.READ,
    topics.ACCESS_REQUESTED: LineKind.ACCESS_REQUEST,
    topics.INQUIRY_OPENED: LineKind.INQUIRY,
    topics.BREACH_REPORTED: LineKind.BREACH,
    topics.RETENTION_SET: LineKind.RETENTION_SET,
    topics.HOLD_PLACED: LineKind.HOLD_PLACED,
    topics.HOLD_RELEASED: LineKind.HOLD_RELEASED,
    topics.RETENTION_DAY_ENDED: LineKind.RETENTION_DAY_ENDED,
    topics.RECORDS_SWEPT: LineKind.RECORDS_SWEPT,
    topics.ERASURE_REQUESTED: LineKind.ERASURE_REQUESTED,
    topics.ERASED: LineKind.ERASED,
    topics.ERASURE_COMPLETED: LineKind.ERASURE_COMPLETED,
    topics.OBLIGATION_ANSWERED: LineKind.OBLIGATION_ANSWERED,
    topics.MESSAGE_SENT: LineKind.MESSAGE_SENT,
    topics.REQUEST_STEPPED: LineKind.REQUEST_STEPPED,
    topics.EXEMPTION_ENDED: LineKind.EXEMPTION_ENDED,
}
"""Topics that are not here are counted as seen and leave no line."""

FOLLOWING_KINDS: Final = frozenset(
    {
        LineKind.CORRECTED,
        LineKind.CONFIDENTIALITY,
        LineKind.RETENTION_SET,
        LineKind.ERASED,
        LineKind.ERASURE_COMPLETED,
        LineKind.OBLIGATION_ANSWERED,
        LineKind.MESSAGE_SENT,
        LineKind.REQUEST_STEPPED,
        LineKind.EXEMPTION_ENDED,
    }
)
"""What ends when the line ends that it is about, if it is about one on its own stream."""

DECIDING_KINDS: Final = frozenset(
    {
        LineKind.RETENTION_SET,
        LineKind.HOLD_PLACED,
        LineKind.HOLD_RELEASED,
        LineKind.RETENTION_DAY_ENDED,
        LineKind.RECORDS_SWEPT,
        LineKind.ERASURE_REQUESTED,
        LineKind.ERASED,
        LineKind.ERASURE_COMPLETED,
        LineKind.OBLIGATION_ANSWERED,
    }
)
"""What decides on the end of other lines, or on that of an erasure."""
