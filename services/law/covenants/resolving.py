"""A covenant as it is on a day: with what it takes from its umbrella, what joined it since, and how it is read.

Under an umbrella a covenant takes what it leaves out itself; what it states goes before (S14). An addendum joins its
annexes and partners from its day on (S16). An interpretation sets the regime from its day on, until a later version
of the covenant says how it is read (S25). Every field that is not the covenant's own has an ``Origin``.

Not taken from the umbrella: the dates, the legal frame (a covenant says itself under which act it stands), and the
day of publication, unless all annexes are the umbrella's (criteria of one's own were not public by another's text).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final, Literal

import msgspec
from msgspec.structs import replace

from services.law.covenants.words import fold
from services.law.governance import Addendum, Annex, Arrangement, Covenant, Criteria, Interpretation, Partner

UMBRELLAS_MAX: Final = 8
"""Umbrellas over one another; what lies above is not looked at, so that a circle ends."""

_TAKEN: Final = (
    "purpose",
    "regime",
    "territory",
    "municipalities",
    "partners",
    "summary",
    "record_retention",
    "coercive",
)
_TAKEN_OF_ARRANGEMENT: Final = ("contact_point", "informs", "reports_breach")
_TAKEN_OF_ANNEX: Final = (
    "name",
    "agreements",
    "preventive",
    "consultation",
    "work_process",
    "necessity",
    "data_categories",
)
_TAKEN_OF_CRITERIA: Final = ("include", "exclude", "ends", "excludes_status")

Source = Literal["umbrella", "addendum", "interpretation"]
Fields = dict[str, Any]


class Origin(msgspec.Struct, frozen=True, rename="camel"):
    """Where a field of a covenant comes from, when not from its own text, or what its own text ``overrides``."""

    field: str
    source: Source
    id: str
    version: int
    overrides: bool = False


class Resolved(msgspec.Struct, frozen=True):
    """The covenant as it is that day, as it was registered, and the origin of what differs between the two.

    ``published``: per annex, when its text became public. ``beyond_themes``: the covenant before the
    themes of its umbrella took annexes away; None where there are no themes.
    """

    covenant: Covenant
    stated: Covenant
    origins: tuple[Origin, ...] = ()
    published: dict[str, date | None] = {}
    beyond_themes: Covenant | None = None


def resolve(
    stated: Covenant,
    umbrella: Resolved | None = None,
    addenda: Sequence[Addendum] = (),
    interpretation: Interpretation | None = None,
) -> Resolved:
    """The covenant with its umbrella (itself resolved), its addenda in order, and its interpretation applied."""
    found = Resolved(stated, stated, (), {annex.id: stated.published for annex in stated.annexes})
    if umbrella is not None:
        found = _under(found, umbrella)
    for addendum in addenda:
        found = _joined(found, addendum)
    if interpretation is not None and _decides(interpretation, stated):
        found = _read(found, interpretation)
    themes = stated.themes if umbrella is None else umbrella.covenant.themes
    return _within(found, themes) if themes else found


def is_theme(annex: Annex, themes: Iterable[str]) -> bool:
    """Whether an umbrella names the approach of this annex, by its id or by its name."""
    named = {fold(theme) for theme in themes}
    return fold(annex.id) in named or (annex.name is not None and fold(annex.name) in named)


def _under(found: Resolved, umbrella: Resolved) -> Resolved:
    """What the covenant leaves out, taken from the umbrella; what it states otherwise, marked as overriding it."""
    own, above = found.covenant, umbrella.covenant
    taker = _Taker(above)
    fields = taker.take(own, above, _TAKEN, "")
    if own.territory or own.municipalities:
        taker.drop(fields, "territory", "municipalities")
    fields["arrangement"] = taker.arrangement(own.arrangement, above.arrangement)
    published = found.published
    if own.annexes:
        fields["annexes"] = tuple(taker.annex(annex, above.annex(annex.id)) for annex in own.annexes)
    elif above.annexes:
        fields["annexes"] = above.annexes
        fields |= taker.take(own, above, ("published",), "")
        published = umbrella.published
        taker.note("/annexes")
    return Resolved(replace(own, **fields), found.stated, (*found.origins, *taker.origins), published)


class _Taker:
    """Takes fields that are left out from an umbrella, and keeps what came from there and what was overridden."""

    def __init__(self, umbrella: Covenant) -> None:
        self._umbrella = umbrella
        self.origins: list[Origin] = []

    def note(self, field: str, *, overrides: bool = False) -> None:
        """Keep where a field came from."""
        self.origins.append(Origin(field, "umbrella", self._umbrella.id, self._umbrella.version, overrides))

    def drop(self, fields: Fields, *names: str) -> None:
        """Take these not after all: the covenant says it in another of its fields."""
        for name in names:
            if fields.pop(name, None) is not None:
                self.origins = [origin for origin in self.origins if origin.field != f"/{name}" or origin.overrides]

    def take(self, own: Any, above: Any, names: Iterable[str], under: str) -> Fields:
        """The fields that ``own`` leaves out and ``above`` states, by name."""
        taken: Fields = {}
        for name in names:
            said, offered = getattr(own, name), getattr(above, name)
            if not offered or said == offered:
                continue
            self.note(f"{under}/{_camel(name)}", overrides=bool(said))
            if not said:
                taken[name] = offered
        return taken

    def arrangement(self, own: Arrangement | None, above: Arrangement | None) -> Arrangement | None:
        """Each part of the arrangement that is left out."""
        if above is None:
            return own
        own = own or Arrangement()
        return replace(own, **self.take(own, above, _TAKEN_OF_ARRANGEMENT, "/arrangement"))

    def annex(self, own: Annex, above: Annex | None) -> Annex:
        """Each part of an annex that is left out, down to the criteria and the phases of the terms."""
        if above is None:
            return own
        under = f"/annexes/{own.id}"
        fields = self.take(own, above, _TAKEN_OF_ANNEX, under)
        fields["retention"] = {**above.retention, **own.retention}
        for phase, term in above.retention.items():
            if own.retention.get(phase) != term:
                self.note(f"{under}/retention/{phase}", overrides=phase in own.retention)
        if above.criteria is not None:
            criteria = own.criteria or Criteria()
            taken = self.take(criteria, above.criteria, _TAKEN_OF_CRITERIA, f"{under}/criteria")
            fields["criteria"] = replace(criteria, **taken)
        return replace(own, **fields)


def _joined(found: Resolved, addendum: Addendum) -> Resolved:
    """With the annexes of an addendum, new or in the place of one of the same id, and its partners beside the rest."""
    covenant = found.covenant
    annexes = {annex.id: annex for annex in (*covenant.annexes, *addendum.annexes)}
    changed = replace(
        covenant, annexes=tuple(annexes.values()), partners=_with_partners(covenant.partners, addendum.partners)
    )
    published = found.published | {annex.id: addendum.published for annex in addendum.annexes}
    kept = _origins_without(found.origins, (annex.id for annex in addendum.annexes))
    return Resolved(changed, found.stated, (*kept, *_origins_of(addendum, covenant)), published)


def _origins_without(origins: Iterable[Origin], annex_ids: Iterable[str]) -> tuple[Origin, ...]:
    """Those that are not of these annexes, which are no longer what they were."""
    gone = tuple(f"/annexes/{annex_id}" for annex_id in annex_ids)
    return tuple(o for o in origins if not any(o.field == field or o.field.startswith(f"{field}/") for field in gone))


def _with_partners(partners: tuple[Partner, ...], joining: tuple[Partner, ...]) -> tuple[Partner, ...]:
    return (*partners, *(partner for partner in joining if partner not in partners))


def _origins_of(addendum: Addendum, covenant: Covenant) -> Iterator[Origin]:
    known = {annex.id for annex in covenant.annexes}
    for annex in addendum.annexes:
        yield Origin(f"/annexes/{annex.id}", "addendum", addendum.id, addendum.version, annex.id in known)
    for partner in addendum.partners:
        yield Origin(f"/partners/{partner.party}", "addendum", addendum.id, addendum.version)


def _decides(interpretation: Interpretation, stated: Covenant) -> bool:
    """Whether the reading is younger than the text; a younger text that says its regime settles it anew."""
    return stated.regime is None or stated.valid_from <= interpretation.valid_from


def _read(found: Resolved, interpretation: Interpretation) -> Resolved:
    overrides = found.covenant.regime not in (None, interpretation.regime)
    origin = Origin("/regime", "interpretation", interpretation.id, interpretation.version, overrides)
    origins = (*(o for o in found.origins if o.field != "/regime"), origin)
    return Resolved(replace(found.covenant, regime=interpretation.regime), found.stated, origins, found.published)


def _within(found: Resolved, themes: Sequence[str]) -> Resolved:
    """Without the annexes that the umbrella does not name: nobody agreed on those (S14)."""
    annexes = tuple(annex for annex in found.covenant.annexes if is_theme(annex, themes))
    origins = _origins_without(found.origins, (annex.id for annex in found.covenant.annexes if annex not in annexes))
    within = replace(found.covenant, annexes=annexes)
    return Resolved(within, found.stated, origins, found.published, found.covenant)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
