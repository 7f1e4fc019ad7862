"""Events that come a second time, long after the first: sent back from the dead letters, or read back after a loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.ledger.contract import topics
from services.notifier.application.follow import FollowFeed
from services.notifier.domain.messages import Delivery
from tests.support.notifier import Event, FakeFeed, person_letter
from tests.support.notifier_world import World


class ReplayingFeed(FakeFeed):
    """A feed that hands out the first event once more, out of line."""

    def poll(self, limit: int) -> tuple[Sequence[Event], Mapping[int, int]]:
        """See EventFeed."""
        return self._events[:1], self.committed


def write_waiting_letter(world: World) -> UUID:
    """Order a letter that cannot be sent at first, an hour after a controller's dossiers were erased."""
    world.channels["letter"].answers = [Delivery(outcome="postponed", reason="OSError")]
    world.clock.advance(hours=1)
    written = world.write(person_letter())
    return written.id


def test_an_erasure_that_comes_again_leaves_what_was_written_since(world: World) -> None:
    """The person came back and is written to: that letter is none of the dossier that was erased."""
    world.ledger.append(topics.ERASED, controller="college")
    world.settle()
    letter = write_waiting_letter(world)
    world.settle()
    FollowFeed(feed=ReplayingFeed(world.ledger.events, world.store.cursor()), store=world.store).step()
    world.settle(days=1)
    assert [message.id for message in world.channels["letter"].sent] == [letter, letter]


def test_an_erasure_that_is_read_back_leaves_what_was_written_since(world: World) -> None:
    """A notifier that lost its state takes orders while it reads what had happened before."""
    world.ledger.append(topics.ERASED, controller="college")
    world.settle()
    world.lose_working_state()
    letter = write_waiting_letter(world)
    world.settle()
    world.settle(days=1)
    assert [message.id for message in world.channels["letter"].sent] == [letter, letter]
