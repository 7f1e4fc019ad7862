"""One contract for every channel: the same id is the same message, bad weather postpones, nothing is kept back."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import pytest

from services.notifier.application.ports import Channel
from services.notifier.channels.folder import FolderChannel
from services.notifier.channels.letter import LetterChannel
from services.notifier.channels.mailboxes import Mailboxes
from services.notifier.channels.smtp import SmtpChannel
from services.notifier.channels.webhook import ID_HEADER, WebhookChannel
from services.notifier.domain.messages import Message
from services.notifier.domain.settings import ChannelSettings, SmtpSettings, WebhookSettings
from services.notifier.templates.library import TextLibrary
from services.runtime.clock import FakeClock
from tests.support.hook_server import hook_server
from tests.support.mail_server import mail_server
from tests.support.notifier import NOW, message

OTHER = UUID(int=77)


class Harness:
    """A channel with the world behind it: what reached it, and how to take it away."""

    def __init__(self, channel: Channel, received: Callable[[], set[str]], take_away: Callable[[], None]) -> None:
        self.channel = channel
        self.received = received
        self.take_away = take_away
        self.addresses: tuple[str, ...] = ()
        self.secret: str | None = None

    def message(self, **changes: object) -> Message:
        """A message that fits the channel."""
        return message(addresses=self.addresses, secret=self.secret, **changes)


def in_folder(tmp_path: Path, kind: str) -> Harness:
    """A channel that writes files."""
    boxes = tmp_path / "boxes"
    channel: Channel = (FolderChannel if kind == "folder" else LetterChannel)(Mailboxes(boxes))

    def take_away() -> None:
        (boxes / "college").write_bytes(b"a file where the folder should be")

    return Harness(channel, lambda: {path.stem for path in boxes.rglob("*") if path.is_file()}, take_away)


def by_mail(stack: ExitStack) -> Harness:
    """Mail to a real server."""
    server = stack.enter_context(mail_server())
    settings = SmtpSettings(host="127.0.0.1", port=server.port, sender="g@x.example", security="none", seconds=5)
    channel = SmtpChannel(settings, TextLibrary().to_html)

    def take_away() -> None:
        channel._settings = SmtpSettings(
            host="127.0.0.1", port=unused_port(), sender="g@x.example", security="none", seconds=5
        )

    harness = Harness(channel, lambda: {identity[1:37] for identity in server.ids}, take_away)
    harness.addresses = ("a@politie.example",)
    return harness


def by_webhook(stack: ExitStack) -> Harness:
    """A webhook to a real server."""
    server = stack.enter_context(hook_server())
    settings = ChannelSettings(development=True, webhook=WebhookSettings(hosts=("127.0.0.1",)))
    harness = Harness(
        WebhookChannel(settings, FakeClock(NOW)),
        lambda: {headers[ID_HEADER.lower()] for _, headers, _ in server.posts},
        lambda: setattr(harness, "addresses", (f"http://127.0.0.1:{unused_port()}/x",)),
    )
    harness.addresses, harness.secret = (f"http://127.0.0.1:{server.port}/x",), "s" * 32
    return harness


def unused_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(params=["folder", "letter", "smtp", "webhook"])
def harness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Harness]:
    """Each channel."""
    with ExitStack() as stack:
        if request.param == "smtp":
            yield by_mail(stack)
        elif request.param == "webhook":
            yield by_webhook(stack)
        else:
            yield in_folder(tmp_path, request.param)


def test_a_message_arrives(harness: Harness) -> None:
    """What the channel says it delivered, the other side has."""
    sent = harness.message()
    assert harness.channel.send(sent).outcome == "delivered"
    assert harness.received() == {str(sent.id)}


def test_a_repetition_is_recognised(harness: Harness) -> None:
    """A message that is sent again after a crash has the same id, so that it counts once; another one counts too."""
    for each in (harness.message(), harness.message(), harness.message(id=OTHER)):
        assert harness.channel.send(each).outcome == "delivered"
    assert harness.received() == {str(harness.message().id), str(OTHER)}


def test_bad_weather_postpones(harness: Harness) -> None:
    """A world that is away is no error and no refusal: the message waits, and the reason is a code."""
    harness.take_away()
    delivery = harness.channel.send(harness.message())
    assert delivery.outcome == "postponed"
    assert re.fullmatch(r"[A-Za-z0-9-]{1,60}", delivery.reason)


def test_odd_text_goes_through(harness: Harness) -> None:
    """Long lines, other scripts and dots at the start of a line arrive as well."""
    texts = TextLibrary().render(
        "erase-escalation@1",
        {
            "nl": {
                **dict.fromkeys(("covenant", "annex", "due", "first_said_on", "url")),
                "party": ".x" * 600,
                "controller": "Ğönül",
                "obligation": "o",
                "categories": (".", "From x", "ééé" * 500),
            }
        },
    )
    assert harness.channel.send(harness.message(texts=texts)).outcome == "delivered"


def test_forgetting_leaves_nothing_here(harness: Harness, tmp_path: Path) -> None:
    """What the channel itself keeps is gone; forgetting again, or what never was, is no error."""
    sent = harness.message()
    harness.channel.send(sent)
    for message_id in (sent.id, sent.id, OTHER):
        harness.channel.forget(message_id)
    assert list(tmp_path.rglob(f"*{sent.id}*")) == []
