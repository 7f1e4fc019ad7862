"""The aggregates of the register: one per kind and id, one event per version that became known.

The kinds differ in nothing but their name and the shape of their entries, so their classes are made by one function.
Every event class and aggregate has an explicit TOPIC, because the library would store a module path otherwise.
Valid-time stands in the body, known-time is the timestamp that the caller takes from our clock.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from types import new_class
from typing import Any, ClassVar, Self, cast
from uuid import UUID

import msgspec
from eventsourcing.domain import Aggregate

from services.law.governance import Entry
from services.law.versions import ends_sooner, version_key
from services.ledger.contract.errors import IdempotencyConflict
from services.ledger.domain.identity import GROOTBOEK_NAMESPACE, uuid5
from services.runtime.errors import GrootboekError, Kind
from services.runtime.limits import REGISTER_VERSIONS_MAX


class RegisterFull(GrootboekError):
    """This register entry has as many versions as the ledger keeps."""

    code = "register_full"
    kind = Kind.CONFLICT
    remedy = "Register it under a new id."


class VersionStands(IdempotencyConflict):
    """This version stands in the register with another body."""

    remedy = (
        "Send the same body again, or register a next version, or another validFrom where there are no versions. "
        "Of a version that stands only validUntil may change, to an earlier day: that ends it."
    )


def encode_entry(entry: Entry) -> str:
    """The body as stored: JSON with the names of the contract, as text, so that no key of it means anything else."""
    return msgspec.json.encode(entry).decode()


class RegisterAggregate(Aggregate):
    """All versions of one entry of the register; ``aggregate_for`` makes the subclasses."""

    kind: ClassVar[str]
    shape: ClassVar[type[Entry]]
    # The library turns an annotated aggregate into a dataclass, so its state is declared as one.
    entries: list[Entry] = field(default_factory=list, init=False)

    class Created(Aggregate.Created):
        """The first version became known."""

        body: str

        def apply(self, aggregate: Any) -> None:
            """Keep the first version."""
            aggregate.keep(self.body)

    class Amended(Aggregate.Event):
        """Another version became known, or the end of one."""

        body: str

        def apply(self, aggregate: Any) -> None:
            """Keep it beside the earlier ones."""
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
        """Add a version or end one; what is known already changes nothing, any other body is VersionStands."""
        assert self.id == self.id_of(entry.id), "the entry has another id"
        if entry in self.entries:
            return
        stands = next((known for known in reversed(self.entries) if version_key(known) == version_key(entry)), None)
        if stands is not None and not ends_sooner(stands, entry):
            raise VersionStands
        # As much room again for ends, so that what is full can still be ended.
        if self.version >= REGISTER_VERSIONS_MAX * (1 if stands is None else 2):
            raise RegisterFull
        self.trigger_event(self.Amended, timestamp=known_at, body=encode_entry(entry))

    def keep(self, body: str) -> None:
        """Take a stored entry into the state; events call it."""
        self.entries.append(self.decode(body))

    @classmethod
    def decode(cls, body: str) -> Entry:
        """The entry of a stored body."""
        return msgspec.json.decode(body, type=cls.shape)


def aggregate_for(kind: str, shape: type[Entry]) -> type[RegisterAggregate]:
    """The aggregate class of a kind; made once per kind, since the library knows a topic only once.

    Its topics are persistent data: ``register.<kind>``, and that with ``-registered.1`` or ``-amended.1``.
    """
    body = {
        "__doc__": f"All versions of one {kind}.",
        "__module__": __name__,
        "TOPIC": f"register.{kind}",
        "kind": kind,
        "shape": shape,
        "Created": _event_for(f"register.{kind}-registered.1", RegisterAggregate.Created),
        "Amended": _event_for(f"register.{kind}-amended.1", RegisterAggregate.Amended),
    }
    made = new_class(f"{shape.__name__}Aggregate", (RegisterAggregate,), exec_body=lambda space: space.update(body))
    return cast("type[RegisterAggregate]", made)


def _event_for(topic: str, event: type[Any]) -> type[Any]:
    """An event class of its own under a topic of its own."""
    body = {"__doc__": event.__doc__, "__module__": __name__, "TOPIC": topic}
    return new_class(event.__name__, (event,), exec_body=lambda space: space.update(body))
