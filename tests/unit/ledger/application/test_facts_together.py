"""The facts of a whole batch are read together, and every verdict is that of each act alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from itertools import pairwise
from typing import Any, cast

import pytest

from services.law.act import Act, CovenantReference, Recipient
from services.law.context import Context, SubjectFacts
from services.law.errors import LawError
from services.law.governance import Covenant, Partner
from services.law.judgement import judge
from services.law.operations import VERBS_BY_CLASS
from services.ledger.application import facts as facts_module
from services.ledger.application.facts import Asked, Place
from services.ledger.application.links import Linker
from services.ledger.application.ports import EventReader, Opener
from services.ledger.application.prepare import asks_for_town
from services.ledger.application.seal_events import Ready
from services.ledger.contract.errors import IntentRefused, NotStored
from services.ledger.contract.messages import LinkBody, Receipt, SubjectIdentifier
from services.ledger.domain.fold_facts import fold_facts
from services.runtime import limits
from tests.bench.workload import bsn_of
from tests.support.recording import ENTRIES, NOW, FixedRegister, RecordingBench, act, caller, person, submission

HUIS = CovenantReference(id="huis", annex="groep")
ELSEWHERE = Covenant(
    id="elders",
    version=1,
    valid_from=date(2025, 1, 1),
    published=date(2025, 1, 1),
    regime=2,
    purpose="aanpak",
    territory=("Stad C",),
    partners=(Partner(party="burgemeester"), Partner(party="politie")),
)


class Watched:
    """A port that counts how often it is asked, of how many things at most, and how many it found at most."""

    def __init__(self, port: Any, asked: Counter[str]) -> None:
        """Pass everything on to ``port``."""
        self._port = port
        self._asked = asked

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(things: Any, *more: Any) -> Any:
            answer = getattr(self._port, name)(things, *more)
            self._asked["questions"] += bool(answer)
            self._asked[name] = max(self._asked[name], len(answer))
            self._asked[f"{name} of"] = max(self._asked[f"{name} of"], len(things))
            return answer

        return ask


@pytest.fixture
def bench() -> RecordingBench:
    """Give an empty ledger whose register knows a covenant elsewhere."""
    bench = RecordingBench()
    bench.register = FixedRegister([*ENTRIES, ELSEWHERE])
    bench.restart()
    return bench


def watch(bench: RecordingBench) -> Counter[str]:
    """Count from now on what is asked for the facts of the next call."""
    asked: Counter[str] = Counter()
    reader = bench.facts
    reader._reader = cast(EventReader, Watched(bench.ledger, asked))
    reader._opener = cast(Opener, Watched(bench.opener, asked))
    reader._links = cast(Any, Watched(bench.directory, asked))
    return asked


def share(*numbers: int, **fields: Any) -> Act:
    """The police share what they have of these persons with the mayor."""
    usual: dict[str, Any] = {
        "operation": "disclose-by-transmission",
        "controller": "politie",
        "data_regime": "Wpg-8",
        "subjects": tuple(person(bsn_of(number)) for number in numbers),
        "recipients": (Recipient(party="burgemeester"),),
    }
    return act(**usual | fields)


def erase(*numbers: int, **fields: Any) -> Act:
    """The mayor erases what he has of these persons."""
    return act(operation="erase", subjects=tuple(person(bsn_of(number)) for number in numbers), **fields)


def book(bench: RecordingBench, numbers: Iterable[int], key: str = "h") -> None:
    """The police and the mayor record something of each."""
    for party in ("politie", "burgemeester"):
        bodies = [act(controller=party, subjects=(person(bsn_of(number)),)) for number in numbers]
        bench.record(*bodies, party=party, key=key)


def link(bench: RecordingBench, first: int, second: int) -> None:
    """Two numbers are one person."""
    verb = Linker(writer=bench.writer, people=bench.people, pseudonyms=bench.pseudonyms)
    one, other = (SubjectIdentifier(id_type="BSN", id=bsn_of(number)) for number in (first, second))
    body = LinkBody(first=one, second=other, reason="same face")
    bench.run(lambda: verb.link(caller(), f"l{first}", body))


def place_of(bench: RecordingBench, number: int) -> Place:
    """Where the stream of a person lies whom the ledger knows."""
    canonical = bench.pseudonyms.person("BSN", bsn_of(number))
    lookup = bench.pseudonyms.place(canonical)
    found = bench.people.find([(lookup, canonical)])[lookup]
    return found.lane, found.stream_id


@pytest.mark.parametrize(("town", "expected"), [("Middelstad", 3), (None, 5)])
def test_a_batch_asks_no_more_often_than_two_acts(bench: RecordingBench, town: str | None, expected: int) -> None:
    """Sixty shares on sixty persons ask for links, lengths and events once, and for contents if no town is said."""
    book(bench, range(60))
    for count in (2, 60):
        people = [person(bsn_of(number), municipality=town) for number in range(count)]
        bodies = [share(covenant=HUIS, subjects=(one,)) for one in people]
        asked = watch(bench)
        receipts = bench.record(*bodies, party="politie", key=f"s{count}-")
        assert all(isinstance(receipt, Receipt) for receipt in receipts)
        assert asked["questions"] == expected


def test_one_act_asks_for_no_lengths(bench: RecordingBench) -> None:
    """Who is alone has no page to fill: links and events are all that is asked."""
    book(bench, [1])
    asked = watch(bench)
    bench.record(share(1), party="politie")
    assert (asked["questions"], asked["lengths_of_streams"]) == (2, 0)


def test_histories_are_read_in_pages(bench: RecordingBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more events than the bound are read at once unless one person has more, and everybody's facts are the same."""
    for number, times in enumerate((2, 1, 3, 9, 1)):
        for time in range(times):
            book(bench, [number], key=f"{number}-{time}-")
    monkeypatch.setattr(limits, "FACT_EVENTS_MAX", 8)
    places = [place_of(bench, number) for number in range(5)]
    asked = [Asked((places[0], places[1])), Asked(()), Asked((places[3],)), Asked((places[2], places[4]))]
    alone = [bench.facts.read_known(one.places) for one in asked]
    count, reader = watch(bench), bench.facts
    assert list(reader.read_each(asked)) == list(zip(asked, alone, strict=True))
    assert (count["questions"], count["clear_of_streams"]) == (5, 18)
    count.clear()
    assert [known for _, known in reader.read_each([asked[0], asked[3]])] == [alone[0], alone[3]]
    assert (count["questions"], count["clear_of_streams"]) == (4, 8)


def test_only_those_are_read_of_whom_nothing_stands_before(bench: RecordingBench) -> None:
    """Of acts that must wait, for one in the batch or one under way, nothing is read before their turn."""
    book(bench, [1, 2, 3])
    asked = watch(bench)

    async def ask(work: Callable[[], Any]) -> Any:
        return work()

    async def twice() -> list[list[str]]:
        first, second = (
            bench.preparer.items(caller("politie"), [submission(share(n), f"s{call}-{n}") for call, n in acts])
            for acts in ([(1, 1), (2, 1), (3, 2)], [(4, 2), (5, 3)])
        )
        made = await bench.preparer.prepare(first, [], ask)
        ready = [one for one in made if isinstance(one, Ready)]
        later = await bench.preparer.prepare(second, [ready], ask)
        return [[type(one).__name__ for one in outcomes] for outcomes in (made, later)]

    assert bench.run(twice) == [["Ready", "Deferred", "Ready"], ["Deferred", "Ready"]]
    assert asked["closure of"] == 2
    assert asked["questions"] == 3 + 2


def test_acts_under_several_numbers_stand_in_order_of_recording() -> None:
    """Whatever stream they stand on; the position is that in the lane of the own stream, whichever that is."""
    bench = RecordingBench(lanes=4)
    lanes = {number: bench.pseudonyms.place(bench.pseudonyms.person("BSN", bsn_of(number)))[0] for number in range(99)}
    first, second = 0, next(number for number, lane in lanes.items() if lane != lanes[0])
    for time, number in enumerate((first, second, second, first, second)):
        bench.clock.advance(hours=1)
        bench.record(act(subjects=(person(bsn_of(number)),), purpose=f"purpose {time}"), key=f"r{time}-")
    link(bench, first, second)
    places = [place_of(bench, number) for number in (first, second)]
    found = bench.facts.read(places)
    for place in places:
        assert [past.purpose for past in found[place].acts] == [f"purpose {time}" for time in range(5)]
    assert [found[place].position for place in places] == [3, 4]


def test_nothing_is_asked_about_whom_nothing_was_stored(bench: RecordingBench) -> None:
    """A stream that was made for a person, and of which nothing came, is no reason to read."""
    bench.people.begin(bench.pseudonyms.place(bench.pseudonyms.person("BSN", bsn_of(1))))
    asked = watch(bench)
    assert isinstance(bench.record(share(1), party="politie")[0], Receipt)
    assert asked["closure of"] == 0


def test_who_was_never_stored_need_not_be_waited_for(bench: RecordingBench) -> None:
    """An intent on a stranger that is refused leaves nothing behind, and the next act is judged in the same batch."""
    book(bench, [2])
    intent = act(tense="intent", covenant=HUIS, data_categories=("image",), subjects=(person(bsn_of(1)),))
    refusal, receipt = bench.record(intent, erase(1, 2))
    assert isinstance(refusal, IntentRefused)
    assert isinstance(receipt, Receipt)
    *_, first, second = bench.events()
    assert [envelope.facts_position for _, envelope in (first, second)] == [0, 2]


def test_facts_that_do_not_fold_fail_their_own_acts_only(
    bench: RecordingBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acts that need that person are not stored, the second one neither; the others in the call are, in order."""
    book(bench, [1, 2, 3])
    broken = place_of(bench, 2)[1]
    streams = {envelope.operation_id: event.stream_id for event, envelope in bench.events()}

    def fold(events: Iterable[Any], **fields: Any) -> SubjectFacts:
        known = list(events)
        if any(streams.get(envelope.operation_id) == broken for _, envelope in known):
            raise LawError
        return fold_facts(known, **fields)

    monkeypatch.setattr(facts_module, "fold_facts", fold)
    answers = bench.record(share(1), share(2), share(4, 2), share(3), share(2), share(3), party="politie")
    assert [type(answer) for answer in answers] == [Receipt, NotStored, NotStored, Receipt, NotStored, Receipt]
    stored = {envelope.key: envelope.facts_position for _, envelope in bench.events() if envelope.key.startswith("k")}
    assert list(stored) == ["k1", "k4", "k6"]
    with pytest.raises(LawError):
        bench.facts.read_known([place_of(bench, 1), place_of(bench, 2)])


def test_acts_on_one_person_keep_their_order(bench: RecordingBench) -> None:
    """Each act that needs facts is judged on all that stands before it, alone in the batch or among others."""
    book(bench, range(4))
    bodies = [share(number % 4, (number + 1) % 4) for number in range(12)]
    bench.record(*bodies, party="politie")
    stored = [(event, envelope) for event, envelope in bench.events() if envelope.key.startswith("k")]
    assert len(stored) == 24
    for number in range(4):
        own = [(e, v) for e, v in stored if e.stream_id == place_of(bench, number)[1]]
        assert [int(v.key[1:]) for _, v in own] == sorted(int(v.key[1:]) for _, v in own)
        assert [v.facts_position for _, v in own][1:] == [event.position for event, _ in own][:-1]


def test_links_are_followed_as_far_as_for_one_act_alone(bench: RecordingBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person with more links than are followed is the same person, whoever else is in the batch."""
    for first, second in pairwise(range(6)):
        link(bench, first, second)
    book(bench, range(7))
    monkeypatch.setattr(limits, "LINKED_STREAMS_MAX", 2)
    asked = [Asked((place_of(bench, number),)) for number in (0, 6)]
    alone = [bench.facts.read_known(one.places) for one in asked]
    assert [len(known[one.places[0]].facts.acts) for one, known in zip(asked, alone, strict=True)] == [8, 2]
    assert [known for _, known in bench.facts.read_each(asked)] == alone


@pytest.mark.parametrize(
    ("fields", "opened"),
    [
        ({"covenant": HUIS}, 0),
        ({"covenant": HUIS, "subjects": (person(bsn_of(1), municipality=None),)}, 2),
        ({"subjects": (person(bsn_of(1), municipality=None),)}, 0),
    ],
)
def test_contents_are_opened_for_acts_that_leave_the_town_out(
    bench: RecordingBench, fields: dict[str, Any], opened: int
) -> None:
    """No rule looks at where the ledger knows a person to live when the act says it, or names no covenant."""
    book(bench, [1])
    bench.record(share(1), party="politie", key="earlier")
    asked = watch(bench)
    bench.record(share(1, **fields), party="politie")
    assert asked["open"] == opened


def test_contents_are_opened_a_few_at_a_time(bench: RecordingBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many persons the town is asked of, each has the newest one that the asker may know."""
    towns = [("Dorp B", "Stad C"), ("Dorp D", None), (None, None), ("Stad E", "Dorp F", None)]
    for number, told in enumerate(towns):
        bodies = [act(subjects=(person(bsn_of(number), municipality=town),)) for town in told]
        bench.record(*bodies, key=f"h{number}-")
        other = act(controller="college", subjects=(person(bsn_of(number), municipality="Elders"),))
        bench.record(other, party="college", key=f"h{number}-")
    monkeypatch.setattr(limits, "FACT_CONTENTS_AT_ONCE_MAX", 2)
    asked = [Asked((place_of(bench, number),), "burgemeester") for number in range(4)]
    count = watch(bench)
    found = [known for _, known in bench.facts.read_each(asked) if not isinstance(known, LawError)]
    expected = ["Stad C", "Dorp D", None, "Dorp F"]
    assert [person.facts.municipality for known in found for person in known.values()] == expected
    assert (count["open of"], count["open"]) == (2, 2)


@pytest.mark.parametrize("operation", [verbs[0] for verbs in VERBS_BY_CLASS.values()])
@pytest.mark.parametrize(
    "fields",
    [
        {"subjects": (person(bsn_of(1), municipality=None),)},
        {"covenant": HUIS, "subjects": (person(bsn_of(1)), person(bsn_of(2), municipality="Stad C"))},
    ],
    ids=["without a covenant", "with every town"],
)
def test_no_rule_looks_at_a_town_that_is_not_asked_for(
    bench: RecordingBench, operation: str, fields: dict[str, Any]
) -> None:
    """The verdict is the same wherever the ledger knows the persons to live."""
    body = act(operation=operation, recipients=(Recipient(party="politie"),), **fields)
    assert not asks_for_town(body)
    verdicts = [verdict_on(bench, body, town) for town in (None, "Middelstad", "Stad C")]
    assert verdicts == verdicts[:1] * 3


def test_a_town_that_is_asked_for_decides(bench: RecordingBench) -> None:
    """Where a share under a covenant leaves the town out, the verdict hangs on it: so it must be read."""
    body = act(
        operation="make-available",
        recipients=(Recipient(party="politie"),),
        covenant=HUIS,
        subjects=(person(bsn_of(1), municipality=None),),
    )
    assert asks_for_town(body)
    assert "covenant-choice-open" in verdict_on(bench, body, "Stad C")
    assert "covenant-choice-open" not in verdict_on(bench, body, None)


def verdict_on(bench: RecordingBench, body: Act, town: str | None) -> tuple[str, ...]:
    """What is found when the ledger knows everybody to live there."""
    known = [SubjectFacts(municipality=town) for _ in body.subjects]
    return tuple(found.code for found in judge(body, Context(bench.register.current(), known, NOW)).findings)
