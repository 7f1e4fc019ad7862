"""How each party wants to be reached, and which of those ways have told us to stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.notifier.domain.messages import Route

FOLDER: Final = Route(channel="folder")
"""Where a message goes for which there is no other way: nothing is ever lost for want of an address."""


class RouteBook:
    """The routes of the settings; one that was stopped is tried again when notifier starts anew."""

    def __init__(self, routes: Mapping[str, tuple[Route, ...]]) -> None:
        """Take the routes by party."""
        self._routes = routes
        self._stopped: set[str] = set()

    def routes_of(self, party: str) -> tuple[Route, ...]:
        """The ways to reach a party that work; the folder when there is none."""
        living = tuple(route for route in self._routes.get(party, ()) if route.key not in self._stopped)
        return living or (FOLDER,)

    def find(self, party: str, key: str) -> Route | None:
        """The route of a party with this key, if it still stands and still works."""
        if key == FOLDER.key:
            return FOLDER
        return next((route for route in self.routes_of(party) if route.key == key), None)

    def stop(self, key: str) -> None:
        """Ask this route no more."""
        self._stopped.add(key)
