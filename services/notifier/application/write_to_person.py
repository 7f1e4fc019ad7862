"""Write a letter to a person, if the person may be told anything at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from services.law.local_time import end_of_day
from services.notifier.application.open_letter import seal_letter
from services.notifier.application.ports import Ledger, LetterKeys, NewLetter, Store
from services.notifier.application.trace import NotifierTrace
from services.notifier.contract.letters import LetterState, PersonLetter, Written
from services.notifier.domain.causes import letter_id
from services.notifier.domain.errors import LetterRejected
from services.notifier.domain.kinds import TELLS, TEMPLATES
from services.notifier.domain.settings import ChannelSettings, is_mail_address
from services.runtime import limits
from services.runtime.clock import Clock
from services.runtime.errors import FieldError
from services.runtime.log import Log
from services.runtime.log_events import MESSAGES_HELD
from services.runtime.metrics import Metrics

ORDERED_AGAIN: Final[frozenset[LetterState]] = frozenset({"failed", "held"})
"""The states of a letter that nobody got and of which nothing is kept, so that it may be ordered again."""


class WriteToPerson:
    """The one door for messages to persons: here the open exemptions are asked first, and again when it leaves."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        keys: LetterKeys,
        channels: ChannelSettings,
        clock: Clock,
        log: Log,
        metrics: Metrics,
        trace: NotifierTrace | None = None,
    ) -> None:
        """Take who knows the exemptions, where keys live and which channels there are."""
        self._trace = trace or NotifierTrace()
        self._ledger = ledger
        self._keys = keys
        self._channels = channels
        self._clock = clock
        self._log = log
        self._metrics = metrics

    def write(self, letter: PersonLetter, store: Store) -> Written:
        """Put the letter in the outbox, once per cause; ``held`` and nothing kept when an exemption is open.

        One that failed, or was held when it was to leave, may be ordered again.
        Raises LetterRejected with every fault of the order.
        """
        if faults := tuple(find_faults(letter, self._channels)):
            raise LetterRejected(faults)
        message_id = letter_id(letter.cause, letter.kind, letter.controller, letter.channel)
        state = store.state_of(message_id)
        if state is not None and state not in ORDERED_AGAIN:
            return Written(id=message_id, state=state)
        if not self._ledger.may_tell_person(letter.lane, letter.stream_id):
            self._log.write(MESSAGES_HELD, kind=letter.kind, count=1)
            self._metrics.count("grootboek_messages_total", channel=letter.channel, outcome="held")
            return Written(id=message_id, state="held")
        key = self._keys.make(message_id)
        is_new = store.add_letter(
            NewLetter(
                id=message_id,
                lane=letter.lane,
                stream_id=letter.stream_id,
                obligation=letter.obligation,
                kind=letter.kind,
                controller=letter.controller,
                channel=letter.channel,
                template=TEMPLATES[letter.kind],
                sealed=seal_letter(letter, message_id, key),
                at=self._clock.now(),
                forget_at=None if letter.kept_until is None else end_of_day(letter.kept_until),
            )
        )
        self._trace.decided(message_id)
        return Written(id=message_id, state="waiting" if is_new else store.state_of(message_id) or "waiting")


def find_faults(letter: PersonLetter, channels: ChannelSettings) -> Iterator[FieldError]:
    """What is wrong with an order; values are not repeated."""
    if letter.channel == "smtp":
        yield from _mail_faults(letter, channels)
    elif not letter.address or len(letter.address) > limits.LETTER_ADDRESS_LINES_MAX:
        remedy = f"Give one to {limits.LETTER_ADDRESS_LINES_MAX} lines."
        yield FieldError("/address", "address-malformed", "An envelope has a few lines.", remedy)
    elif any(not line.strip() or len(line) > limits.LETTER_LINE_LENGTH_MAX for line in letter.address):
        yield FieldError("/address", "address-malformed", "A line is empty or too long.", "Shorten it or leave it out.")
    if not letter.salutation.strip() or len(letter.salutation) > limits.LETTER_LINE_LENGTH_MAX:
        yield FieldError("/salutation", "salutation-malformed", "A letter speaks to somebody.", "Write a short name.")
    for place, facts in (("/dutch", letter.dutch), ("/english", letter.english)):
        if facts is not None and facts.__struct_config__.tag != TELLS[letter.kind]:
            yield FieldError(
                place, "facts-of-other-kind", "These facts belong to another letter.", "Give those of its kind."
            )
        if facts is not None and is_too_long(facts):
            yield FieldError(place, "text-too-long", "A text or a list is too long.", "Say it in fewer words.")
        if facts is not None and has_hole(facts):
            yield FieldError(place, "text-missing", "A text says nothing.", "No letter leaves with a hole in it.")


def is_too_long(facts: object) -> bool:
    """Whether a text or a list of texts passes its bound."""
    return any(
        len(texts) > limits.LETTER_ITEMS_MAX
        or any(isinstance(text, str) and len(text) > limits.TEXT_LENGTH_MAX for text in texts)
        for texts in texts_of(facts)
    )


def has_hole(facts: object) -> bool:
    """Whether a text is there and says nothing; a list may be empty, and its text then says so."""
    return any(isinstance(text, str) and not text.strip() for texts in texts_of(facts) for text in texts)


def texts_of(facts: object) -> Iterator[tuple[object, ...]]:
    """What stands in each field."""
    for value in (getattr(facts, name) for name in facts.__class__.__struct_fields__):  # type: ignore[attr-defined]
        yield value if isinstance(value, tuple) else (value,)


def _mail_faults(letter: PersonLetter, channels: ChannelSettings) -> Iterator[FieldError]:
    if channels.smtp is None or not (channels.smtp.is_private or channels.development):
        yield FieldError("/channel", "smtp-missing", "There is no mail server that nobody overhears.", "Send a letter.")
    if len(letter.address) != 1 or not is_mail_address(letter.address[0]):
        yield FieldError("/address", "address-malformed", "This is not one mail address.", "Write name@host.")
