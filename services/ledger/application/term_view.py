"""Until when data of a line may be held, which rule says so and which ones lost, in words (S76)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, cast

from services.law.keeping import text_of, text_of_rule
from services.law.precedence import Claim, KeepingRule
from services.law.texts import Text
from services.ledger.application.lines import Line
from services.ledger.contract.events import Envelope
from services.ledger.contract.topics import RETENTION_SET

Json = dict[str, Any]

LATER_TERM: Final = "later-term"
"""The rule of an end that a later event set (``POST …/{id}/retention``)."""
_CHANGED: Final = Text(
    "De termijn is later aangepast, met de reden erbij.", "The term was changed later, with the reason on record."
)
_CHANGED_UNDER: Final = Text("De termijn is later aangepast onder {norm}.", "The term was changed later under {norm}.")


def text_of_end(rule: str | None) -> Text | None:
    """What the rule that gives an end says, where its period is not at hand; None when no rule is on record."""
    if rule is None:
        return None
    return _CHANGED if rule == LATER_TERM else text_of_rule(rule)


def view_keeping(line: Line) -> Json | None:
    """``{"until", "rule", "text", "lost"}`` as it holds now; None where no holding began and none was given an end.

    ``lost``: what the rules gave at the act and did not hold, the strongest first, and an end that was changed later.
    """
    envelope = line.envelope
    stated = envelope.term_rule
    lost = [_view_lost(printed) for printed in envelope.terms_lost]
    moved = _last_moved(line)
    if moved is None:
        if stated is None and envelope.holding_ends is None:
            return None
        return _view(envelope.holding_ends, stated, text_of_end(stated), lost)
    norm = moved.norm
    text = _CHANGED if norm is None else Text(_CHANGED_UNDER.nl.format(norm=norm), _CHANGED_UNDER.en.format(norm=norm))
    if stated is not None:
        lost.insert(0, _view(envelope.holding_ends, stated, text_of_end(stated), None))
    return _view(moved.new_holding_ends, LATER_TERM, text, lost)


def held_until(line: Line) -> date | None:
    """The last day on which data of the line may be held, as it was last set; None where none is known."""
    moved = _last_moved(line)
    return line.envelope.holding_ends if moved is None else moved.new_holding_ends


def _last_moved(line: Line) -> Envelope | None:
    """The last change that moved the holding; each says both ends, also one that only moved that of the record."""
    moved, ends = None, line.envelope.holding_ends
    for later in line.later:
        change = later.envelope
        if later.event.topic == RETENTION_SET and change.new_holding_ends not in {None, ends}:
            moved, ends = change, change.new_holding_ends
    return moved


def _view(until: date | None, rule: str | None, text: Text | None, lost: list[Json] | None) -> Json:
    shown: Json = {
        "until": until,
        "rule": rule,
        "text": None if text is None else {"nl": text.nl, "en": text.en},
    }
    return shown if lost is None else shown | {"lost": lost}


def _view_lost(printed: str) -> Json:
    """What lost, as an envelope keeps it: ``<rule> <period> <end>``."""
    rule, says, ends = printed.split(" ")
    until = date.fromisoformat(ends)
    return _view(until, rule, text_of(Claim(cast(KeepingRule, rule), says, until)), None) | {"says": says}
