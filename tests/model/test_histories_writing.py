"""Random histories, judged twice: a dry run says what recording will say, and leaves nothing behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from hypothesis import given

from services.law.act import Act
from services.ledger.contract.errors import IntentRefused, NotAllowed
from services.ledger.contract.messages import Assessment, Caller, Receipt
from services.runtime.embedded_postgres import EmbeddedPostgres
from services.runtime.errors import GrootboekError, Rejected
from tests.model.oracle_play import Played, caught, ledger, submission, writer
from tests.model.strategies import START, STRANGER, Record, Step, examples, histories

WRITTEN = (
    "stored_events",
    "stream_head",
    "lane_head",
    "operation_claim",
    "subject_identifier",
    "dossier_secret",
    "day_secret",
)
"""Every table that recording writes."""


class DryRuns:
    """Assesses every act just before it is recorded, and compares."""

    def __init__(self, played: Played, connection: psycopg.Connection[Any]) -> None:
        """Listen to what is played."""
        self.played, self.connection = played, connection
        self.assessed: Any = None
        self.compared: list[str] = []
        played.before, played.after = self.before, self.after

    def rows(self) -> list[Any]:
        """Everything that stands in the tables that recording writes, as one number each."""
        return [
            self.connection.execute(f"SELECT count(*), sum(hashtext(t::text)) FROM {table} AS t").fetchone()
            for table in WRITTEN
        ]

    def before(self, caller: Caller, act: Act) -> None:
        """Assess, also in the name of a stranger and an hour too early: nothing of it is kept."""
        before = self.rows()
        self.assessed = self.played.run(self.played.client.assess(caller, act))
        self.refuse_alike(writer(STRANGER), act, NotAllowed)
        early = msgspec.structs.replace(act, tense="fact", occurred_at=self.played.now + timedelta(hours=1))
        self.refuse_alike(caller, early, Rejected)
        if act.subjects:
            twice = msgspec.structs.replace(act, subjects=(*act.subjects, act.subjects[0]))
            self.refuse_alike(caller, twice, Rejected)
        assert self.rows() == before

    def refuse_alike(self, caller: Caller, act: Act, kind: type[GrootboekError]) -> None:
        """What may not be recorded may not be assessed either, for the same reasons."""
        assessed = caught(self.played, self.played.client.assess(caller, act))
        (recorded,) = self.played.run(self.played.client.record(caller, [submission(act, "refused-alike")]))
        assert isinstance(assessed, kind), assessed
        assert isinstance(recorded, kind), recorded
        assert getattr(assessed, "errors", ()) == getattr(recorded, "errors", ())

    def after(self, _caller: Caller, act: Act, answer: Receipt | IntentRefused) -> None:
        """The verdict, the subjects and the register are those of the dry run."""
        found = self.assessed
        assert isinstance(found, Assessment)
        assert found.verdict == answer.verdict
        told = [(subject.ref, subject.outcome) for subject in found.subjects]
        assert [(subject.ref, subject.outcome) for subject in answer.subjects if subject.ref is not None] == told
        if isinstance(answer, Receipt):
            assert found.register == answer.register
        assert isinstance(answer, IntentRefused) == (act.tense == "intent" and found.verdict.outcome == "violation")
        self.compared.append(found.verdict.outcome)


@pytest.mark.parametrize("lanes", [1, 4])
@examples(5)
@given(steps=histories())
def test_a_dry_run_says_what_recording_says(postgres_server: EmbeddedPostgres, lanes: int, steps: list[Step]) -> None:
    """Assessing an act gives the verdict that recording it gives at once, and writes no row anywhere."""
    with ledger(postgres_server.conninfo, lanes, START) as played, psycopg.connect(played.conninfo) as connection:
        connection.autocommit = True
        dry_runs = DryRuns(played, connection)
        played.play(steps)
        assert len(dry_runs.compared) == sum(is_act(step) for step in steps)


def is_act(step: Step) -> bool:
    """Whether the step posts an act."""
    return isinstance(step.what, Record) and isinstance(step.what.body, Act)
