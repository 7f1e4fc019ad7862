"""The application: one outer door, behind it the calls and the pages, and a FastAPI shell for all other paths."""

from __future__ import annotations

from collections.abc import Awaitable

from fastapi import FastAPI
from starlette.routing import Route

from services.gateway.auth.claims import TokenVerifier
from services.gateway.calls import Services
from services.gateway.catalogue import calls_by_path
from services.gateway.dispatch import Dispatch
from services.gateway.openapi import render
from services.gateway.rates import Rates
from services.gateway.web.pages.all_pages import PAGES
from services.gateway.web.site import Site
from services.ledger.contract.client import LedgerClient
from services.notifier.contract.desk import LetterDesk
from services.runtime.clock import Clock, SystemClock
from services.runtime.http import (
    API_VERSION,
    JSON,
    TEMPLATE_KEY,
    Answer,
    Asgi,
    MethodNotAllowed,
    OuterDoor,
    Receive,
    Scope,
    Send,
    answer_not_found,
    problem_answer,
    send_answer,
)
from services.runtime.ids import Ids, SystemIds
from services.runtime.log import Log, StructuredLog
from services.runtime.metrics import Metrics
from services.runtime.telemetry import OFF, Telemetry
from services.runtime.traced import traced

OPENAPI_PATH = "/openapi.json"
# Where the API design rules look for it (publish-openapi): below the version.
OPENAPI_PATH_OF_VERSION = "/v1/openapi.json"
# A path parameter that holds slashes; the others end at one.
LONG_PARAMETERS = {"{path}": "{path:path}"}


class Gateway(FastAPI):
    """FastAPI's routes behind the outer door.

    Most requests are for a path without parameters: they go from the door straight to their call, since the layers of
    the shell (its own answers to errors and exit stacks) would add nothing but time.
    """

    def __init__(self) -> None:
        """Begin without routes; FastAPI's own documentation, redirects and validation answers are not ours."""
        super().__init__(
            title="Grootboek",
            version=API_VERSION,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
        )
        self.router.default = answer_not_found
        self.door: Asgi = self.route
        self._direct: dict[str, Asgi] = {}

    def add(self, path: str, endpoint: Asgi, name: str) -> None:
        """Serve `endpoint` at a path of the catalogue."""
        self.router.routes.append(Route(routed(path), endpoint=endpoint, name=name))
        if "{" not in path:
            self._direct[path] = endpoint

    def route(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Hand a request that came through the door to its call, or to the shell's router."""
        direct = self._direct.get(scope["path"]) if scope["type"] == "http" else None
        return super().__call__(scope, receive, send) if direct is None else direct(scope, receive, send)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the door."""
        await self.door(scope, receive, send)


def create_app(
    *,
    ledger: LedgerClient,
    tokens: TokenVerifier,
    desk: LetterDesk | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
    log: Log | None = None,
    metrics: Metrics | None = None,
    telemetry: Telemetry = OFF,
) -> Gateway:
    """Build the door before a ledger. `clock` is the wall's: rates and tokens live in real time, also in a scenario.

    Without a desk no letter can be ordered.
    """
    wall = clock or SystemClock()
    chosen_ids = ids or SystemIds()
    chosen_log = log or StructuredLog()
    chosen_metrics = metrics or Metrics()
    services = Services(
        ledger=traced(LedgerClient, ledger, telemetry),
        desk=None if desk is None else traced(LetterDesk, desk, telemetry),
        ids=chosen_ids,
        rates=Rates(wall),
        metrics=chosen_metrics,
    )
    app = Gateway()
    for path, calls in calls_by_path().items():
        dispatch = Dispatch(path, calls, services=services, tokens=tokens, log=chosen_log)
        app.add(path, dispatch, calls[0].name)
    for page in PAGES:
        app.add(page.path, Site(page, services=services, tokens=tokens), "page")
    description = Description(render())
    app.add(OPENAPI_PATH, description, "describeApi")
    app.add(OPENAPI_PATH_OF_VERSION, description, "describeApi")
    app.door = OuterDoor(
        app.route,
        ids=chosen_ids,
        log=chosen_log,
        metrics=chosen_metrics,
        telemetry=telemetry,
    )
    return app


def routed(path: str) -> str:
    """Return a path of the catalogue as the router spells it."""
    for plain, long in LONG_PARAMETERS.items():
        path = path.replace(plain, long)
    return path


class Description:
    """The API description, for everybody and for every web page (API design rules: CORS)."""

    def __init__(self, rendered: bytes) -> None:
        """Serve these bytes."""
        self._answer = Answer(200, rendered, JSON, ((b"access-control-allow-origin", b"*"),))

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Answer GET and HEAD."""
        scope[TEMPLATE_KEY] = OPENAPI_PATH
        allowed = scope["method"] in {"GET", "HEAD"}
        await send_answer(send, self._answer if allowed else problem_answer(MethodNotAllowed(("GET", "HEAD"))))
