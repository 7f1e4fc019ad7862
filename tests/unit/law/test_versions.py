"""How a version of a register entry ends, and what stands of it then and before."""

from __future__ import annotations

from datetime import UTC, date, datetime

from msgspec.structs import replace

from services.law.governance import Addendum, Entry, Interpretation, Mandate, Party
from services.law.register import Known, Register
from services.law.versions import ends_sooner, standing, version_before
from tests.unit.law.builders import covenant

DAY = date(2026, 6, 1)
MANDATE = Mandate(id="m", from_="mayor", to="youth", valid_from=date(2026, 1, 1))
ENDED = replace(MANDATE, valid_until=DAY)


def _known(*entries: Entry) -> list[Known]:
    return [Known(entry, p, datetime(2026, 1, p, tzinfo=UTC)) for p, entry in enumerate(entries, start=1)]


def test_an_ended_version_is_gone_after_its_last_day_and_was_there_before() -> None:
    """The open one does not come back behind its end; at an earlier instant nobody knew of any end."""
    known = Register(_known(MANDATE, ENDED))
    assert [known.mandates(date(2026, month, 1)) for month in (1, 6, 7)] == [(ENDED,), (ENDED,), ()]
    for then in (known.known_until(1), known.known_at(datetime(2026, 1, 1, tzinfo=UTC))):
        assert then.mandates(date(2027, 1, 1)) == (MANDATE,)
    assert [known.entry for known in known.history] == [MANDATE, ENDED]


def test_an_end_that_becomes_known_late_goes_before_no_other_version() -> None:
    """Where two versions overlap the one that went first still does, whichever is ended last."""
    old = Party(id="p", kind="police")
    new = Party(id="p", kind="judicial", valid_from=date(2026, 1, 1))
    known = Register(_known(old, new, replace(old, valid_until=date(2026, 12, 31))))
    assert known.party("p", DAY) == new
    assert known.party("p", date(2025, 12, 31)) == replace(old, valid_until=date(2026, 12, 31))


def test_what_joins_a_covenant_is_ended_too() -> None:
    """An addendum and a reading hold until their end, and the text of the covenant itself after it."""
    joined = Addendum(id="a", covenant="house", valid_from=date(2026, 1, 1))
    read = Interpretation(id="i", covenant="house", regime=3, by="mayor", text="t", valid_from=date(2026, 1, 1))
    known = Register(_known(covenant(), joined, read, replace(joined, valid_until=DAY), replace(read, valid_until=DAY)))
    assert [len(known.addenda_of("house", day)) for day in (DAY, date(2026, 6, 2))] == [1, 0]
    assert known.interpretation_of("house", DAY) == replace(read, valid_until=DAY)
    assert known.interpretation_of("house", date(2026, 6, 2)) is None


def test_ending_an_old_reading_does_not_make_it_the_newest() -> None:
    """Of two readings that began on one day the one registered last holds, whichever got its end last."""
    first = Interpretation(id="one", covenant="house", regime=1, by="mayor", text="t", valid_from=date(2026, 1, 1))
    second = replace(first, id="two", regime=3)
    known = Register(_known(covenant(), first, second, replace(first, valid_until=date(2026, 12, 31))))
    assert known.interpretation_of("house", DAY) == second


def test_an_end_only_comes_sooner() -> None:
    """Open to a day, or a day to an earlier one; nothing else, and never for another kind."""
    assert ends_sooner(MANDATE, ENDED)
    assert ends_sooner(ENDED, replace(MANDATE, valid_until=date(2026, 5, 31)))
    assert not ends_sooner(ENDED, ENDED)
    assert not ends_sooner(ENDED, replace(MANDATE, valid_until=date(2026, 6, 2)))
    assert not ends_sooner(ENDED, MANDATE)
    assert not ends_sooner(MANDATE, replace(ENDED, to="school"))
    assert not ends_sooner(Party(id="m", kind="police"), ENDED)


def test_what_stands_is_the_last_of_every_version_in_its_first_place() -> None:
    """By kind, id and version; the version before an entry is what stands under its own key."""
    other = Mandate(id="m", from_="mayor", to="youth")
    history = _known(MANDATE, other, Party(id="m", kind="police"), ENDED)
    assert [known.entry for known in standing(history)] == [ENDED, other, history[2].entry]
    assert version_before(MANDATE, history) == history[3]
    assert version_before(MANDATE, history[:3]) == history[0]
    assert version_before(Mandate(id="n", from_="mayor", to="youth"), history) is None
    assert version_before(replace(MANDATE, valid_from=DAY), history) is None
