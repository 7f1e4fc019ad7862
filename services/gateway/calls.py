"""What a call of the public contract is: one value that routes, authorises, decodes and documents it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Literal, TypeVar

import msgspec

from services.gateway.formats.decoding import BodyDecoder, Decoded
from services.gateway.formats.keyed import Unsound, read_keyed
from services.gateway.rates import Rates
from services.ledger.contract.client import LedgerClient
from services.ledger.contract.messages import Caller, Scope
from services.notifier.contract.desk import LetterDesk
from services.runtime import limits
from services.runtime.errors import Rejected, Unavailable
from services.runtime.http import JSON, Answer
from services.runtime.ids import Ids
from services.runtime.metrics import Metrics

Tag = Literal[
    "processing",
    "proof",
    "access",
    "inquiry",
    "breach",
    "holdings",
    "notices",
    "obligations",
    "retention",
    "governance",
    "learning",
    "operations",
]

Body = TypeVar("Body", bound=msgspec.Struct)

ANYONE: Final = frozenset[Scope]()
"""Any valid token will do."""

encode: Final = msgspec.json.Encoder().encode


class DeskClosed(Unavailable):
    """No letter can be ordered here."""

    code = "desk-closed"
    remedy = "Order it where notifier runs beside the ledger."


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """What the handlers lean on."""

    ledger: LedgerClient
    ids: Ids
    rates: Rates
    metrics: Metrics
    desk: LetterDesk | None = None


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One request that came through the door: who asks, path and query (checked), the raw body and its media type.

    `answer_media` is what the answer is to be, of those in which the call can answer.
    """

    caller: Caller
    path: Mapping[str, str]
    query: Mapping[str, str]
    raw: bytes
    media: str
    key_header: str | None
    services: Services
    answer_media: str = JSON

    @property
    def ledger(self) -> LedgerClient:
        """Return the ledger's client."""
        return self.services.ledger

    @property
    def desk(self) -> LetterDesk:
        """Return where letters are ordered; raise DeskClosed when nobody writes them."""
        if self.services.desk is None:
            raise DeskClosed
        return self.services.desk

    def take(self, decoder: BodyDecoder[Body]) -> Decoded[Body]:
        """Return the body of this request, its key as its id; raise Rejected with every fault of both."""
        taken = read_keyed(decoder, self.raw, self.key_header)
        if isinstance(taken, Unsound):
            raise Rejected(taken.faults)
        return taken

    def read(self, decoder: BodyDecoder[Body]) -> tuple[Body, str]:
        """Return body and key of this request as `take` does, with a new key when the caller gave none."""
        taken = self.take(decoder)
        return taken.body, self.key_or_new(taken.id)

    def key_or_new(self, key: str | None) -> str:
        """Return a key, a new one for None."""
        return str(self.services.ids.uuid7()) if key is None else key


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A query parameter: its name and what its value must look like."""

    name: str
    description: str
    form: Literal["cursor", "limit", "bound", "day", "id", "version"]


CURSOR: Final = Parameter(name="cursor", description="The `next` of the previous page.", form="cursor")
LIMIT: Final = Parameter(name="limit", description="Items per page.", form="limit")
AS_OF: Final = Parameter(
    name="asOf", description="What had happened then: an instant, or a date for the end of that day.", form="bound"
)
AS_KNOWN_AT: Final = Parameter(
    name="asKnownAt", description="What the ledger knew then: an instant, or a date for its end.", form="bound"
)
VALID_AT: Final = Parameter(
    name="validAt", description="What was valid then: an instant, or a date for its end.", form="bound"
)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One method on one path.

    `scopes`: any one of them is enough; ANYONE asks a valid token only, None asks nothing. `citizen`: a token given for
    a person may make this call. `purpose`: the call reads personal data, so it says why. `creates`: it takes an
    Idempotency-Key. `body` is the shape of the body, `answers` that of the answer (None: an object the contract gives).
    `also_answers`: other media types for who asks for them by name. `waits`: it may answer 202, when what was asked
    waits for somebody.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    name: str
    summary: str
    tag: Tag
    handle: Callable[[Ask], Awaitable[Answer]]
    scopes: frozenset[Scope] | None
    citizen: bool = False
    purpose: bool = False
    creates: bool = False
    body: type[msgspec.Struct] | None = None
    body_optional: bool = False
    medias: tuple[str, ...] = (JSON,)
    body_bytes_max: int = limits.JSON_BODY_BYTES_MAX
    query: tuple[Parameter, ...] = ()
    status: int = 200
    answers: Any = None
    answer_media: str = JSON
    also_answers: tuple[str, ...] = ()
    waits: bool = False
    refuses: tuple[int, ...] = ()


def scopes(*names: Scope) -> frozenset[Scope]:
    """Return scopes of which one is enough."""
    return frozenset(names)


def answer_json(body: object, status: int = 200) -> Answer:
    """Return an answer with a JSON body."""
    return Answer(status, encode(body))
