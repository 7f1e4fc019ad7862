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

# --- forgetting: terms, holds, days, sweeps, erasures ---
RETENTION_SET: Final = "ledger.retention-set.1"
HOLD_PLACED: Final = "ledger.hold-placed.1"
HOLD_RELEASED: Final = "ledger.hold-released.1"
RETENTION_DAY_ENDED: Final = "ledger.retention-day-ended.1"
RECORDS_SWEPT: Final = "ledger.records-swept.1"
ERASURE_REQUESTED: Final = "ledger.erasure-requested.1"
ERASED: Final = "ledger.erased.1"
ERASURE_COMPLETED: Final = "ledger.erasure-completed.1"

# --- duties: what a party answered, what was sent, the steps of a request ---
OBLIGATION_ANSWERED: Final = "ledger.obligation-answered.1"
MESSAGE_SENT: Final = "ledger.message-sent.1"
REQUEST_STEPPED: Final = "ledger.request-stepped.1"
EXEMPTION_ENDED: Final = "ledger.exemption-ended.1"
