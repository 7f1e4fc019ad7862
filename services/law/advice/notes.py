"""What is worth knowing of an act and is no finding: a note never changes an outcome, and never forbids.

The fear of sharing what may be shared is as real as the wish to share what may not: notes say what does not stand in
the way, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from services.law.advice.norms import show_norms
from services.law.advice.shapes import Note, Telling
from services.law.advice.words import parties_named
from services.law.assessment import RecipientAnswer
from services.law.necessity_text import NECESSITY_NORMS, lint_necessity
from services.law.police_telling import PoliceTelling, police_telling
from services.law.rules.scene import Scene
from services.law.texts import Text


class NoteScene(msgspec.Struct, frozen=True):
    """What the notes look at: the act, the answers per recipient, who tells, and how the persons are called."""

    scene: Scene
    answers: tuple[RecipientAnswer, ...]
    tell: tuple[Telling, ...]
    names: tuple[str, ...]

    def note(
        self,
        code: str,
        message: Text,
        norms: Sequence[str] = (),
        parties: Sequence[str] = (),
        subjects: tuple[str, ...] | None = None,
    ) -> Note:
        """A note about all persons of the act, or those named; of the norms only those in force that day."""
        view, known = self.scene.view, self.scene.context.register.norms
        about = self.names if subjects is None else subjects
        shown = show_norms(norms, view, known)
        return Note(code=code, message=message, norms=shown, parties=tuple(parties), subjects=about)


def find_notes(about: NoteScene) -> tuple[Note, ...]:
    """Every note, in a fixed order."""
    return tuple(note for find in _NOTES for note in find(about))


def _must_share(about: NoteScene) -> Iterator[Note]:
    """WGS 1.5, Wpg 16 and 20(3), Jeugdwet 7.3.11(4): not sharing is what needs a reason."""
    owed = [answer for answer in about.answers if answer.answer == "must-share-unless"]
    if not owed:
        return
    norms = tuple(dict.fromkeys(norm for answer in owed for norm in answer.owed_under))
    who = parties_named(about.scene.view, [answer.party for answer in owed])
    message = Text(
        f"De wet verplicht u dit te delen met {who.nl}. Houdt u het tegen om zwaarwegende redenen, leg die dan vast.",
        f"The law obliges you to share this with {who.en}. If serious reasons make you hold it back, record them.",
    )
    yield about.note("must-share", message, norms, [answer.party for answer in owed])


def _share_apart(about: NoteScene) -> Iterator[Note]:
    """An act stands or falls as a whole: who may have it need not wait for who may not."""
    forbidden = [answer.party for answer in about.answers if answer.answer == "forbidden"]
    others = [answer.party for answer in about.answers if answer.answer != "forbidden"]
    if not forbidden or not others:
        return
    who, whom = parties_named(about.scene.view, others), parties_named(about.scene.view, forbidden)
    message = Text(
        f"Deel apart met {who.nl}: dat mag. Samen met {whom.nl} gaat de hele handeling niet door.",
        f"Share apart with {who.en}: that you may. Together with {whom.en} the whole act is refused.",
    )
    yield about.note("share-apart", message, (), others)


def _recipient_not_partner(about: NoteScene) -> Iterator[Note]:
    """AVG 6(3): a covenant gives no power and takes none, so being outside it bars nothing."""
    scene = about.scene
    if scene.covenant is None or scene.operation_class != "share":
        return
    partners = scene.covenant.partners
    outside = [r.party for r in scene.act.recipients if r.party not in partners and r.party != scene.act.controller]
    if not outside:
        return
    who = parties_named(scene.view, outside)
    message = Text(
        f"Geen partner van het convenant: {who.nl}. Dat verbiedt niets. Beslissend is of de wet u laat geven en de "
        "ontvanger laat krijgen.",
        f"No partner of the covenant: {who.en}. That forbids nothing. What decides is whether the law lets you give "
        "and the recipient receive.",
    )
    yield about.note("recipient-not-partner", message, ("avg-6-1-c", "avg-6-1-e"), outside)


def _no_covenant(about: NoteScene) -> Iterator[Note]:
    """AVG 6(3): sharing needs a ground in the law, not a covenant."""
    scene = about.scene
    if scene.operation_class != "share" or scene.act.covenant is not None or not scene.act.recipients:
        return
    message = Text(
        "U noemt geen convenant. Dat hoeft ook niet: de wet is de grond. Zeg zelf waarom dit nodig is en hoe lang "
        "het bewaard wordt.",
        "You name no covenant. You need none: the law is the ground. Say yourself why this is needed and how long it "
        "is kept.",
    )
    yield about.note("covenant-not-needed", message, ("avg-6-1-c", "avg-6-1-e"))


def _cross_domain(about: NoteScene) -> Iterator[Note]:
    """AVG 5(1)(b), 6(3): what was gathered for care goes to safety, or the reverse; both sides need their own law."""
    scene = about.scene
    sender = scene.controller
    if scene.operation_class != "share" or sender is None or not sender.domains:
        return
    own = set(sender.domains)
    crossed = [party.id for party in scene.recipients if party and party.domains and own.isdisjoint(party.domains)]
    if not crossed:
        return
    who = parties_named(scene.view, crossed)
    message = Text(
        f"Dit gaat naar een ander domein: {who.nl}. Dat mag als uw eigen wet het geven toelaat en hun wet het krijgen.",
        f"This goes to another domain: {who.en}. You may if your own law lets you give and theirs lets them receive.",
    )
    yield about.note("cross-domain", message, ("avg-5-1-b", "avg-6-1-e", "wpg-18-1", "wgs-1-5-1"), crossed)


def _several_tell(about: NoteScene) -> Iterator[Note]:
    """AVG 26(1): where each must tell for itself, an arrangement could let one tell for all."""
    twice = tuple(name for name in about.names if sum(name in telling.subjects for telling in about.tell) > 1)
    if not twice:
        return
    parties = tuple(dict.fromkeys(telling.party for telling in about.tell if set(telling.subjects) & set(twice)))
    who = parties_named(about.scene.view, parties)
    message = Text(
        f"Meer dan een partij moet dezelfde persoon informeren: {who.nl}. Spreek af wie het voor allen doet.",
        f"More than one party must tell the same person: {who.en}. Agree who does it for all.",
    )
    yield about.note("several-tell", message, ("avg-26-1", "bgs-1-3"), parties, twice)


def _telling_may_wait(about: NoteScene) -> Iterator[Note]:
    """AVG 23, UAVG 41: not telling is a decision for one person, taken before the moment to tell."""
    told = {name for telling in about.tell for name in telling.subjects}
    if not told:
        return
    message = Text(
        "Schaadt vertellen een zwaarwegend belang? Neem dan vóór dat moment een besluit, voor elke persoon apart, "
        "met een datum waarop u het opnieuw bekijkt. Zwijgen is geen besluit.",
        "Would telling harm a weighty interest? Then decide before that moment, for each person apart, with a day on "
        "which you look again. Silence is no decision.",
    )
    about_whom = tuple(name for name in about.names if name in told)
    yield about.note("telling-may-wait", message, ("avg-23", "uavg-41-1", "uavg-41-2"), (), about_whom)


def _police_tell(about: NoteScene) -> Iterator[Note]:
    """Wpg 24b: the police tell under their own act, so no duty of theirs stands among those of the AVG."""
    scene = about.scene
    by_text: dict[PoliceTelling, list[str]] = {}
    for subject, name in zip(scene.act.subjects, about.names, strict=True):
        telling = police_telling(scene.controller, subject.role)
        if telling is not None:
            by_text.setdefault(telling, []).append(name)
    for telling, names in by_text.items():
        yield about.note("police-tell", telling.text, telling.norms, (scene.act.controller,), tuple(names))


def _necessity_text(about: NoteScene) -> Iterator[Note]:
    """AVG 5(1)(c): a hint that the reason may be none; never more, since words alone do not show that."""
    for remark in lint_necessity(about.scene.act.necessity):
        yield about.note(f"necessity-{remark.code}", remark.message, NECESSITY_NORMS)


_NOTES: Final[tuple[Callable[[NoteScene], Iterator[Note]], ...]] = (
    _must_share,
    _share_apart,
    _recipient_not_partner,
    _no_covenant,
    _cross_domain,
    _several_tell,
    _telling_may_wait,
    _police_tell,
    _necessity_text,
)
