"""The duty to inform read literally (AVG 12 to 14, UAVG 41, the design, the case of the seed): a second implementation.

Written apart from ``services.law`` on purpose, and of nothing of it: its own calendar, its own words. It plays one
person's story forward, event after event, and keeps a diary per duty; the product looks back from the question and
takes minima over all that is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Europe/Amsterdam")
NO_END = datetime(9999, 1, 1, tzinfo=UTC)
TOLD_ALWAYS = ("controller", "purpose", "basis", "recipients", "retention", "rights", "complaint")
TOLD_OF_OTHERS = ("controller", "purpose", "basis", "categories", "recipients", "retention", "rights", "source")
EVERYTHING = (*TOLD_OF_OTHERS, "complaint")


class Deed(NamedTuple):
    """Something done with the person's data; ``regime``: of which act of police or justice, None of neither."""

    at: datetime
    kind: str
    who: str
    to: tuple[str, ...] = ()
    regime: str | None = None
    source: str | None = None
    covenant: str | None = None
    annex: str | None = None
    categories: tuple[str, ...] = ("name",)


class Telling(NamedTuple):
    """The person is told, in whatever form; ``elements`` names what, or holds the word all."""

    at: datetime
    who: str
    elements: tuple[str, ...]
    covenant: str | None = None
    annex: str | None = None


class Silence(NamedTuple):
    """A decision not to tell; ``lifted``: when somebody reported that its reason had gone."""

    at: datetime
    who: str
    review: date | None = None
    lifted: datetime | None = None
    covenant: str | None = None
    annex: str | None = None


class World(NamedTuple):
    """Who is what, whom processors work for (None: not said), and who tells for all under a covenant, day by day."""

    kinds: dict[str, str]
    works_for: dict[str, str | None]
    tellers: dict[str, tuple[tuple[date, date, str | None], ...]]


class Answer(NamedTuple):
    """How one duty stands."""

    state: str
    due: datetime
    counts: datetime
    moment: str
    obtained: datetime
    parties: frozenset[str]
    owed: tuple[str, ...]
    missing: tuple[str, ...]
    told_at: datetime | None
    exempt_until: date | None


Scope = tuple[str, str | None, str | None]
"""(who tells, covenant, annex)."""


class Diary:
    """All that happened to one duty so far."""

    def __init__(self, opened: datetime) -> None:
        self.opened = opened
        self.parties: set[str] = set()
        self.due, self.moment = month_later(opened), "one-month"
        self.began_with_person: bool | None = None
        self.always_from_person = True
        self.anyone_obtained = False
        self.known_categories: set[str] = set()

    def advance(self, moment: datetime, why: str) -> None:
        """The person must hear of it by then, if that is earlier."""
        if moment < self.due:
            self.due, self.moment = moment, why

    def owed(self) -> tuple[str, ...]:
        """What of the nine the person must hear: of what came from him, neither its kind nor its source."""
        is_own = self.anyone_obtained and self.always_from_person
        return tuple(e for e in EVERYTHING if not is_own or e in TOLD_ALWAYS)


class Story:
    """One person's story, in the order in which it happened."""

    def __init__(self, world: World, events: Iterable[Deed | Telling | Silence]) -> None:
        self.world = world
        self.events = sorted(events, key=lambda event: event.at)

    def until(self, at: datetime) -> dict[Scope, Answer]:
        """How every duty stands at ``at``."""
        past = [event for event in self.events if event.at <= at]
        diaries: dict[Scope, Diary] = {}
        shelves: dict[tuple[str, str], set[Scope]] = {}
        for event in past:
            if isinstance(event, Deed):
                self._live(event, diaries, shelves)
        on_shelves = set().union(*shelves.values()) if shelves else set()
        return {
            scope: self._judge(scope, diary, past, at, is_held=scope in on_shelves) for scope, diary in diaries.items()
        }

    def _live(self, deed: Deed, diaries: dict[Scope, Diary], shelves: dict[tuple[str, str], set[Scope]]) -> None:
        """One deed: who gets or gives data by it, who must tell of it, and whose shelves it fills or clears."""
        if deed.kind == "delete":
            for party, category in list(shelves):
                if party == deed.who and (not deed.categories or category in deed.categories):
                    del shelves[party, category]
        elif deed.kind in {"collect", "use", "alter"}:
            scope = self.scope_of(deed, deed.who)
            if not self._is_outside_avg(deed):
                self._obtain(deed, deed.who, self._diary(diaries, scope, deed), by_itself=True)
            fill(shelves, [deed.who], deed.categories, scope)
        elif deed.kind == "share":
            strangers = [party for party in deed.to if self._is_stranger(party, deed.who)]
            if strangers and not self._is_outside_avg(deed):
                self._disclose(deed, diaries)
            self._hand_over(deed, shelves)
            for party in strangers:
                if self.world.kinds.get(party) not in {"police", "judicial"}:
                    scope = self.scope_of(deed, party)
                    self._obtain(deed, party, self._diary(diaries, scope, deed), by_itself=False)

    def _is_outside_avg(self, deed: Deed) -> bool:
        """Police, prosecutor and whoever investigates offences (Wpg 8, 9, 13) tell under acts of their own.

        Not whoever was given their data: AVG 14 binds him, and 14(3)(c) when he passes them on.
        """
        if deed.regime is None:
            return False
        return deed.regime in {"Wpg-8", "Wpg-9", "Wpg-13"} or self.world.kinds.get(deed.who) in {"police", "judicial"}

    def _hand_over(self, deed: Deed, shelves: dict[tuple[str, str], set[Scope]]) -> None:
        """Whoever gets it has it, under whichever act of law and for whomever: of the sender, and of himself."""
        for party in deed.to:
            for whose in (deed.who, party):
                fill(shelves, [party], deed.categories, self.scope_of(deed, whose))

    def _disclose(self, deed: Deed, diaries: dict[Scope, Diary]) -> None:
        """AVG 14(3)(c): at the first disclosure at the latest; also of what was obtained before any covenant."""
        scope = self.scope_of(deed, deed.who)
        diary = self._diary(diaries, scope, deed)
        diary.parties.add(deed.who)
        diary.known_categories.update(deed.categories)
        if diary.began_with_person is None:
            diary.began_with_person = False
        diary.advance(deed.at, "first-disclosure")
        earlier = diaries.get((deed.who, None, None))
        if deed.covenant is not None and earlier and earlier.known_categories & set(deed.categories):
            earlier.advance(deed.at, "first-disclosure")

    def _obtain(self, deed: Deed, party: str, diary: Diary, *, by_itself: bool) -> None:
        """AVG 13: at once when it comes from the person; AVG 14(3)(b): at the first contact when it first did not."""
        is_own = by_itself and deed.source in {"data-subject", "own-observation"}
        if diary.began_with_person is None:
            diary.began_with_person = is_own
        diary.parties.add(party)
        diary.known_categories.update(deed.categories)
        diary.anyone_obtained = True
        diary.always_from_person = diary.always_from_person and is_own
        if is_own:
            is_contact = deed.source == "data-subject" and not diary.began_with_person
            diary.advance(deed.at, "first-contact" if is_contact else "collection")

    def _is_stranger(self, party: str, sender: str) -> bool:
        """Whether telling this party something is telling another: not oneself, not one's own processor."""
        if party == sender:
            return False
        is_processor = self.world.kinds.get(party) == "processor"
        return not (is_processor and self.world.works_for.get(party) in {None, sender})

    def scope_of(self, deed: Deed, party: str) -> Scope:
        """Who tells of it: whom the arrangement names that day (AVG 26), else the party itself."""
        day = deed.at.astimezone(HERE).date()
        for first, last, teller in self.world.tellers.get(deed.covenant or "", ()):
            if first <= day <= last and teller is not None:
                return teller, deed.covenant, deed.annex
        return party, deed.covenant, deed.annex

    @staticmethod
    def _diary(diaries: dict[Scope, Diary], scope: Scope, deed: Deed) -> Diary:
        if scope not in diaries:
            diaries[scope] = Diary(deed.at)
        return diaries[scope]

    def _judge(
        self, scope: Scope, diary: Diary, past: list[Deed | Telling | Silence], at: datetime, *, is_held: bool
    ) -> Answer:
        """The answer of one duty: told, kept silent about, fallen away, told in part, or open."""
        own = {scope[0], *diary.parties}
        owed = diary.owed()
        heard: dict[str, datetime] = {}
        spans: list[tuple[datetime, datetime, date | None]] = []
        for event in past:
            if isinstance(event, Telling) and event.who in own and is_about(event, scope):
                for element in owed if "all" in event.elements else event.elements:
                    heard.setdefault(element, event.at)
            elif isinstance(event, Silence) and event.who in own and (event.covenant is None or is_about(event, scope)):
                spans.append((event.at, last_instant(event, at), event.review))
        counts = carried(diary.due, spans)
        missing = tuple(element for element in owed if element not in heard)
        silent = [review for begun, ended, review in spans if begun <= at < ended]
        told_at = None if missing else max(heard[element] for element in owed)
        if told_at is not None:
            state = "done-late" if told_at > counts else "done"
        elif silent:
            state = "exempt"
        elif not is_held:
            state = "lapsed-unmet"
        else:
            state = "open" if missing == owed else "residual"
        until = None
        if state == "exempt" and None not in silent:
            until = max(review for review in silent if review is not None)
        return Answer(
            state,
            diary.due,
            counts,
            diary.moment,
            diary.opened,
            frozenset(diary.parties),
            owed,
            missing,
            told_at,
            until,
        )


def fill(
    shelves: dict[tuple[str, str], set[Scope]], parties: Iterable[str], categories: Iterable[str], scope: Scope
) -> None:
    """These parties now have these categories under this duty too."""
    for party in parties:
        for category in categories:
            shelves.setdefault((party, category), set()).add(scope)


def is_about(event: Telling | Silence, scope: Scope) -> bool:
    """Whether it names the covenant of the duty, and its annex or none in particular."""
    return event.covenant == scope[1] and event.annex in {None, scope[2]}


def last_instant(silence: Silence, at: datetime) -> datetime:
    """From when on the silence is over, as far as is known at ``at``."""
    by_date = NO_END if silence.review is None else midnight_after(silence.review)
    return by_date if silence.lifted is None or silence.lifted > at else min(by_date, silence.lifted)


def carried(due: datetime, spans: list[tuple[datetime, datetime, date | None]]) -> datetime:
    """The end of the unbroken silence in which ``due`` lies; ``due`` itself when it lies in none."""
    moment = due
    moved = True
    while moved:
        moved = False
        for begun, ended, _ in spans:
            if begun <= moment < ended:
                moment, moved = ended, True
    return moment


def midnight_after(day: date) -> datetime:
    """24:00 here."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), HERE)


@lru_cache(maxsize=4096)
def _month_later(day: date) -> datetime:
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    end = day.replace(day=1, month=month, year=year)
    for number in range(day.day, 0, -1):
        try:
            end = end.replace(day=number)
        except ValueError:
            continue
        break
    while end.weekday() in {5, 6} or end in set(days_off(end.year)):
        end += timedelta(days=1)
    return midnight_after(end)


def month_later(moment: datetime) -> datetime:
    """24:00 of the day a month on, carried over weekends and the holidays that nobody disputes."""
    return _month_later(moment.astimezone(HERE).date())


def days_off(year: int) -> Iterator[date]:
    """New Year, Easter Monday, Ascension, Whit Monday, King's day, Christmas; not Good Friday, not 5 May."""
    easter = easter_of(year)
    yield date(year, 1, 1)
    for days in (1, 39, 50):
        yield easter + timedelta(days=days)
    king = date(year, 4, 27)
    yield king if king.weekday() != 6 else date(year, 4, 26)
    yield date(year, 12, 25)
    yield date(year, 12, 26)


def easter_of(year: int) -> date:
    """Easter Sunday by Gauss' rule, good for 1900 to 2099."""
    a, b, c = year % 19, year % 4, year % 7
    d = (19 * a + 24) % 30
    e = (2 * b + 4 * c + 6 * d + 5) % 7
    if d == 29 and e == 6:
        return date(year, 4, 19)
    if d == 28 and e == 6 and a > 10:
        return date(year, 4, 18)
    return date(year, 3, 22) + timedelta(days=d + e)
