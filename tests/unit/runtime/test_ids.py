"""Ids and randomness."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from services.runtime.clock import FakeClock
from services.runtime.ids import SeededIds, SystemIds, build_uuid7


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_uuid7_has_its_layout(milliseconds: int, randomness: bytes) -> None:
    """The milliseconds stand in front, version and variant in their places (RFC 9562)."""
    made = build_uuid7(milliseconds, randomness)
    assert made.int >> 80 == milliseconds
    assert made.version == 7
    assert made.variant == RFC_4122


def test_uuid7_matches_the_example_of_the_rfc() -> None:
    """The test vector of RFC 9562 appendix A.6 comes out."""
    randomness = (0xCC3 << 64 | 0x18C4DC0C0C07398F).to_bytes(10, "big")
    assert build_uuid7(0x017F22E279B0, randomness) == UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")


def test_system_ids_follow_their_clock() -> None:
    """Ids of a later millisecond sort later."""
    clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
    ids = SystemIds(clock)
    first = ids.uuid7()
    clock.advance(milliseconds=1)
    assert first < ids.uuid7()
    assert first.int >> 80 == int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)


def test_system_ids_do_not_repeat() -> None:
    """Neither ids nor random bytes come twice."""
    ids = SystemIds()
    assert len({ids.uuid4() for _ in range(1000)} | {ids.uuid7() for _ in range(1000)}) == 2000
    assert ids.random_bytes(32) != ids.random_bytes(32)


def test_seeded_ids_repeat_for_a_seed() -> None:
    """The same seed gives the same sequence, another seed another one."""

    def sequence(seed: int) -> list[object]:
        ids = SeededIds(seed, FakeClock(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=seed)))
        return [ids.uuid4(), ids.uuid7(), ids.random_bytes(12), ids.uuid7()]

    assert sequence(1) == sequence(1)
    assert sequence(1) != sequence(2)


def test_seeded_ids_without_clock_count_up() -> None:
    """Without a clock the time-ordered ids still sort in the order they were made."""
    ids = SeededIds(3)
    made = [ids.uuid7() for _ in range(50)]
    assert made == sorted(made)
    assert {each.version for each in made} == {7}
    assert ids.uuid4().version == 4
