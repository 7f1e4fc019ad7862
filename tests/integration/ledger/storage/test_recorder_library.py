"""The eventsourcing library's own test cases for recorders, on our recorder and our table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest
from eventsourcing.postgres import PostgresDatastore
from eventsourcing.tests.persistence import ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
from psycopg.conninfo import conninfo_to_dict

from services.ledger.storage.open_ledger import open_ledger
from services.ledger.storage.recorder import LaneRecorder, RegisterRecorder
from tests.support.postgres import fresh_database


class SubjectLaneRecorder(LaneRecorder):
    """The recorder on the only subject lane."""

    lane = 0


class OnOurTable:
    """Makes the recorder under test on a ledger of its own."""

    recorder_class: ClassVar[type[LaneRecorder]] = RegisterRecorder
    datastore: PostgresDatastore

    @pytest.fixture(autouse=True)
    def ledger(self, request: pytest.FixtureRequest) -> Iterator[None]:
        """Open an empty ledger for each test."""
        server = request.getfixturevalue("postgres_server")
        with fresh_database(server.conninfo) as conninfo:
            open_ledger(conninfo, 1, "system")
            parts = {name: str(value) for name, value in conninfo_to_dict(conninfo).items()}
            self.datastore = PostgresDatastore(
                dbname=parts["dbname"],
                host=parts["host"],
                port=parts["port"],
                user=parts["user"],
                password=parts["password"],
                pool_size=2,
                max_overflow=8,
            )
            yield
            self.datastore.close()

    def create_recorder(self) -> LaneRecorder:
        """Make the recorder."""
        return self.recorder_class(self.datastore)


class TestRegisterRecorder(OnOurTable, ApplicationRecorderTestCase):
    """The library's application recorder cases on the register lane."""


class TestSubjectLaneRecorder(OnOurTable, ApplicationRecorderTestCase):
    """The same cases on a subject lane."""

    recorder_class = SubjectLaneRecorder


class TestNonInterleaving(OnOurTable, NonInterleavingNotificationIDsBaseCase):
    """Two overlapping inserts never mix their positions."""


# The abstract cases would be collected where they are imported.
del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
