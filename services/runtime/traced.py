"""A port whose calls are seen as spans, on the side of whoever calls it; where nobody looks, the port itself."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from services.runtime.telemetry import Telemetry

P = TypeVar("P")
Method = Callable[..., Awaitable[Any]]


def traced(port: type, target: P, telemetry: Telemetry) -> P:
    """Return `target` with a span around every call of the protocol `port`, named by port and method."""
    if not telemetry.is_on:
        return target
    names = [name for name, _ in inspect.getmembers(port, inspect.iscoroutinefunction) if not name.startswith("_")]
    methods = {name: _traced(port.__name__, name, getattr(target, name), telemetry) for name in names}
    return cast(P, type(f"Traced{port.__name__}", (), methods)())


def _traced(port: str, verb: str, method: Method, telemetry: Telemetry) -> Method:
    """Return a method that makes one call within its span."""

    async def call(_: object, *arguments: Any, **named: Any) -> Any:
        with telemetry.span("ledger.call", port=port, verb=verb):
            return await method(*arguments, **named)

    return call
