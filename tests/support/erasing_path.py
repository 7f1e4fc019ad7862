"""A way on which content is destroyed, from something fresh to destroy to the state that it must end in.

``work`` does it once, come what may. What is there then may be anything but half destroyed, or destroyed without being
on record; ``mend`` looks at that, brings the work to its end, looks at the end, and makes ready for the next time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import closing
from typing import Final

from tests.support.erasing_facts import Facts
from tests.support.erasing_world import ErasingWorld

VAULT_FILES: Final = {"vault", "vault.lock"}


class ErasingPath(ABC):
    """One way of destroying, on one ledger."""

    def __init__(self, world: ErasingWorld) -> None:
        """Make ready for the first time."""
        self.world = world
        self.prepare()

    def mend(self) -> None:
        """See that nothing is half done, do it to the end, see that it is, and make ready for the next time."""
        with closing(Facts(self.world.ledger)) as facts:
            self.check_moment(facts)
        self.finish()
        with closing(Facts(self.world.ledger)) as facts:
            self.check_moment(facts)
            self.check_end(facts)
            assert facts.files_of_the_vault() == VAULT_FILES, "copies of the vault lie about"
            assert facts.opens() == self.world.kept, "what is gone opens, or what stays does not"
        self.prepare()

    @abstractmethod
    def prepare(self) -> None:
        """Make something that can be destroyed, and something beside it that stays."""

    @abstractmethod
    def work(self) -> None:
        """Destroy it, or try to, once."""

    @abstractmethod
    def finish(self) -> None:
        """Do it to the end, however far it is."""

    @abstractmethod
    def check_moment(self, facts: Facts) -> None:
        """Assert what must be so at any moment."""

    @abstractmethod
    def check_end(self, facts: Facts) -> None:
        """Assert what must be so at the end."""
