"""Print an assessment so that a person can act on it, in Dutch, in English or in both, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from textwrap import wrap
from typing import Final

from services.cli.assessing import words
from services.cli.assessing.words import Language
from services.law.advice.shapes import CovenantVersion, KeptUntil, NormShown, RecipientAdvice
from services.law.texts import Text
from services.ledger.contract.messages import Assessment

WIDTH: Final = 96


def render_assessment(assessment: Assessment, languages: Sequence[Language]) -> str:
    """The answer as text, once per language."""
    return "\n\n".join("\n".join(_Page(assessment, language).lines()) for language in languages)


class _Page:
    """One assessment in one language."""

    def __init__(self, assessment: Assessment, language: Language) -> None:
        self._given = assessment
        self._language = language

    def lines(self) -> Iterator[str]:
        yield f"{self._say(words.TITLE)}  {self._say(words.OUTCOMES[self._given.verdict.outcome])}"
        yield "─" * WIDTH
        for heading, part in self._parts():
            found = list(part())
            if found:
                yield self._say(heading)
                yield from found
                yield ""
        yield self._say(words.NOTHING_STORED)

    def _parts(self) -> Iterator[tuple[Text, Callable[[], Iterable[str]]]]:
        yield words.RECIPIENTS, self._recipients
        yield words.FINDINGS, self._findings
        yield words.COVENANT, self._covenant
        yield words.TELLING, self._telling
        yield words.KEEPING, self._keeping
        yield words.NOTES, self._notes
        yield words.REGIMES, self._regimes

    def _recipients(self) -> Iterator[str]:
        for recipient in self._given.recipients:
            yield f"  {recipient.party}: {self._say(words.ANSWERS[recipient.answer])}"
            yield from _indented(self._say(recipient.why), 4)
            yield from self._norms(recipient.owed_under, 4)
            yield from self._mends(recipient)

    def _mends(self, recipient: RecipientAdvice) -> Iterator[str]:
        if recipient.mend:
            yield f"    {self._say(words.WOULD_ALLOW)}"
        for mend in recipient.mend:
            yield from _indented(f"- {self._say(mend.message)} {self._say(mend.remedy)}", 6)
            yield from self._norms(mend.norms, 8)

    def _findings(self) -> Iterator[str]:
        for found in self._given.explanations:
            block, severity = words.BLOCKS[found.block], words.SEVERITIES[found.severity]
            yield f"  {self._say(block)}: {self._say(severity)} ({found.code})"
            yield from _indented(self._say(found.message), 4)
            yield from _indented(f"{self._say(words.TO_DO)}: {self._say(found.remedy)}", 4)
            yield from self._norms(found.norms, 4)

    def _covenant(self) -> Iterator[str]:
        found = self._given.governs
        if found is None:
            return
        if found.covenant is not None:
            yield f"  {_covenant_named(found.covenant, found.annex)}"
        yield from _indented(self._say(found.why), 4)
        others = [one for one in found.candidates if one.covenant != found.covenant]
        if others:
            yield f"    {self._say(words.CANDIDATES)}"
        for other in others:
            named = _covenant_named(other.covenant, other.annex)
            yield from _indented(f"- {named}. {self._say(other.why)}", 6)

    def _telling(self) -> Iterator[str]:
        if not self._given.tell:
            yield f"  {self._say(words.NOBODY_TELLS)}"
        for telling in self._given.tell:
            yield from _indented(self._say(telling.text), 2)
            yield from self._norms(telling.norms, 4)

    def _keeping(self) -> Iterator[str]:
        kept = self._given.keep
        if kept is None:
            yield f"  {self._say(words.NOTHING_KEPT)}"
            return
        for one in (kept, *kept.others):
            yield from self._kept(one)

    def _kept(self, kept: KeptUntil) -> Iterator[str]:
        yield from _indented(self._say(kept.text), 2)
        for stage in kept.stages:
            yield from _indented(f"- {stage.since} … {stage.until}: {self._say(stage.text)}", 4)
        for lost in kept.lost:
            until = "" if lost.until is None else f" ({lost.until})"
            yield from _indented(f"{self._say(words.LOST)} {self._say(lost.text)}{until}", 4)

    def _notes(self) -> Iterator[str]:
        for note in self._given.notes:
            yield from _indented(f"- {self._say(note.message)}", 2)
            yield from self._norms(note.norms, 4)

    def _regimes(self) -> Iterator[str]:
        for other in self._given.other_regimes:
            outcome = self._say(words.OUTCOMES[other.outcome])
            changes = [f"{self._say(words.ADDED)}: {', '.join(other.adds)}"] if other.adds else []
            changes += [f"{self._say(words.DROPPED)}: {', '.join(other.drops)}"] if other.drops else []
            yield from _indented(" ".join([f"{other.regime}. {self._say(other.name)}: {outcome}", *changes]), 2)

    def _norms(self, norms: Sequence[NormShown], indent: int) -> Iterator[str]:
        if norms:
            named = ", ".join(self._norm(norm) for norm in norms)
            yield from _indented(f"{self._say(words.NORMS)}: {named}", indent)

    def _norm(self, norm: NormShown) -> str:
        return norm.label if norm.verified else f"{norm.label} ({self._say(words.UNREAD)})"

    def _say(self, text: Text) -> str:
        return text.nl if self._language == "nl" else text.en


def _covenant_named(covenant: CovenantVersion, annex: str | None) -> str:
    place = covenant.id if annex is None else f"{covenant.id}/{annex}"
    return f"{place} (v{covenant.version})"


def _indented(text: str, indent: int) -> list[str]:
    """Wrapped to the width, each line indented; the lines of a list item hang under its words."""
    hang = indent + 2 if text.startswith("- ") else indent
    return wrap(text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * hang, break_on_hyphens=False)
