"""One operation judged twice: as its covenant was read then, and as an interpretation reads it since (S25, S72).

Everything else is as it was at the judgement: the register, the clock. What the ledger knew of the persons is left out
on both sides, since no reading of a covenant depends on it. So what differs, differs by the reading alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from services.law.act import Act
from services.law.context import Context
from services.law.governance import Interpretation
from services.law.judgement import judge
from services.law.register import Register
from services.law.verdict import Outcome, Verdict, worst
from services.ledger.application.bounded_cache import BoundedCache
from services.ledger.application.lines import Line
from services.ledger.application.rebuild_act import rebuild_act
from services.ledger.application.sources import register_then
from services.ledger.contract.events import Content, Envelope
from services.ledger.domain.authority import mandatary
from services.runtime.limits import REREAD_REGISTERS_MAX


class Part(msgspec.Struct, frozen=True):
    """One person's share of an operation; ``counts``: this person is one of those whom the question is about."""

    line: Line
    content: Content
    counts: bool


class Reread(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the new reading makes of an operation: the outcomes, and the codes that come and go."""

    before: Outcome
    after: Outcome
    adds: tuple[str, ...]
    drops: tuple[str, ...]


class Readings:
    """The register as it was known at a judgement, beside itself under the new reading; kept for further acts.

    What a younger text or reading of the covenant had settled by then stays as it was.
    """

    def __init__(self, interpretation: Interpretation, register: Register) -> None:
        """Read the covenant of ``interpretation`` anew; ``register`` is the newest."""
        self._interpretation = interpretation
        self._register = register
        self._pairs: BoundedCache[int, tuple[Register, Register]] = BoundedCache(REREAD_REGISTERS_MAX)

    def at(self, position: int) -> tuple[Register, Register]:
        """Both, as known at a position of the register lane."""
        pair = self._pairs.get(position)
        if pair is None:
            then = register_then(self._register, position)
            reading = self._interpretation
            pair = then, then.rereading(reading.covenant, reading.regime, reading.valid_from)
            self._pairs.put(position, pair)
        return pair


def reread(parts: Sequence[Part], readings: Readings) -> Reread | None:
    """What differs for the persons that count; None when the new reading judges the same.

    ``parts`` are all of one operation and have their subject.
    """
    ordered = sorted(parts, key=lambda part: part.line.envelope.index)
    act = rebuild_act([(part.line.envelope, part.content) for part in ordered])
    counted = [index for index, part in enumerate(ordered) if part.counts]
    before, after = _judge_twice(act, ordered[0].line.envelope, readings)
    then, now = _codes(before, counted), _codes(after, counted)
    found = Reread(
        before=_worst(before, counted),
        after=_worst(after, counted),
        adds=tuple(sorted(now - then)),
        drops=tuple(sorted(then - now)),
    )
    return found if found.adds or found.drops or found.before is not found.after else None


def _judge_twice(act: Act, envelope: Envelope, readings: Readings) -> tuple[Verdict, Verdict]:
    then, anew = readings.at(envelope.register_position)
    at, by = envelope.recorded_at, mandatary(envelope.author, act)
    return judge(act, Context(then, None, at, by)), judge(act, Context(anew, None, at, by))


def _codes(verdict: Verdict, counted: Sequence[int]) -> frozenset[str]:
    return frozenset(code for index in counted for code in verdict.codes_of(index))


def _worst(verdict: Verdict, counted: Sequence[int]) -> Outcome:
    return worst([verdict.outcomes[index] for index in counted])
