"""Which covenant governs the act, and why: the one it names, else the only candidate, else the most protective one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.law.advice.shapes import CovenantCandidate, CovenantVersion, Governs
from services.law.covenants.choice import Candidate as Found
from services.law.covenants.choice import Choice, choose, question_of
from services.law.rules.scene import Scene
from services.law.texts import Text

_NAMED: Final = Text("U noemt dit convenant, en het geldt op die dag.", "You name this covenant, and it is in force.")
_NOT_IN_FORCE: Final = Text(
    "Het convenant dat u noemt, geldt niet op die dag. U handelt dan zonder convenant.",
    "The covenant that you name is not in force on that day. You then act without a covenant.",
)
_NONE: Final = Text(
    "Geen convenant geldt hier. Dat verbiedt niets: de wet is de grond.",
    "No covenant applies here. That forbids nothing: the law is the ground.",
)

_DIFFER: Final = Text(
    "Voor deze personen gelden verschillende convenanten. Deel per convenant, of noem er een en leg vast waarom.",
    "Different covenants apply to these persons. Share per covenant, or name one and record why.",
)


def governs(scene: Scene, names: Sequence[str]) -> Governs:
    """The covenant that governs the act on the persons called ``names``, and which others could."""
    choices = [choose(question_of(scene.act, subject), scene.view) for subject in scene.act.subjects]
    candidates = _candidates(choices, names)
    named = scene.act.covenant
    if named is not None and scene.covenant is not None:
        version = CovenantVersion(id=named.id, version=scene.covenant.covenant.version)
        annex = named.annex if scene.annex is not None else None
        return Governs(covenant=version, annex=annex, by="named", why=_NAMED, candidates=candidates)
    if named is not None:
        return Governs(covenant=None, by="none", why=_NOT_IN_FORCE, candidates=candidates)
    return _chosen(choices, candidates)


def _candidates(choices: Sequence[Choice], names: Sequence[str]) -> tuple[CovenantCandidate, ...]:
    """Every candidate once, in protective order, with the persons for whom it is one."""
    about: dict[Found, list[str]] = {}
    for name, choice in zip(names, choices, strict=True):
        for found in choice.candidates:
            about.setdefault(found, []).append(name)
    return tuple(_candidate(found, persons) for found, persons in about.items())


def _candidate(found: Found, persons: Sequence[str]) -> CovenantCandidate:
    return CovenantCandidate(
        covenant=CovenantVersion(id=found.covenant, version=found.version),
        annex=found.annex,
        because=found.because,
        retention=found.retention,
        until=found.until,
        recipients=found.recipients,
        subjects=tuple(persons),
        why=found.why,
    )


def _chosen(choices: Sequence[Choice], candidates: tuple[CovenantCandidate, ...]) -> Governs:
    """Without a covenant named: what the choice comes to, if it is the same for every person."""
    defaults = {choice.default: choice for choice in choices if choice.default is not None}
    if not defaults:
        return Governs(covenant=None, by="none", why=_NONE)
    if len({(found.covenant, found.annex) for found in defaults}) > 1:
        return Governs(covenant=None, by="none", why=_DIFFER, candidates=candidates)
    found, choice = next(iter(defaults.items()))
    version = CovenantVersion(id=found.covenant, version=found.version)
    return Governs(covenant=version, annex=found.annex, by=choice.by, why=choice.why, candidates=candidates)
