"""The record term of what begins no holding: refusals, notices, exemptions, reads, requests."""

from __future__ import annotations

from datetime import date, datetime

from services.law.local_time import amsterdam_day
from services.law.periods import add_period
from services.law.retention import RECORD_PERIOD_DEFAULT


def default_record_end(recorded_at: datetime) -> date:
    """The last day of the record: five years after it was recorded."""
    return add_period(amsterdam_day(recorded_at), RECORD_PERIOD_DEFAULT)
