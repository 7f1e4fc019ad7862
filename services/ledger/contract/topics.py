"""Topics of everything the ledger stores. A topic is persistent data: add versions, never rename."""

from __future__ import annotations

from typing import Final

PROCESSING_RECORDED: Final = "ledger.processing-recorded.1"
PROCESSING_INTENDED: Final = "ledger.processing-intended.1"
PROCESSING_REFUSED: Final = "ledger.processing-refused.1"
PROCESSING_CORRECTED: Final = "ledger.processing-corrected.1"
CONFIDENTIALITY_SET: Final = "ledger.confidentiality-set.1"
NOTICE_RECORDED: Final = "ledger.notice-recorded.1"
EXEMPTION_RECORDED: Final = "ledger.exemption-recorded.1"
SUBJECTS_LINKED: Final = "ledger.subjects-linked.1"
SUBJECTS_UNLINKED: Final = "ledger.subjects-unlinked.1"
DATA_READ: Final = "ledger.data-read.1"
ACCESS_REQUESTED: Final = "ledger.access-requested.1"
INQUIRY_OPENED: Final = "ledger.inquiry-opened.1"
BREACH_REPORTED: Final = "ledger.breach-reported.1"

PERSON_TOPICS: Final = frozenset(
    {
        PROCESSING_RECORDED,
        PROCESSING_INTENDED,
        PROCESSING_REFUSED,
        PROCESSING_CORRECTED,
        CONFIDENTIALITY_SET,
        NOTICE_RECORDED,
        EXEMPTION_RECORDED,
        SUBJECTS_LINKED,
        SUBJECTS_UNLINKED,
    }
)
"""What can stand on a person's own stream."""
