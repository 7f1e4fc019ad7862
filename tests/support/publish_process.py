"""A publisher as a process of its own that dies between the acknowledgement of a chunk and its cursor."""

from __future__ import annotations

import os
import signal
import sys

from services.ledger.application.publish import PublishLane
from services.ledger.application.publish_ports import Lead
from services.ledger.entrypoints.lane_topic import LaneTopic
from services.ledger.storage.publication import LanePublication
from services.runtime.kafka import KafkaSettings


class DyingPublication(LanePublication):
    """Kills its own process, the hard way, instead of remembering the nth chunk."""

    chunks = 1

    def move(self, lead: Lead, position: int) -> None:
        """Remember a chunk, or die."""
        self.chunks -= 1
        if self.chunks == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        super().move(lead, position)


def main(conninfo: str, servers: str, prefix: str, chunks: str) -> None:
    """Publish lane 0 of one until there is nothing left, or until death."""
    settings = KafkaSettings(servers=(servers,), prefix=prefix, replication=1, min_insync=1)
    publication = DyingPublication(conninfo, 0)
    publication.chunks = int(chunks)
    publish = PublishLane(lane=0, publication=publication, outlet=LaneTopic(settings, lane=0, lanes=1))
    while publish.step():
        pass
    publish.let_go()


if __name__ == "__main__":
    main(*sys.argv[1:])
