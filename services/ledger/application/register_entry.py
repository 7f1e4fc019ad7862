"""Make a version of an entry of the register known, such as a party, a covenant or a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, InterfaceError, OperationalError
from eventsourcing.utils import Environment

from services.law.governance import Entry
from services.law.register import Known, Register
from services.ledger.application.ports import RegisterFeed
from services.ledger.application.register_rights import may_register
from services.ledger.application.sources import register_then
from services.ledger.contract.errors import LedgerBusy, NotAllowed
from services.ledger.contract.messages import Caller, JsonObject
from services.ledger.contract.positions import REGISTER_LANE, format_position
from services.ledger.domain.governance.aggregates import RegisterAggregate
from services.ledger.domain.governance.kinds import aggregate_of
from services.ledger.domain.governance.remarks import find_remarks
from services.ledger.domain.governance.validation import find_faults
from services.runtime.clock import Clock
from services.runtime.errors import Rejected, Unavailable
from services.runtime.limits import APPEND_ATTEMPTS_MAX, FIELD_ERRORS_MAX


class RegisterApplication(Application[UUID]):
    """The library's application over the register lane; in memory unless told where to store."""

    name = "register"

    def __init__(
        self, recorder: ApplicationRecorder | None = None, *, environment: Mapping[str, str] | None = None
    ) -> None:
        """Store as ``environment`` tells the library (``register_environment``), or in a recorder that is given.

        The recorder's notification ids must be the positions of the register lane.
        """
        self._given_environment = dict(environment or {})
        self._given_recorder = recorder
        super().__init__()

    def construct_env(self, name: str, env: Any = None) -> Environment:
        """Take the given settings only: variables meant for another program must not change how we store."""
        del env
        return Environment(name, self._given_environment)

    def construct_recorder(self) -> ApplicationRecorder:
        """Return the recorder that was given, else the one of the settings."""
        return self._given_recorder or super().construct_recorder()


class RegisterEntry:
    """The verb of the governance POSTs: validate, store once, answer what became known when."""

    def __init__(self, *, application: RegisterApplication, source: RegisterFeed, clock: Clock) -> None:
        """``source`` must read the lane that ``application`` writes; known-time comes from ``clock``."""
        self._application = application
        self._source = source
        self._clock = clock

    def __call__(self, caller: Caller, entry: Entry) -> JsonObject:
        """``{"id", "version", "position", "recordedAt", "findings"}``; the same body again gives the same answer.

        A known (id, version), or (id, validFrom) where there are no versions, again with an earlier end and nothing
        else changed ends that version. Blocking. Raises NotAllowed without the scope, Rejected with all faults,
        VersionStands for any other body of a known version, Unavailable while the database is away.
        """
        return self.together(caller, (entry,))[0]

    def together(self, caller: Caller, entries: Sequence[Entry]) -> list[JsonObject]:
        """Make several entries known at once or none of them; one answer each, in order. Raises as one alone does."""
        if not all(may_register(caller, entry) for entry in entries):
            raise NotAllowed
        register = self._source.catch_up()
        # What is known already gets the receipt it got, whatever was registered since.
        fresh = [entry for entry in entries if not _is_known(entry, register)]
        if faults := [fault for entry in fresh for fault in find_faults(entry, register)]:
            raise Rejected(tuple(faults[:FIELD_ERRORS_MAX]))
        try:
            self._store(entries)
        except (InterfaceError, OperationalError) as error:
            # The library's words for a database that is away; whether the entry was stored the same body will tell.
            raise Unavailable from error
        known = self._source.catch_up()
        return [_receipt(entry, known) for entry in entries]

    def _store(self, entries: Sequence[Entry]) -> None:
        """Append the versions that are not known yet; another writer on the same stream makes us look again."""
        for _ in range(APPEND_ATTEMPTS_MAX):
            pending = [aggregate for entry in entries if (aggregate := self._amended(entry)).pending_events]
            if not pending:
                return
            try:
                self._application.save(*pending)
            except IntegrityError:
                continue
            return
        raise LedgerBusy

    def _amended(self, entry: Entry) -> RegisterAggregate:
        """The entry's aggregate with the version pending, or without anything pending when it is known."""
        aggregate_class = aggregate_of(entry)
        try:
            aggregate: object = self._application.repository.get(aggregate_class.id_of(entry.id))
        except AggregateNotFoundError:
            return aggregate_class.open(entry, self._clock.now())
        assert isinstance(aggregate, aggregate_class), "a stream of the register holds one kind"
        aggregate.amend(entry, self._clock.now())
        return aggregate


def _receipt(entry: Entry, register: Register) -> JsonObject:
    """The answer, made from what the lane holds, so that a replay cannot differ from the first answer."""
    known, ordinal = _find_known(entry, register)
    answer = {
        "id": entry.id,
        "version": getattr(entry, "version", ordinal),
        "position": format_position(REGISTER_LANE, known.position),
        "recordedAt": known.recorded_at,
        "findings": list(find_remarks(entry, register_then(register, known.position))),
    }
    built: dict[str, Any] = msgspec.to_builtins(answer)
    return built


def _is_known(entry: Entry, register: Register) -> bool:
    """Whether exactly this stands in the register."""
    return any(known.entry == entry for known in register.history)


def _find_known(entry: Entry, register: Register) -> tuple[Known, int]:
    """Where and when exactly this became known, and the how manyth of its id it is."""
    versions = [known for known in register.history if type(known.entry) is type(entry) and known.entry.id == entry.id]
    for ordinal, known in enumerate(versions, start=1):
        if known.entry == entry:
            return known, ordinal
    raise LedgerBusy
