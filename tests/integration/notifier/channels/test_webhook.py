"""Webhooks against a real HTTP server, well-behaved and not."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.notifier.channels.webhook import WebhookChannel
from services.notifier.domain.messages import Delivery
from services.notifier.domain.settings import ChannelSettings, WebhookSettings
from services.runtime import limits
from services.runtime.clock import FakeClock
from tests.support.hook_server import HookServer, hook_server
from tests.support.mail_server import Certificate, certificate
from tests.support.notifier import NOW, message

__all__ = ["certificate"]

SECRET = "een geheim van tweeëndertig tekens"


@pytest.fixture
def server() -> Iterator[HookServer]:
    """A server over plain HTTP, as development allows."""
    with hook_server() as hooks:
        yield hooks


def channel(
    *, development: bool = True, hosts: tuple[str, ...] = ("127.0.0.1", "localhost"), **more: Any
) -> WebhookChannel:
    """A channel with these settings."""
    settings = ChannelSettings(development=development, webhook=WebhookSettings(hosts=hosts))
    return WebhookChannel(settings, FakeClock(NOW + timedelta(minutes=5)), **more)


def send(server: HookServer, **more: Any) -> Delivery:
    """Post the message to the server."""
    url = f"http://127.0.0.1:{server.port}/grootboek?x=1"
    return channel(**more).send(message(addresses=(url,), secret=SECRET))


def test_a_post_is_signed_and_names_its_message(server: HookServer) -> None:
    """The receiver can check who sent it and when, and recognise a repetition."""
    assert send(server) == Delivery(outcome="delivered")
    ((path, headers, body),) = server.posts
    assert path == "/grootboek?x=1"
    assert headers["host"] == f"127.0.0.1:{server.port}"
    assert headers["grootboek-message-id"] == str(message().id)
    assert headers["content-type"] == "application/json"
    stamp, signature = (part.partition("=")[2] for part in headers["grootboek-signature"].split(","))
    assert int(stamp) == int((NOW + timedelta(minutes=5)).timestamp())
    assert signature == hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, "sha256").hexdigest()


def test_the_body_says_what_it_is_about(server: HookServer) -> None:
    """Ids and words in both languages."""
    send(server)
    body = json.loads(server.posts[0][2])
    assert (body["id"], body["kind"], body["obligation"]) == (str(message().id), "inform-due", "inform-1")
    assert (body["party"], body["template"], body["decidedAt"]) == ("college", "inform-due@1", "2026-05-04T09:00:00Z")
    assert set(body["texts"]) == {"nl", "en"}
    assert body["texts"]["nl"]["title"].startswith("Vertel de persoon")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, "delivered"), (410, "stopped"), (404, "refused"), (503, "postponed"), (429, "postponed")],
)
def test_the_status_decides(server: HookServer, status: int, outcome: str) -> None:
    """2xx delivered, 410 stops, other 4xx are for good, the rest is tried again."""
    server.statuses = [status]
    assert send(server).outcome == outcome


def test_a_redirect_is_not_followed(server: HookServer) -> None:
    """The signed body goes where the settings say and nowhere else."""
    server.statuses, server.headers = [302], [("Location", f"http://127.0.0.1:{server.port}/elders")]
    assert send(server) == Delivery(outcome="postponed", reason="http-302")
    assert [path for path, _, _ in server.posts] == ["/grootboek?x=1"]


def test_silence_is_given_up(server: HookServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a bounded time the message waits."""
    monkeypatch.setattr(limits, "WEBHOOK_SECONDS_MAX", 0.2)
    server.behaviour = "silent"
    assert send(server) == Delivery(outcome="postponed", reason="timeout")


def test_an_answer_without_end_is_not_read(server: HookServer) -> None:
    """Only the status counts; a body of a terabyte costs nothing."""
    server.behaviour = "endless"
    server.statuses = [200]
    assert send(server) == Delivery(outcome="delivered")


def test_addresses_inside_are_never_asked(server: HookServer) -> None:
    """Without development a named host that leads to a private address gets no connection."""

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    with_private_address = channel(development=False, hosts=("partner.example",), resolve=resolve)
    sent = with_private_address.send(message(addresses=(f"https://partner.example:{server.port}/",), secret=SECRET))
    assert sent == Delivery(outcome="postponed", reason="address-not-public")
    assert server.posts == []


def test_a_host_that_settings_do_not_name_is_refused(server: HookServer) -> None:
    """Even for a message that was decided when they still did."""
    assert send(server, hosts=("elders.example",)) == Delivery(outcome="refused", reason="webhook-not-allowed")
    assert server.posts == []


def test_a_host_that_is_not_known_postpones() -> None:
    """Its name may come back."""

    async def resolve(host: str, port: int) -> list[str]:
        raise OSError

    unknown = channel(hosts=("partner.example",), resolve=resolve)
    assert unknown.send(message(addresses=("https://partner.example/",), secret=SECRET)).outcome == "postponed"


def test_the_certificate_must_be_of_the_name(certificate: Certificate) -> None:
    """The address that was looked up is used, and yet the name of the settings must stand in the certificate."""

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    with hook_server(certificate.of_server()) as server:
        for host, outcome in (("partner.example", "delivered"), ("elders.example", "postponed")):
            over_tls = channel(hosts=(host,), resolve=resolve, tls=certificate.of_client())
            url = f"https://{host}:{server.port}/"
            assert over_tls.send(message(addresses=(url,), secret=SECRET)).outcome == outcome
        assert [headers["host"] for _, headers, _ in server.posts] == [f"partner.example:{server.port}"]


def test_a_certificate_that_nobody_vouches_for_is_not_believed(certificate: Certificate) -> None:
    """The system's own trust is asked."""
    with hook_server(certificate.of_server()) as server:
        unknown = channel(hosts=("127.0.0.1",))
        sent = unknown.send(message(addresses=(f"https://127.0.0.1:{server.port}/",), secret=SECRET))
    assert sent == Delivery(outcome="postponed", reason="ConnectError")


def test_proxies_of_the_machine_are_not_used(server: HookServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment variable does not lead our messages elsewhere."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert send(server).outcome == "delivered"


def test_names_are_looked_up_by_the_system(server: HookServer) -> None:
    """A name of this machine works in development."""
    url = f"http://localhost:{server.port}/"
    assert channel().send(message(addresses=(url,), secret=SECRET)).outcome == "delivered"


def test_of_several_addresses_the_first_that_answers_is_used(server: HookServer) -> None:
    """A host with one address that is down is reached by the next one, and gets the message once."""

    async def resolve(host: str, port: int) -> list[str]:
        return ["::1", "127.0.0.1"]

    url = f"http://partner.example:{server.port}/"
    sent = channel(hosts=("partner.example",), resolve=resolve).send(message(addresses=(url,), secret=SECRET))
    assert sent.outcome == "delivered"
    assert len(server.posts) == 1
