"""Takes one request through the door: method, token, scope, purpose, query, media type, size, and then the handler."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, get_args
from urllib.parse import parse_qsl

from services.gateway.auth.claims import Claims, TokenVerifier, Unauthenticated
from services.gateway.calls import Ask, Call, Parameter, Services
from services.gateway.formats.bounds import is_bound, is_day
from services.gateway.formats.keys import SYNTAX, is_citizen_number
from services.gateway.problems import MediaUnsupported, NotAcceptable, answer_problem, reject
from services.law.errors import LawError
from services.ledger.contract.errors import NotAllowed, NotFound
from services.ledger.contract.messages import Caller, ReadPurpose
from services.runtime import limits
from services.runtime.errors import GrootboekError
from services.runtime.http import (
    PARTY_KEY,
    TEMPLATE_KEY,
    Answer,
    Heads,
    MethodNotAllowed,
    Receive,
    Scope,
    Send,
    read_body,
    send_answer,
)
from services.runtime.log import Log
from services.runtime.log_events import TOKEN_REFUSED

PURPOSES: Final[Mapping[str, ReadPurpose]] = {purpose: purpose for purpose in get_args(ReadPurpose)}
NOBODY: Final = Caller(party="")
POSITION: Final = re.compile(r"(?:register|[0-9]{1,4})-[0-9]{1,18}", re.ASCII)
BEARER: Final = frozenset({"Bearer", "bearer"})
FREE_PATHS: Final = frozenset({"path"})
NOTHING: Final[Mapping[str, str]] = {}


class Dispatch:
    """All calls on one path."""

    def __init__(
        self, path: str, calls: Sequence[Call], *, services: Services, tokens: TokenVerifier, log: Log
    ) -> None:
        """Serve `calls`, which differ in their method only."""
        self._path = path
        self._calls = {call.method: call for call in calls}
        self._services = services
        self._tokens = tokens
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every failure we know becomes a problem answer."""
        scope[TEMPLATE_KEY] = self._path
        try:
            answer = await self._answer(scope, receive)
        except (GrootboekError, LawError) as error:
            if isinstance(error, Unauthenticated):
                self._log.write(TOKEN_REFUSED, route=self._path, code=error.code)
            answer = answer_problem(error)
        await send_answer(send, answer)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        """Check everything that can be checked before the body, then the body, and call the handler."""
        call = self._call_of(scope)
        heads = Heads(scope)
        claims = self._authenticate(heads, call)
        if claims is not None:
            scope[PARTY_KEY] = claims.party
        path = _path_of(scope)
        query = read_query(scope["query_string"], call.query)
        caller = NOBODY if claims is None else _caller_of(heads, call, claims)
        answer_media = _choose_media(heads, call)
        media, raw = await _read_body(heads, receive, call)
        positions = _min_positions(heads)
        if positions:
            await self._services.ledger.wait_for(positions)
        return await call.handle(
            Ask(
                caller=caller,
                path=path,
                query=query,
                raw=raw,
                media=media,
                key_header=_single_header(heads, b"idempotency-key"),
                services=self._services,
                answer_media=answer_media,
            )
        )

    def _call_of(self, scope: Scope) -> Call:
        """Return the call of the request's method; HEAD is a GET of what everybody may see."""
        method = scope["method"]
        call = self._calls.get("GET" if method == "HEAD" else method)
        if call is None or (method == "HEAD" and call.scopes is not None):
            raise MethodNotAllowed(tuple(sorted(self._calls)))
        return call

    def _authenticate(self, heads: Heads, call: Call) -> Claims | None:
        """Verify the token and its scope; None for a public call."""
        if call.scopes is None:
            return None
        try:
            header = heads.find(b"authorization")
        except ValueError:
            raise Unauthenticated from None
        scheme, _, token = (header or "").partition(" ")
        if scheme not in BEARER:
            raise Unauthenticated
        claims = self._tokens.verify(token.lstrip(" "))
        if call.scopes and not call.scopes & claims.scopes:
            raise NotAllowed
        if claims.subject is not None and not call.citizen:
            raise NotAllowed
        return claims


def _path_of(scope: Scope) -> Mapping[str, str]:
    """Return the path parameters; an id that cannot be a key does not exist."""
    path: Mapping[str, str] = scope.get("path_params", NOTHING)
    for name, value in path.items():
        if name not in FREE_PATHS and (not SYNTAX.fullmatch(value) or is_citizen_number(value)):
            raise NotFound
    return path


def _single_header(heads: Heads, name: bytes) -> str | None:
    """Return a header that may stand there once."""
    try:
        return heads.find(name)
    except ValueError:
        raise reject("header-repeated", "A header stands twice.", "Send each header once.") from None


def _caller_of(heads: Heads, call: Call, claims: Claims) -> Caller:
    """Return who asks and why; a person who reads his own report need not say why."""
    given = _single_header(heads, b"grootboek-purpose")
    purpose = None if given is None else PURPOSES.get(given)
    if given is None and call.purpose and claims.subject is not None:
        purpose = "access-request"
    if (given is not None or call.purpose) and purpose is None:
        raise reject(
            "read-purpose-missing" if given is None else "read-purpose-unknown",
            "A read of personal data says why, in the header Grootboek-Purpose, with a value of the closed list.",
            f"Send one of: {', '.join(PURPOSES)}.",
            "/header/Grootboek-Purpose",
        )
    return Caller(party=claims.party, scopes=claims.scopes, subject=claims.subject, purpose=purpose)


def read_query(raw: bytes, known: Sequence[Parameter]) -> Mapping[str, str]:
    """Return the query parameters; unknown, repeated or malformed ones are rejected, all at once named by position."""
    if not raw:
        return {}
    forms = {parameter.name: parameter.form for parameter in known}
    query: dict[str, str] = {}
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=32)
    except ValueError:
        pairs = [("", "")]
    for name, value in pairs:
        if name not in forms or name in query or not _has_form(value, forms[name]):
            raise reject(
                "query-invalid",
                "A query parameter is unknown, stands twice, or has a value that it cannot have.",
                f"Known here: {', '.join(forms) or 'none'}. Personal data never stand in a URL.",
            )
        query[name] = value
    return query


def _has_form(value: str, form: str) -> bool:
    """Tell whether a value is what its parameter takes."""
    if form == "limit":
        return value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= limits.PAGE_ITEMS_MAX
    if form == "version":
        return value.isascii() and value.isdigit() and 1 <= int(value[:10]) <= limits.VERSION_MAX and len(value) <= 10
    if form == "cursor":
        return 0 < len(value) <= limits.CURSOR_LENGTH_MAX
    if form == "day":
        return is_day(value)
    if form == "id":
        return SYNTAX.fullmatch(value) is not None and not is_citizen_number(value)
    return is_bound(value)


def _choose_media(heads: Heads, call: Call) -> str:
    """Return the media type of the answer: the first that is accepted of those that the call can make.

    Refuse a request that accepts none of them; problems are told to everybody.
    """
    main = call.answer_media.partition(";")[0]
    accepted = b",".join(heads.all(b"accept")).decode("latin-1")
    if not accepted:
        return main
    usual = {main, "*/*", f"{main.partition('/')[0]}/*", *call.medias}
    for item in accepted.split(","):
        kind = item.partition(";")[0].strip().lower()
        if kind in usual:
            return main
        if kind in call.also_answers:
            return kind
    raise NotAcceptable


async def _read_body(heads: Heads, receive: Receive, call: Call) -> tuple[str, bytes]:
    """Read the body of a call that has one, with its media type."""
    if call.body is None:
        return "", b""
    given = (_single_header(heads, b"content-type") or "").partition(";")[0].strip().lower()
    if given not in call.medias and not (call.body_optional and not given):
        raise MediaUnsupported
    bytes_max = limits.NDJSON_BODY_BYTES_MAX if given.endswith("ndjson") else call.body_bytes_max
    return given, await read_body(heads, receive, bytes_max)


def _min_positions(heads: Heads) -> list[str]:
    """Return the positions that the answer must show at least."""
    given = _single_header(heads, b"grootboek-min-position")
    if given is None:
        return []
    positions = [item.strip() for item in given.split(",")]
    if len(positions) > limits.MIN_POSITIONS_MAX or not all(POSITION.fullmatch(item) for item in positions):
        raise reject(
            "min-position-invalid",
            "The header Grootboek-Min-Position holds something that is no position.",
            "Send positions as receipts have them, such as 0-123, with commas between them.",
            "/header/Grootboek-Min-Position",
        )
    return positions
