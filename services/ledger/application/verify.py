"""Verify the whole ledger: order, leaves, trees, checkpoints, operations, projections. It repairs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

import msgspec

from services.ledger.application.tree_ports import AuditSnapshot
from services.ledger.application.verify_lane import Findings, LaneCheck, OperationTally, VerificationFinding
from services.ledger.contract.positions import format_position, lane_name
from services.runtime.limits import VERIFY_FINDINGS_MAX

CompareProjections = Callable[[], Iterable[str]]
"""Says in one line each what differs between the projections and a rebuild of them."""


class Verification(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What was verified and what is wrong; ``findings`` is bounded, ``finding_count`` is not."""

    events: dict[str, int]
    findings: tuple[VerificationFinding, ...]
    finding_count: int

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return self.finding_count == 0


class VerifyLedger:
    """The verb of ``grootboek verify``: names each position that is not as it was recorded (blocking)."""

    def __init__(
        self,
        *,
        open_snapshot: Callable[[], AbstractContextManager[AuditSnapshot]],
        public_key: bytes,
        compare_projections: CompareProjections | None = None,
    ) -> None:
        """``public_key``: the Ed25519 key of the checkpoints, from the vault and not from the database."""
        self._open_snapshot = open_snapshot
        self._public_key = public_key
        self._compare_projections = compare_projections

    def __call__(self) -> Verification:
        """Verify one snapshot of the ledger; writers and readers go on meanwhile."""
        findings, tally, events = Findings(), OperationTally(), {}
        with self._open_snapshot() as snapshot:
            for lane in snapshot.lanes():
                check = LaneCheck(
                    lane=lane,
                    snapshot=snapshot,
                    findings=findings,
                    tally=tally,
                    public_key=self._public_key,
                )
                events[lane_name(lane.lane)] = check.run()
            _check_claims(snapshot, findings)
            _check_operations(snapshot, tally, findings)
        for difference in self._compare_projections() if self._compare_projections else ():
            findings.add("projections", "projection-wrong", difference)
        return Verification(events=events, findings=tuple(findings.items), finding_count=findings.count)


def _check_claims(snapshot: AuditSnapshot, findings: Findings) -> None:
    """Every operation was claimed once, and every claim stored something."""
    for lane, position in snapshot.events_without_claim(VERIFY_FINDINGS_MAX):
        message = "Nobody claimed the operation of this event."
        findings.add(format_position(lane, position), "claim-missing", message)
    for lane, operation_id in snapshot.claims_without_events(VERIFY_FINDINGS_MAX):
        message = f"Operation {operation_id} was claimed and has no event."
        findings.add(f"lane {lane_name(lane)}", "claim-without-events", message)


def _check_operations(snapshot: AuditSnapshot, tally: OperationTally, findings: Findings) -> None:
    """An operation is whole or not there; swept envelopes do not say their count, so the rows are counted."""
    for operation_id, count, place in tally.incomplete():
        found = snapshot.count_events(operation_id)
        if found != count:
            message = f"The operation that begins here has {found} of its {count} events."
            findings.add(place, "operation-incomplete", message)
