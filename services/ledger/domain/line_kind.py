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
}
"""Topics that are not here are counted as seen and leave no line."""
