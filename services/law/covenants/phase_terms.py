"""The terms of two annexes, phase by phase: where they differ, in whatever words each calls its phases.

A phase that both call by one word is compared as such. What is left is compared by the word of the contract; where an
annex has several words for that ("voorfase" and "weging"), they are phases of its own, and the plainest one counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from services.law.covenants.resolving import Origin
from services.law.covenants.synonyms import PHASES, PLAIN_PHASES
from services.law.covenants.terms import canonical_term
from services.law.covenants.words import fold

_CONTRACT: Final = frozenset(PHASES.values())
_RANK: Final = {word: rank for rank, word in enumerate(PHASES)}


def inherited_phases(annex_id: str, origins: Iterable[Origin]) -> frozenset[str]:
    """The phases for which an annex has its term from an umbrella only, as that spells them."""
    under = f"/annexes/{annex_id}/retention/"
    taken = (origin.field for origin in origins if origin.source == "umbrella" and not origin.overrides)
    return frozenset(field.removeprefix(under) for field in taken if field.startswith(under))


def known_terms(stated: Mapping[str, str], inherited: Collection[str] = ()) -> dict[str, str]:
    """The terms by phase, as the annex spells it and in the word of the contract; each term as it stands.

    Of several words for one phase the plainest counts, and what the annex says itself before what it inherits.
    """
    own = {phase_of(phase) for phase in stated if phase not in inherited} if inherited else set()
    said = {phase: stated[phase] for phase in stated if phase not in inherited or phase_of(phase) not in own}
    found: dict[str, str] = {}
    for phase in sorted(said, key=lambda phase: (_RANK.get(fold(phase), 0), phase != fold(phase))):
        if phase_of(phase) in _CONTRACT:
            found.setdefault(phase_of(phase), said[phase])
    return said | found


def shared_terms(of_annexes: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The terms by phase that every one of these annexes gives alike, in whatever spelling; those of the only one."""
    first, *others = [*of_annexes] or [{}]
    return {
        phase: term
        for phase, term in first.items()
        if all(canonical_term(other.get(phase, "")) == canonical_term(term) for other in others)
    }


def terms_of(stated: Mapping[str, str], inherited: Collection[str] = ()) -> dict[str, str]:
    """The terms by phase, both folded; of two spellings of one word the one that is folded already counts.

    ``inherited``: the phases that are of an umbrella; one that the annex says itself in another word says nothing.
    """
    own = {phase_of(phase) for phase in stated if phase not in inherited} if inherited else set()
    found: dict[str, str] = {}
    for phase in sorted(stated, key=lambda phase: phase != fold(phase)):
        if phase not in inherited or phase_of(phase) not in own:
            found.setdefault(fold(phase), canonical_term(stated[phase]))
    return found


def differing_terms(ours: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Each phase for which both have a term (``terms_of``), and other ones: in the word of the contract, in order."""
    if ours == theirs:
        return
    shared = ours.keys() & theirs.keys()
    known = {phase_of(phase) for phase in shared}
    pairs = [(phase_of(phase), ours[phase], theirs[phase]) for phase in shared]
    mine, yours = (_by_phase(terms, known) for terms in (ours, theirs))
    pairs += [(phase, mine[phase], yours[phase]) for phase in mine.keys() & yours.keys()]
    yield from sorted(pair for pair in pairs if pair[1] != pair[2])


def terms_in_two_words(stated: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Each phase that one annex gives two terms, in two spellings or in the two plain words for it."""
    first: dict[str, str] = {}
    for phase, term in stated.items():
        plain = PLAIN_PHASES.get(fold(phase), fold(phase))
        known = first.setdefault(plain, canonical_term(term))
        if known != canonical_term(term):
            yield plain, known, canonical_term(term)


def phase_of(phase: str) -> str:
    """The phase in the word of the contract, or as it is called when that has none."""
    return PHASES.get(fold(phase), fold(phase))


def _by_phase(terms: Mapping[str, str], known: Collection[str]) -> dict[str, str]:
    """The terms by the word of the contract, less the phases that are ``known``."""
    found: dict[str, str] = {}
    for phase in sorted(terms, key=lambda phase: _RANK.get(phase, 0)):
        if phase_of(phase) not in known:
            found.setdefault(phase_of(phase), terms[phase])
    return found
