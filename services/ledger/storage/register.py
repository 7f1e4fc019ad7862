"""The register as folded from its lane, kept current by position; one immutable object, swapped whole."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any, Final, LiteralString

from eventsourcing.persistence import ApplicationRecorder, InterfaceError, Mapper, Notification, OperationalError

from services.law.norm_set import NormSet
from services.law.register import Known, Register
from services.law.versions import UNJUDGED
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.domain.governance.kinds import entry_of
from services.runtime.errors import GrootboekError, Kind, Unavailable
from services.runtime.limits import REGISTER_READ_EVENTS_MAX
from services.runtime.postgres import SyncPool
from services.runtime.siblings import Siblings

REGISTER_START: Final = 0
HEAD: Final[LiteralString] = "SELECT last_position FROM lane_head WHERE lane = %s::smallint"


class RegisterBehind(GrootboekError):
    """The register lane does not hold the position that an event was judged at."""

    code = "register_behind"
    kind = Kind.UNAVAILABLE
    retryable = True
    remedy = "Try again; when it stays, the register lane was rolled back: run grootboek verify."


class RegisterGap(GrootboekError):
    """The register lane misses a position: something was lost or removed."""

    code = "register_gap"
    remedy = "Stop and run grootboek verify; it names the position."


def extended(register: Register, found: Sequence[Known]) -> Register:
    """The register with later entries; what is compiled for judging stays when none of them bears on it."""
    if all(isinstance(known.entry, UNJUDGED) for known in found):
        return register.beside(found)
    return Register((*register.history, *found), register.norms)


class LaneRegister:
    """Implements RegisterSource over the notification log of the register lane; safe between threads."""

    def __init__(
        self,
        *,
        recorder: ApplicationRecorder,
        mapper: Mapper[Any],
        norms: NormSet,
        siblings: Siblings | None = None,
    ) -> None:
        """Begin with an empty register; the first ``catch_up`` or ``refresh`` reads the lane.

        ``norms`` are the law by which acts are judged; ``siblings`` the other processes that write the same lane, if
        there are any.
        """
        self._recorder = recorder
        self._mapper = mapper
        self._siblings = siblings
        self._lock = threading.Lock()
        self._position = REGISTER_START
        self._register = Register(norms=norms)

    def current(self) -> Register:
        """The newest register that any process of this ledger knows; the lane is read only when it has moved."""
        if self._siblings is not None and self._siblings.newest_position() > self._position:
            return self.catch_up()
        return self._register

    def look(self, pool: SyncPool) -> None:
        """Read the lane if any process, on whatever host, has moved it; one cheap statement over ``pool`` tells.

        RegisterBehind when the lane does not hold what its head names.
        """
        with pool.connection() as connection:
            row = connection.execute(HEAD, (REGISTER_LANE,), prepare=True).fetchone()
        if row is not None:
            self.refresh(row[0])

    def refresh(self, position: int) -> Register:
        """The register at least as new as ``position``; RegisterBehind when the lane does not reach it (blocking)."""
        if self._position < position:
            self.catch_up()
            if self._position < position:
                raise RegisterBehind
        return self._register

    def catch_up(self) -> Register:
        """Read all that the lane holds beyond what is known (blocking)."""
        with self._lock:
            found: list[Known] = []
            position = self._position
            for notification in self._read_after(position):
                if notification.id != position + 1:
                    raise RegisterGap
                position = notification.id
                event: Any = self._mapper.to_domain_event(notification)
                entry = entry_of(event)
                if entry is not None:
                    found.append(Known(entry=entry, position=position, recorded_at=event.timestamp))
            if self._siblings is not None:
                # Before anybody here sees it, so that whatever follows from it finds the siblings told.
                self._siblings.announce(position)
            if found:
                self._register = extended(self._register, found)
            # After the register, so that who sees the position also sees what stands at it.
            self._position = position
            return self._register

    def _read_after(self, position: int) -> Iterator[Notification]:
        """The notifications after ``position``, read in bounded sections."""
        while True:
            try:
                section = self._recorder.select_notifications(
                    start=position, limit=REGISTER_READ_EVENTS_MAX, inclusive_of_start=False
                )
            except (InterfaceError, OperationalError) as error:
                # The library's words for a database that is away.
                raise Unavailable from error
            yield from section
            if len(section) < REGISTER_READ_EVENTS_MAX:
                return
            position = section[-1].id

    def __repr__(self) -> str:
        return f"LaneRegister(position={self._position})"
