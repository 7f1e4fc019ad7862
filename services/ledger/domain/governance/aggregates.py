"""The aggregates of the register: one per kind and id, one event per version that became known.

Every event class and aggregate has an explicit TOPIC, because the library would store a module path otherwise.
Valid-time stands in the body, known-time is the timestamp that the caller takes from our clock.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

import msgspec
from eventsourcing.domain import Aggregate

from services.law.governance import Activity, Covenant, Decision, Entry, Mandate, Party, Purpose
from services.ledger.contract.errors import IdempotencyConflict
from services.ledger.domain.identity import GROOTBOEK_NAMESPACE, uuid5
from services.runtime.errors import GrootboekError, Kind
from services.runtime.limits import REGISTER_VERSIONS_MAX


class RegisterFull(GrootboekError):
    """This register entry has as many versions as the ledger keeps."""

    code = "register_full"
    kind = Kind.CONFLICT
    remedy = "Register it under a new id."


def version_key(entry: Entry) -> str:
    """What tells the versions of one id apart: the version number, else the day from which it is valid."""
    if isinstance(entry, Covenant | Activity | Purpose):
        return str(entry.version)
    return "" if entry.valid_from is None else entry.valid_from.isoformat()


def encode_entry(entry: Entry) -> str:
    """The body as stored: JSON with the names of the contract, as text, so that no key of it means anything else."""
    return msgspec.json.encode(entry).decode()


class RegisterAggregate(Aggregate):
    """All versions of one entry of the register; subclasses name the kind and the topics."""

    kind: ClassVar[str]
    shape: ClassVar[type[Entry]]
    # The library turns an annotated aggregate into a dataclass, so its state is declared as one.
    entries: dict[str, Entry] = field(default_factory=dict, init=False)

    class Created(Aggregate.Created):
        """The first version became known."""

        body: str

        def apply(self, aggregate: Any) -> None:
            """Keep the first version."""
            aggregate.keep(self.body)

    class Amended(Aggregate.Event):
        """Another version became known."""

        body: str

        def apply(self, aggregate: Any) -> None:
            """Keep the version beside the earlier ones."""
            aggregate.keep(self.body)

    @classmethod
    def id_of(cls, entry_id: str) -> UUID:
        """The stream of the entry with this id."""
        return uuid5(GROOTBOEK_NAMESPACE, f"register:{cls.kind}:{entry_id}")

    @classmethod
    def open(cls, entry: Entry, known_at: datetime) -> Self:
        """Begin the stream of an entry with its first version."""
        assert isinstance(entry, cls.shape), "the entry belongs to another kind"
        return cls._create(cls.Created, id=cls.id_of(entry.id), timestamp=known_at, body=encode_entry(entry))

    def amend(self, entry: Entry, known_at: datetime) -> None:
        """Add a version; the same one again changes nothing, another body under its key is IdempotencyConflict."""
        assert self.id == self.id_of(entry.id), "the entry has another id"
        known = self.entries.get(version_key(entry))
        if known == entry:
            return
        if known is not None:
            raise IdempotencyConflict
        if self.version >= REGISTER_VERSIONS_MAX:
            raise RegisterFull
        self.trigger_event(self.Amended, timestamp=known_at, body=encode_entry(entry))

    def keep(self, body: str) -> None:
        """Take a stored version into the state; events call it."""
        entry = self.decode(body)
        self.entries[version_key(entry)] = entry

    @classmethod
    def decode(cls, body: str) -> Entry:
        """The entry of a stored body."""
        return msgspec.json.decode(body, type=cls.shape)


class PartyAggregate(RegisterAggregate):
    """A controller (an organ, never the municipality), a processor, or a citizen reporter."""

    TOPIC = "register.party"
    kind = "party"
    shape = Party

    class Created(RegisterAggregate.Created):
        """A party became known."""

        TOPIC = "register.party-registered.1"

    class Amended(RegisterAggregate.Amended):
        """A party is otherwise from a day on."""

        TOPIC = "register.party-amended.1"


class CovenantAggregate(RegisterAggregate):
    """A covenant in all its versions."""

    TOPIC = "register.covenant"
    kind = "covenant"
    shape = Covenant

    class Created(RegisterAggregate.Created):
        """A covenant became known."""

        TOPIC = "register.covenant-registered.1"

    class Amended(RegisterAggregate.Amended):
        """A version of a covenant became known."""

        TOPIC = "register.covenant-amended.1"


class DecisionAggregate(RegisterAggregate):
    """A decision such as Wpg 20."""

    TOPIC = "register.decision"
    kind = "decision"
    shape = Decision

    class Created(RegisterAggregate.Created):
        """A decision became known."""

        TOPIC = "register.decision-registered.1"

    class Amended(RegisterAggregate.Amended):
        """A decision holds otherwise from a day on."""

        TOPIC = "register.decision-amended.1"


class MandateAggregate(RegisterAggregate):
    """Power to act in the name of another party."""

    TOPIC = "register.mandate"
    kind = "mandate"
    shape = Mandate

    class Created(RegisterAggregate.Created):
        """A mandate became known."""

        TOPIC = "register.mandate-registered.1"

    class Amended(RegisterAggregate.Amended):
        """A mandate holds otherwise from a day on."""

        TOPIC = "register.mandate-amended.1"


class ActivityAggregate(RegisterAggregate):
    """A processing activity of the art. 30 AVG register."""

    TOPIC = "register.processing-activity"
    kind = "processing-activity"
    shape = Activity

    class Created(RegisterAggregate.Created):
        """A processing activity became known."""

        TOPIC = "register.processing-activity-registered.1"

    class Amended(RegisterAggregate.Amended):
        """A version of a processing activity became known."""

        TOPIC = "register.processing-activity-amended.1"


class PurposeAggregate(RegisterAggregate):
    """A purpose (doelbinding)."""

    TOPIC = "register.purpose"
    kind = "purpose"
    shape = Purpose

    class Created(RegisterAggregate.Created):
        """A purpose became known."""

        TOPIC = "register.purpose-registered.1"

    class Amended(RegisterAggregate.Amended):
        """A version of the text of a purpose became known."""

        TOPIC = "register.purpose-amended.1"
