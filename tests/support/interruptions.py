"""Kills work at its n-th step: every call on a port is a step, taken or not when the process dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import msgspec

from services.ledger.application.ports import Appender
from services.ledger.domain.stored import AppendResult, PreparedOperation
from tests.support.processes import Process, Tables

T = TypeVar("T")

STEPS = {
    "identities": ("create_day_secrets",),
    "store": (
        "keep_keys",
        "create_hold_secrets",
        "drop_kept_keys",
        "destroy_day",
        "destroy_hold",
        "rewrap_dossiers",
        "unused_week_keys",
    ),
    "vault": ("make", "destroy", "destroy_all"),
}
"""What leaves something behind, by port."""


class Killed(BaseException):
    """The process died here; nothing in it can catch that."""


class Steps:
    """Counts steps, and dies before or after one of them."""

    def __init__(self) -> None:
        """Count, and kill nobody."""
        self.names: list[str] = []
        self._last: int | None = None
        self._after = False

    @contextmanager
    def killing(self, step: int, *, after: bool) -> Iterator[None]:
        """Die at this step, counted from zero: before it is taken, or just after."""
        self.names.clear()
        self._last, self._after = step, after
        try:
            yield
        finally:
            self._last = None

    def begin(self, name: str) -> int:
        """Begin a step."""
        self.names.append(name)
        step = len(self.names) - 1
        if step == self._last and not self._after:
            raise Killed
        return step

    def end(self, step: int) -> None:
        """End it."""
        if step == self._last:
            raise Killed

    def of(self, port: T, *names: str) -> T:
        """The port with a step at each call of these methods."""
        return cast("T", _Stepped(port, self, names))


class _Stepped:
    """A port whose calls may be the last."""

    def __init__(self, port: object, steps: Steps, names: Sequence[str]) -> None:
        self._port = port
        self._steps = steps
        self._names = names

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return self._stepped(name, found) if name in self._names else found

    def _stepped(self, name: str, found: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            step = self._steps.begin(name)
            result = found(*given, **named)
            self._steps.end(step)
            return result

        return call


class _SteppedAppender:
    """An appender whose answer may never be heard."""

    def __init__(self, appender: Appender, steps: Steps) -> None:
        self._appender = appender
        self._steps = steps

    async def append(self, operations: Sequence[PreparedOperation]) -> list[AppendResult]:
        """Append."""
        step = self._steps.begin("append")
        results = await self._appender.append(operations)
        self._steps.end(step)
        return results


def mortal(process: Process, steps: Steps) -> Process:
    """A process over the same tables that dies as ``steps`` says."""
    ports = {name: steps.of(getattr(process.tables, name), *names) for name, names in STEPS.items()}
    tables: Tables = msgspec.structs.replace(process.tables, **ports)
    return Process(tables, _SteppedAppender(process.appender, steps))
