"""The application: one FastAPI shell around the calls of the catalogue, behind one outer door."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.routing import Route

from services.gateway.auth.claims import TokenVerifier
from services.gateway.calls import Services
from services.gateway.catalogue import calls_by_path
from services.gateway.dispatch import Dispatch
from services.gateway.openapi import render
from services.gateway.rates import Rates
from services.ledger.contract.client import LedgerClient
from services.runtime.clock import Clock, SystemClock
from services.runtime.http import (
    API_VERSION,
    JSON,
    TEMPLATE_KEY,
    Answer,
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
from services.runtime.telemetry import Telemetry

OPENAPI_PATH = "/openapi.json"
# A path parameter that holds slashes; the others end at one.
LONG_PARAMETERS = {"{path}": "{path:path}"}


def create_app(
    *,
    ledger: LedgerClient,
    tokens: TokenVerifier,
    clock: Clock | None = None,
    ids: Ids | None = None,
    log: Log | None = None,
    metrics: Metrics | None = None,
    telemetry: Telemetry | None = None,
) -> FastAPI:
    """Build the door before a ledger. `clock` is the wall's: rates and tokens live in real time, also in a scenario."""
    wall = clock or SystemClock()
    chosen_ids = ids or SystemIds()
    chosen_log = log or StructuredLog()
    chosen_metrics = metrics or Metrics()
    services = Services(ledger=ledger, ids=chosen_ids, clock=wall, rates=Rates(wall), metrics=chosen_metrics)
    # FastAPI's own documentation routes, redirects and validation answers are not ours; see dispatch.py.
    app = FastAPI(
        title="Grootboek", version=API_VERSION, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    for path, calls in calls_by_path().items():
        dispatch = Dispatch(path, calls, services=services, tokens=tokens, log=chosen_log)
        app.router.routes.append(Route(routed(path), endpoint=dispatch, name=calls[0].name))
    app.router.routes.append(Route(OPENAPI_PATH, endpoint=Description(render()), name="describeApi"))
    app.router.default = answer_not_found
    app.add_middleware(
        OuterDoor,
        ids=chosen_ids,
        log=chosen_log,
        metrics=chosen_metrics,
        telemetry=telemetry or Telemetry("gateway"),
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
