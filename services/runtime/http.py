"""HTTP without business words: problem answers (RFC 9457), bounded bodies, security headers, and an outer door."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from time import perf_counter
from typing import Any, Final, Literal

import msgspec
from opentelemetry.trace import SpanContext

from services.runtime import limits
from services.runtime.errors import AddressUnknown, GrootboekError, Kind, Rejected, title_of
from services.runtime.ids import Ids
from services.runtime.log import Log
from services.runtime.log_events import REQUEST_ANSWERED, REQUEST_FAILED
from services.runtime.metrics import Labels, Metrics, as_labels
from services.runtime.telemetry import Telemetry, current_trace_id
from services.runtime.trace_context import TRACEPARENT, extract

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

API_VERSION: Final = "1.0.0"
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
PROBLEM: Final = "application/problem+json"
HTML: Final = "text/html; charset=utf-8"
UNMATCHED: Final = "unmatched"
TRACEPARENT_NAME: Final = TRACEPARENT.encode()
# Where the template of the matched route stands in the scope; the path itself may hold an id.
TEMPLATE_KEY: Final = "grootboek.template"
PARTY_KEY: Final = "grootboek.party"

STATUS_BY_KIND: Final[Mapping[Kind, int]] = {
    Kind.REJECTED: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.METHOD_NOT_ALLOWED: 405,
    Kind.NOT_ACCEPTABLE: 406,
    Kind.CONFLICT: 409,
    Kind.TOO_LARGE: 413,
    Kind.UNSUPPORTED_MEDIA: 415,
    Kind.TOO_MANY: 429,
    Kind.INTERNAL: 500,
    Kind.UNAVAILABLE: 503,
}

SECURITY_HEADERS: Final[Headers] = (
    (b"api-version", API_VERSION.encode()),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"strict-transport-security", b"max-age=31536000"),
    (b"referrer-policy", b"no-referrer"),
)
# A page has no script at all. It loads the style sheet of this origin and posts its forms to it, and nowhere else; the
# referrer stays here, since a browser that hides it from everybody also hides from us where a form was posted from.
PAGE_HEADERS: Final[Headers] = (
    *(pair for pair in SECURITY_HEADERS if pair[0] not in {b"content-security-policy", b"referrer-policy"}),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
PAGE_MEDIA: Final = HTML.encode()
# A process that is drowning must still be able to say that it lives.
NEVER_REFUSED: Final = frozenset({"/healthz", "/livez", "/metrics"})
METHODS: Final = frozenset({"GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH"})


class InternalFault(GrootboekError):
    """Something went wrong that is no fault of the request."""

    code = "internal-error"


class MethodNotAllowed(GrootboekError):
    """This resource does not know that method."""

    code = "method-not-allowed"
    kind = Kind.METHOD_NOT_ALLOWED
    remedy = "Use one of the methods in the Allow header."

    def __init__(self, allowed: tuple[str, ...]) -> None:
        """Name the methods that are."""
        super().__init__()
        self.allowed = allowed


class BodyTooLarge(GrootboekError):
    """The body is larger than this call takes; nothing of it was stored."""

    code = "body-too-large"
    kind = Kind.TOO_LARGE
    remedy = "Send it in several requests."


class BodyEncoded(GrootboekError):
    """The body is compressed, which this door does not take."""

    code = "content-encoding-unsupported"
    kind = Kind.UNSUPPORTED_MEDIA
    remedy = "Send the body without Content-Encoding."


class BodyTooSlow(GrootboekError):
    """The body did not arrive in time; nothing of it was stored."""

    code = "body-too-slow"
    kind = Kind.REJECTED
    remedy = "Send the same request again."


class TooBusy(GrootboekError):
    """Too many requests are being answered at this moment."""

    code = "too-busy"
    kind = Kind.UNAVAILABLE
    remedy = "Send the same request again after the time in Retry-After."
    retryable = True


class HeadTooLarge(GrootboekError):
    """The address or the headers of this request are longer than any of ours."""

    code = "head-too-large"
    kind = Kind.REJECTED
    remedy = "Put what you search for in the body of a POST."


class RequestGone(Exception):
    """The client went away before its body was whole."""


class Answer(msgspec.Struct, frozen=True):
    """What goes back: status, body, media type, and headers beside the common ones."""

    status: int
    body: bytes
    media: str = JSON
    headers: Headers = ()


class Heads:
    """The headers of one request by name, looked through once; each name keeps all its values."""

    __slots__ = ("_values",)

    def __init__(self, scope: Scope) -> None:
        """Take the headers of `scope`."""
        values: dict[bytes, bytes | list[bytes]] = {}
        for key, value in scope["headers"]:
            present = values.get(key)
            if present is None:
                values[key] = value
            elif isinstance(present, list):
                present.append(value)
            else:
                values[key] = [present, value]
        self._values = values

    def find(self, name: bytes) -> str | None:
        """Return the value of a header that may stand there once; a second one makes it invalid: ValueError."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bytes):
            return value.decode("latin-1").strip()
        raise ValueError("header twice")

    def all(self, name: bytes) -> list[bytes]:
        """Return every value of a header."""
        value = self._values.get(name)
        return value if isinstance(value, list) else [] if value is None else [value]


async def read_body(heads: Heads, receive: Receive, bytes_max: int) -> bytes:
    """Read a body of at most `bytes_max`; refuse it as soon as it is known to be larger, or when it is encoded."""
    for value in heads.all(b"content-encoding"):
        if value.strip().lower() != b"identity":
            raise BodyEncoded
    for value in heads.all(b"content-length"):
        if value.isdigit() and int(value[:20]) > bytes_max:
            raise BodyTooLarge
    try:
        # The first chunk too: the server waits for it as long as the connection lives.
        async with asyncio.timeout(limits.REQUEST_SECONDS_MAX):
            return await _read_chunks(receive, bytes_max)
    except TimeoutError:
        raise BodyTooSlow from None


async def _read_chunks(receive: Receive, bytes_max: int) -> bytes:
    """Gather the chunks, never more than one chunk over the limit."""
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestGone
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        if size > bytes_max:
            raise BodyTooLarge
        more = message.get("more_body", False)
    return b"".join(chunks)


def status_of(error: GrootboekError) -> int:
    """Return the HTTP status of an error."""
    return STATUS_BY_KIND[error.kind]


def problem_of(error: GrootboekError, **more: object) -> dict[str, object]:
    """Describe an error as RFC 9457 has it, with `more` members of its own type and no value of the request."""
    status = status_of(error)
    title = title_of(error)
    problem: dict[str, object] = {
        "type": f"urn:grootboek:problem:{error.code}",
        "title": title,
        "status": status,
        # What broke inside is told to the log, not to the caller.
        "detail": error.message if status < 500 else title,
        "code": error.code,
        "remedy": error.remedy,
    }
    if isinstance(error, Rejected):
        problem["errors"] = error.errors
    problem.update(more)
    return problem


def problem_answer(error: GrootboekError, **more: object) -> Answer:
    """Return the problem answer of an error with the headers its status asks for."""
    status = status_of(error)
    headers: Headers = ()
    if isinstance(error, MethodNotAllowed):
        headers = ((b"allow", ", ".join(error.allowed).encode()),)
    elif status == 401:
        headers = ((b"www-authenticate", b"Bearer"),)
    elif status in {429, 503}:
        headers = ((b"retry-after", str(error.retry_after_seconds).encode()),)
    return Answer(status, msgspec.json.encode(problem_of(error, **more)), PROBLEM, headers)


async def send_answer(send: Send, answer: Answer) -> None:
    """Send an answer in two messages; the outer door adds the common headers."""
    headers = [
        (b"content-type", answer.media.encode()),
        (b"content-length", str(len(answer.body)).encode()),
        *answer.headers,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def answer_not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a path that no call has; a trailing slash is such a path (API design rules: no redirect)."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1000})
        return
    await send_answer(send, problem_answer(AddressUnknown()))


class OuterDoor:
    """The outermost layer: common headers on every answer, bounded concurrency, spans, metrics, and no stack traces."""

    def __init__(
        self,
        app: Asgi,
        *,
        ids: Ids,
        log: Log,
        metrics: Metrics,
        telemetry: Telemetry,
        span: Literal["gateway.request", "internal.request"] = "gateway.request",
    ) -> None:
        """Wrap `app`; a request is traced as `span`."""
        self._app = app
        self._span: Literal["gateway.request", "internal.request"] = span
        self._ids = ids
        self._log = log
        self._metrics = metrics
        self._telemetry = telemetry
        self._running = 0
        # Templates, methods and statuses are closed sets, so this holds no more than the metrics themselves.
        self._labels: dict[tuple[str, str, int], tuple[Labels, Labels]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request in its span and count it; other scopes pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = perf_counter()
        sent = Sent(send)
        method = _method_label(scope)
        self._running += 1
        try:
            parent = trace_parent(scope) if self._telemetry.is_on else None
            with self._telemetry.span(self._span, parent=parent, method=method) as span:
                await self._run(scope, receive, sent)
                template = scope.get(TEMPLATE_KEY, UNMATCHED)
                span.note(route=template, status=sent.status)
        finally:
            self._running -= 1
        self._count(scope, template, method, sent.status, perf_counter() - begun)

    def _count(self, scope: Scope, template: str, method: str, status: int, seconds: float) -> None:
        """Count a request by route template, method and status; log it when it did not succeed."""
        key = (template, method, status)
        labels = self._labels.get(key)
        if labels is None:
            counted = as_labels({"route": template, "method": method, "status": status})
            labels = self._labels[key] = (counted, as_labels({"route": template}))
        self._metrics.count_series("grootboek_requests_total", labels[0])
        self._metrics.observe_series("grootboek_request_seconds", labels[1], seconds)
        if status >= 400:
            # What succeeded stands in the ledger itself; the log keeps what did not.
            party = scope.get(PARTY_KEY)
            self._log.write(
                REQUEST_ANSWERED, route=template, method=method, status=status, seconds=seconds, party=party
            )

    async def _run(self, scope: Scope, receive: Receive, sent: Sent) -> None:
        """Call the application; whatever it lets through becomes a 500 without a stack or a value."""
        try:
            if self._running > limits.REQUESTS_CONCURRENT_MAX and scope["path"] not in NEVER_REFUSED:
                await send_answer(sent, problem_answer(TooBusy()))
                return
            if is_head_too_large(scope):
                await send_answer(sent, problem_answer(HeadTooLarge()))
                return
            await self._app(scope, receive, sent)
        except RequestGone:
            sent.status = sent.status or 499
        except Exception as error:  # noqa: BLE001 - the last door of all: an unknown error becomes an answer
            trace_id = current_trace_id() or self._ids.random_bytes(16).hex()
            self._log.write(
                REQUEST_FAILED,
                route=scope.get(TEMPLATE_KEY, UNMATCHED),
                method=_method_label(scope),
                error=type(error).__name__,
                where=place_of(error),
                trace_id=trace_id,
            )
            if not sent.status:
                await send_answer(sent, problem_answer(InternalFault(), traceId=trace_id))


class Sent:
    """A `send` that adds the common headers and remembers the status."""

    __slots__ = ("_send", "status")

    def __init__(self, send: Send) -> None:
        """Nothing was sent yet: status 0."""
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message["headers"]
            # An answer of ours begins with its media type (`send_answer`).
            is_page = bool(headers) and headers[0][1] == PAGE_MEDIA
            message["headers"] = [*headers, *(PAGE_HEADERS if is_page else SECURITY_HEADERS)]
        await self._send(message)


def trace_parent(scope: Scope) -> SpanContext | None:
    """Return the context of the caller's trace; None when he sends none, an invalid one or several."""
    given = [value for name, value in scope["headers"] if name == TRACEPARENT_NAME]
    return extract(given[0]) if len(given) == 1 else None


def is_head_too_large(scope: Scope) -> bool:
    """Tell whether address or headers exceed their bounds; the verifier bounds the token by itself."""
    if len(scope["path"]) + len(scope["query_string"]) > limits.URL_BYTES_MAX:
        return True
    head = 0
    for key, value in scope["headers"]:
        if key != b"authorization":
            head += len(key) + len(value)
    return head > limits.HEADER_BYTES_MAX


def place_of(error: BaseException) -> str:
    """Return file name and line where an error arose; never its message."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "unknown"


def _method_label(scope: Scope) -> str:
    """Return the method if it is a common one: a label has a closed set of values."""
    method = str(scope["method"])
    return method if method in METHODS else "other"


def server_options() -> dict[str, Any]:
    """Return how uvicorn is to be run: nothing of its own in logs and headers, bounded waiting, no web sockets."""
    return {
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "date_header": True,
        "ws": "none",
        # Addresses of callers are used for nothing, so nobody is believed about them either.
        "proxy_headers": False,
        "h11_max_incomplete_event_size": limits.HEADER_BYTES_MAX,
        "timeout_keep_alive": 30,
        "timeout_graceful_shutdown": int(limits.SHUTDOWN_SECONDS_MAX),
    }
