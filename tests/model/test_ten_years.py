"""Years of acts, holds, prolongations and erasures on a scenario clock: nothing is unreadable early or readable late.

``make years`` plays ten years of 300 acts a day; ``make test`` a short life of the same kind.
"""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from tests.model.years import Life, play

DAYS = int(os.environ.get("DAYS") or 36)
ACTS_PER_DAY = int(os.environ.get("ACTS_PER_DAY") or 12)
LOOKED_AT = int(os.environ.get("LOOKED_AT") or 400)


@pytest.mark.parametrize("lanes", [1, 4])
def test_every_record_lives_exactly_as_long_as_it_may(database: str, tmp_path: Path, lanes: int) -> None:
    """On every day all that may be read opens and all that ended does not, holds are honoured, a rebuild is equal."""
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(2**32))
    print(f"seed {seed}, {DAYS} days of {ACTS_PER_DAY} acts, {lanes} lanes")
    life = Life(seed=seed, days=DAYS, acts_per_day=ACTS_PER_DAY, looked_at=LOOKED_AT)
    asyncio.run(play(life, database, tmp_path, lanes))
    assert life.faults == []
    assert life.looked > DAYS
