"""What is set aside of a record, what is told of it, and what is sent back."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.client.feed import dead_letters
from services.ledger.client.feed.dead_letters import Letter, choose, is_replay, letter_of, letters_left, original_of
from services.ledger.client.feed.lane_puller import Headers, Poison
from services.ledger.contract.cloud_events import Reason
from services.runtime import limits
from tests.support.poison import CANARY

NAMES = st.one_of(st.sampled_from(sorted({*dead_letters.OWN, "ce_type", "ce_sequence"})), st.text(max_size=5))
HEADERS = st.lists(st.tuples(NAMES, st.one_of(st.none(), st.binary(max_size=9))), max_size=6)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A record as a consumer gets it."""

    topic: str = "events"
    partition: int = 0
    offset: int = 0
    key: bytes | None = None
    value: bytes | None = None
    headers: Headers = ()


def kept(letter: Letter, offset: int) -> Kept:
    """The letter as it lies on the dead letters' topic."""
    return Kept(topic="dead", offset=offset, key=letter.key, value=letter.value, headers=letter.headers)


@given(HEADERS, st.one_of(st.none(), st.binary(max_size=9)), st.one_of(st.none(), st.binary(max_size=9)))
def test_whatever_it_is_it_comes_back_as_it_was(headers: Headers, key: bytes | None, value: bytes | None) -> None:
    """Key, value and headers (one without a value gets an empty one) come back; our marks never pass for its own."""
    record = Kept(partition=3, offset=41, key=key, value=value, headers=headers)
    letter = letter_of(Poison(record, Reason.BAD_JSON, None), "readers")
    (told,) = letters_left([kept(letter, 7)])
    assert (told.topic, told.partition, told.origin_offset, told.group) == ("events", 3, 41, "readers")
    original = original_of(kept(letter, 7))
    assert original.value == value
    assert original.key == (b"" if key is None and value is None else key)
    own = [(name, each or b"") for name, each in headers if name not in dead_letters.OWN]
    assert all(isinstance(each, bytes) for _, each in letter.headers), "the library sends nothing else"
    assert original.headers == [*own, (dead_letters.REPLAY, b"7")]
    assert is_replay(original.headers)


@given(st.lists(HEADERS, max_size=5))
def test_what_others_write_there_is_no_letter_or_says_only_words_of_ours(records: list[Headers]) -> None:
    """Whatever stands on that topic, the list does not fail and shows nothing that is not in a closed list."""
    for letter in letters_left([Kept(offset=at, headers=headers) for at, headers in enumerate(records)]):
        assert letter.reason in {*Reason, "unknown"}
        assert letter.event_type == "unknown" or letter.event_type.startswith("nl.grootboek.")


def test_a_record_that_was_set_aside_twice_is_listed_once() -> None:
    """A consumer that stopped between setting aside and settling does so again; sent back is sent back."""
    poison = Poison(Kept(offset=5, value=b"x"), Reason.BAD_JSON, None)
    again = [kept(letter_of(poison, "readers"), 0), kept(letter_of(poison, "readers"), 1)]
    other = kept(letter_of(poison, "others"), 2)
    assert [letter.offset for letter in letters_left([*again, other])] == [0, 2]
    mark = Kept(offset=3, headers=[(dead_letters.REPLAYED, b"0")])
    assert [letter.offset for letter in letters_left([*again, other, mark])] == [2]


def test_an_unknown_type_is_not_quoted() -> None:
    """The header of a type may hold anything."""
    for given_type in (CANARY.encode(), b"nl.grootboek.saskia.1", b"\xff", b"nl.grootboek.processing-recorded.Saskia"):
        record = Kept(headers=[("ce_type", given_type)])
        (told,) = letters_left([kept(letter_of(Poison(record, Reason.UNKNOWN_TYPE, None), "readers"), 0)])
        assert told.event_type == "unknown"


def test_what_is_too_large_leaves_its_content_behind() -> None:
    """A record that fills the topic's limit by itself cannot be kept with its origin; where it stands is known."""
    for record in (
        Kept(offset=9, value=b"x" * (limits.DEAD_LETTER_BYTES_MAX + 1)),
        Kept(offset=9, headers=[("x", b"x" * (limits.DEAD_LETTER_BYTES_MAX + 1))]),
    ):
        letter = letter_of(Poison(record, Reason.OVERSIZE, None), "readers")
        (told,) = letters_left([kept(letter, 0)])
        assert (told.origin_offset, told.is_whole) == (9, False)
        assert len(letter.headers) == 6


def test_only_letters_of_our_own_topics_are_sent_back() -> None:
    """A letter that names another topic, or no lane of ours, cannot make an operator write there."""
    origins = [("events", 0), ("elsewhere", 0), ("events", 1), ("events", 99)]
    letters = [
        kept(letter_of(Poison(Kept(topic=topic, partition=lane, offset=at), Reason.BAD_JSON, None), "readers"), at)
        for at, (topic, lane) in enumerate(origins)
    ]
    listed, places = letters_left(letters), {("events", 0), ("events", 1)}
    assert [letter.offset for letter in choose(listed, [], places)] == [0, 2]
    assert [letter.offset for letter in choose(listed, [1, 2, 3, 9], places)] == [2]
