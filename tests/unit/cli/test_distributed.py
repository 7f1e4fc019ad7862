"""The parent of the four processes: what it hands them, and that it never leaves one alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.cli.distributed.child import Child
from services.cli.distributed.layout import SERVICES, Layout
from services.runtime.log import MemoryLog
from tests.support.waiting import wait_until


def test_what_cannot_be_started_now_is_tried_again(tmp_path: Path) -> None:
    """A machine that is short of something for a moment does not cost a process for good."""
    log = MemoryLog()
    child = Child("ledger", {}, tmp_path / "gone", log)
    child.start()
    wait_until(lambda: len(log.written) > 1)
    child.stop()
    assert {(event.name, fields["status"]) for event, fields in log.written} == {("process.ended", "FileNotFoundError")}


@pytest.mark.parametrize("service", SERVICES)
def test_nobody_is_handed_the_password_of_the_owner(tmp_path: Path, service: str) -> None:
    """It makes schema and roles, which no process may; settings of others do not come along either."""
    layout = Layout(
        home=tmp_path,
        issuer=tmp_path,
        owner="host=/run dbname=x user=owner password=hush",
        lanes=1,
        clock="system",
        port=1,
        kafka={},
        internal=dict.fromkeys(SERVICES, 1),
    )
    given = {"PATH": "/bin", "PGPASSWORD": "hush", "PGPASSFILE": "/hush", "GROOTBOEK_PARTY": "hush"}
    handed = layout.environment(service, given)
    assert handed["PATH"] == "/bin"
    assert not any("hush" in value for value in handed.values())
