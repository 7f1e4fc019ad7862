"""The ways on which keys in the file of the vault are destroyed: a day has ended, a week is over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from services.ledger.application.pseudonyms import day_key_id, week_key_id
from services.ledger.domain.identity import LEDGER, operation_id_of
from services.runtime import limits
from tests.support.erasing_facts import Facts
from tests.support.erasing_path import ErasingPath

A_WEEK: Final = 7


class EndingDay(ErasingPath):
    """A day is ended: its key in the file of the vault is destroyed, and with it all that was recorded until then."""

    def prepare(self) -> None:
        """Record something until a day, and something for ever; then let the day pass."""
        world = self.world
        person = world.next_person()
        self.number = world.persons
        ends = world.act(f"ended-{self.number}", person, period="P3D")
        world.record([ends, world.act(f"kept-{self.number}", person)])
        self.day: date = world.now.date() + timedelta(days=3)
        self.key_id = day_key_id(self.day)
        self.ended_id: UUID = operation_id_of(LEDGER, f"day-ended:{self.day.isoformat()}")
        world.pass_days(A_WEEK)

    def work(self) -> None:
        """End it."""
        self.world.try_command(f"end-day={self.day.isoformat()}")

    def finish(self) -> None:
        """End it until it has ended."""
        assert self.world.command(f"end-day={self.day.isoformat()}") == "ended"

    def check_moment(self, facts: Facts) -> None:
        """The key is destroyed only when the register says so, after it was announced; the rows only after the key."""
        (announced,) = facts.count_of(self.ended_id)
        is_gone = facts.is_day_gone(self.day.isoformat())
        has_key = facts.vault_keys()[self.key_id] is not None
        named = facts.registered()[self.key_id]
        assert announced <= 1
        assert named <= 1
        assert announced or not named, "the register names a day that was not ended"
        assert named or has_key, "destroyed, and the register does not know it"
        assert not is_gone or not has_key, "the day counts as ended, and its key is there"

    def check_end(self, facts: Facts) -> None:
        """The vault holds no key of the day, the register names it once, and the one beside it is shown."""
        assert facts.count_of(self.ended_id) == [1]
        assert facts.registered()[self.key_id] == 1
        assert facts.vault_keys()[self.key_id] is None
        assert facts.is_day_gone(self.day.isoformat())
        assert not self.world.sees(f"ended-{self.number}")
        assert self.world.sees(f"kept-{self.number}")


class RotatingWeek(ErasingPath):
    """Living dossiers are wrapped under this week's key; the key that no backup needs any more is destroyed."""

    def prepare(self) -> None:
        """Record something for ever, under the key of a week that then passes."""
        world = self.world
        person = world.next_person()
        self.number = world.persons
        world.record([world.act(f"kept-{self.number}", person)])
        world.pass_days(A_WEEK)
        self.key_id = week_key_id(world.now.date())

    def work(self) -> None:
        """Rotate."""
        self.world.try_command("rotate-week")

    def finish(self) -> None:
        """Rotate until it is done."""
        self.world.command("rotate-week")

    def check_moment(self, facts: Facts) -> None:
        """No living dossier hangs on a key that is gone, and no key is gone that the register does not name."""
        wrapping, keys, named = facts.wrapping_keys(), facts.vault_keys(), facts.registered()
        assert all(keys[key_id] is not None for key_id in wrapping), "a living dossier opens no more"
        gone = [key_id for key_id, key in keys.items() if key is None and key_id.startswith("week:")]
        assert all(named[key_id] == 1 for key_id in gone), "destroyed, and the register does not know it"

    def check_end(self, facts: Facts) -> None:
        """Everything hangs on this week's key; no older one is left than backups may need."""
        keys, named = facts.vault_keys(), facts.registered()
        assert facts.wrapping_keys() == {self.key_id}
        oldest = week_key_id(self.world.now.date() - timedelta(days=limits.BACKUP_DAYS_MAX + 2 * A_WEEK))
        left = [key_id for key_id, key in keys.items() if key is not None and key_id.startswith("week:")]
        assert min(left) > oldest, "a key is kept that nothing needs"
        assert all(keys[key_id] is None for key_id in named if key_id.startswith("week:")), "named, and not gone"
        assert self.world.sees(f"kept-{self.number}")
