"""Seeds that can be given, numbers that can be raised, and figures in one line that docs/guarantees.md can quote."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from math import ceil

from tests.support.chaos_oracle import Judgement


def seed_of(name: str) -> int:
    """The seed of a test: ``SEED``, or a new one, printed so that a failure can be played again."""
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(2**32))
    print(f"chaos {name} seed {seed} (play it again with SEED={seed})")
    return seed


def number_of(name: str, usual: int) -> int:
    """How many faults: what the environment says, or as few as ``make test`` has time for."""
    return int(os.environ.get(name) or usual)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def tell(name: str, judgement: Judgement | None = None, ready: Sequence[float] = (), **counts: object) -> None:
    """Print the figures of one test."""
    said = [f"{count} {what.replace('_', ' ')}" for what, count in counts.items()]
    if judgement is not None:
        said += [
            f"{judgement.acknowledged} operations acknowledged",
            f"{judgement.refused} refused",
            f"{judgement.rejected} rejected",
            f"{judgement.unknown} unknown",
            f"{judgement.events} events",
            f"{len(judgement.faults)} lost or doubled",
        ]
    if ready:
        shares = (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
        times = ", ".join(f"{word} {percentile(ready, share):.2f} s" for word, share in shares)
        said.append(f"ready again {times}")
    print(f"chaos {name}: {', '.join(said)}")
