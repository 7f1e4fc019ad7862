"""Make of a row in the outbox the message that leaves: its text, to whom, by which route."""

from __future__ import annotations

import msgspec

from services.notifier.application.compose import Composer
from services.notifier.application.open_letter import open_letter
from services.notifier.application.ports import LetterKeys, Waiting
from services.notifier.application.route_book import RouteBook
from services.notifier.domain.messages import Message, Route, short_digest
from services.notifier.domain.texts import Text


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A message with the route it takes and the word for whom it is meant."""

    message: Message
    route: Route
    addressed_to: str


class PrepareMessage:
    """Renders a row anew each time: of a letter nothing is kept in clear, of a message to a party only its facts."""

    def __init__(self, *, composer: Composer, keys: LetterKeys, routes: RouteBook) -> None:
        """Take what renders, what opens letters, and how parties are reached."""
        self._composer = composer
        self._keys = keys
        self._routes = routes

    def prepare(self, row: Waiting) -> Prepared | None:
        """The message of a row, or None when its route is no more. Raises LetterKeyGone or SealBroken."""
        if row.to_person:
            return self._prepare_letter(row)
        route = self._routes.find(row.party, row.route)
        if route is None:
            return None
        return Prepared(message=_message(row, route, self.texts_of(row)), route=route, addressed_to=row.party)

    def texts_of(self, row: Waiting) -> tuple[Text, ...]:
        """The text of a message to a party, whatever became of its route."""
        assert row.facts is not None, "a message to a party has its facts"
        return self._composer.to_party(row.template, row.facts)

    def _prepare_letter(self, row: Waiting) -> Prepared:
        assert row.sealed is not None, "a letter that waits is sealed"
        letter = open_letter(row.sealed, row.id, self._keys.find(row.id))
        route = Route(channel=letter.channel, addresses=letter.address)
        texts = self._composer.to_person(row.template, letter, row.at)
        return Prepared(message=_message(row, route, texts), route=route, addressed_to=letter.addressee)


def _message(row: Waiting, route: Route, texts: tuple[Text, ...]) -> Message:
    settled = {mark[1:] for mark in row.settled}
    return Message(
        id=row.id,
        kind=row.kind,
        template=row.template,
        mailbox=row.party,
        obligation=row.obligation,
        to_person=row.to_person,
        at=row.at,
        texts=texts,
        addresses=tuple(address for address in route.addresses if short_digest(address) not in settled),
        secret=route.secret,
    )
