"""Ports that break off at a chosen call: what is left behind is what a process leaves that is killed there."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


class Killed(Exception):
    """The process was killed here."""


class Faults:
    """Counts the calls of all ports that were made with it, before and after each; the chosen one breaks off."""

    def __init__(self) -> None:
        """Break nothing off."""
        self.steps: list[str] = []
        self.break_off_at: int | None = None

    def arm(self, number: int | None) -> None:
        """Begin to count anew; break off at this step, or at none."""
        self.steps = []
        self.break_off_at = number

    @property
    def broke_off(self) -> bool:
        """Whether the chosen step was reached."""
        return self.break_off_at is not None and len(self.steps) > self.break_off_at

    def step(self, name: str) -> None:
        """Pass one step, or break off at it."""
        self.steps.append(name)
        if self.break_off_at == len(self.steps) - 1:
            raise Killed(name)


class FaultyPort:
    """Any port, each of whose calls is two steps: before it had its effect, and after."""

    def __init__(self, port: Any, faults: Faults) -> None:
        """Call ``port``."""
        self._port = port
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        """A method of the port, or whatever else it has."""
        found = getattr(self._port, name)
        return faulty(found, f"{type(self._port).__name__}.{name}", self._faults) if callable(found) else found


def faulty(call: Callable[..., Any], name: str, faults: Faults) -> Callable[..., Any]:
    """A function, blocking or not, as two steps."""

    def run(*given: Any, **named: Any) -> Any:
        faults.step(f"before {name}")
        result = call(*given, **named)
        if not inspect.isawaitable(result):
            faults.step(f"after {name}")
            return result

        async def finish() -> Any:
            value = await result
            faults.step(f"after {name}")
            return value

        return finish()

    return run
