"""Keyed hashes: the same person for the same asker, nobody for anybody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.errors import BsnInvalidError
from services.ledger.application.bounded_cache import BoundedCache
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.domain.scope import name_scope
from services.ledger.storage.vault_memory import MemoryVault

VAULT = MemoryVault()
PSEUDONYMS = Pseudonyms(vault=VAULT, lanes=4)


def test_two_spellings_are_one_person() -> None:
    """A BSN of eight digits is the one with its leading zero; another kind of number is another person."""
    assert PSEUDONYMS.person("BSN", "00000012") == PSEUDONYMS.person("BSN", "000000012")
    assert PSEUDONYMS.person("BSN", "000000012") != PSEUDONYMS.person("pasnummer", "000000012")
    with pytest.raises(BsnInvalidError):
        PSEUDONYMS.person("BSN", "010000009")


def test_refs_differ_per_asking_party() -> None:
    """Two parties cannot compare their refs; one party always gets the same ref."""
    person = PSEUDONYMS.person("BSN", "999990019")
    refs = {party: PSEUDONYMS.ref(party, person) for party in ("politie", "college")}
    assert len(set(refs.values())) == 2
    assert refs["politie"] == Pseudonyms(vault=VAULT, lanes=1).ref("politie", person)
    assert all(len(ref) == 32 for ref in refs.values())


def test_refs_of_several_keep_their_order() -> None:
    """The refs of several persons are those of each of them, in order; of nobody there are none."""
    persons = [PSEUDONYMS.person("BSN", bsn) for bsn in ("999990019", "999990020", "999990019")]
    assert PSEUDONYMS.refs("politie", persons) == [PSEUDONYMS.ref("politie", person) for person in persons]
    assert PSEUDONYMS.refs("politie", ()) == []


def test_case_numbers_are_blind_per_controller() -> None:
    """The same case number of two controllers has two indexes; a list is the same for all who work with it."""
    assert PSEUDONYMS.case_index("politie", "Z-1") != PSEUDONYMS.case_index("college", "Z-1")
    assert PSEUDONYMS.case_index("politie", "Z-1") == PSEUDONYMS.case_index("politie", "Z-1")
    assert PSEUDONYMS.list_index("jg") == Pseudonyms(vault=VAULT, lanes=1).list_index("jg")
    assert PSEUDONYMS.list_index("jg") != Pseudonyms(vault=MemoryVault(), lanes=1).list_index("jg")


def test_every_lane_is_used() -> None:
    """Persons spread over all lanes, and each always lands on the same one."""
    lanes = [PSEUDONYMS.place(b"person %d" % number)[0] for number in range(200)]
    assert set(lanes) == {0, 1, 2, 3}
    assert lanes == [PSEUDONYMS.lane_of(b"person %d" % number) for number in range(200)]


def test_the_most_precise_scope_wins() -> None:
    """A case before an annex, an annex before an activity, and the controller always."""
    scopes = [
        name_scope("a", "Z", "c", "x", "act"),
        name_scope("a", None, "c", "x", "act"),
        name_scope("a", None, "c", None, "act"),
        name_scope("a", None, None, None, "act"),
        name_scope("a"),
        name_scope("b"),
    ]
    assert len({PSEUDONYMS.scope(scope) for scope in scopes}) == len(scopes)


@given(first=st.lists(st.text(max_size=3), max_size=3), second=st.lists(st.text(max_size=3), max_size=3))
def test_scopes_never_run_together(first: list[str], second: list[str]) -> None:
    """("ab", "c") and ("a", "bc") are two scopes."""
    assert (PSEUDONYMS.scope(tuple(first)) == PSEUDONYMS.scope(tuple(second))) == (first == second)


def test_what_was_used_longest_ago_leaves_first() -> None:
    """Reading an entry keeps it; the untouched one makes room."""
    cache: BoundedCache[str, int] = BoundedCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c"), len(cache)) == (1, None, 3, 2)
    cache.drop("a")
    cache.clear()
    assert len(cache) == 0
