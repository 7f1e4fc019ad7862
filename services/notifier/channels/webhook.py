"""Signed JSON to the systems of a party, over HTTPS, to hosts that the settings name and nowhere else.

The name is looked up once and that address is used, so that a second look-up cannot lead inside (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

import httpx
import msgspec

from services.notifier.channels.public_address import all_public
from services.notifier.domain.messages import Delivery, Message
from services.notifier.domain.settings import ChannelSettings, is_webhook_url
from services.notifier.domain.texts import plain
from services.runtime import limits
from services.runtime.clock import Clock

SIGNATURE_HEADER: Final = "Grootboek-Signature"
ID_HEADER: Final = "Grootboek-Message-Id"
_GONE: Final = 410
# Wrong for now rather than for good: slow down, too early, a proxy's time-out.
_PASSING: Final = frozenset({408, 425, 429})

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host."""


class WebhookChannel:
    """Implements the port ``Channel``. The receiver answers 2xx when it has the message; 410 ends the route."""

    def __init__(
        self,
        settings: ChannelSettings,
        clock: Clock,
        *,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """``resolve`` and ``tls`` are those of the system unless a test gives its own."""
        self._settings = settings
        self._clock = clock
        self._resolve = resolve or resolve_by_system
        self._tls = tls or ssl.create_default_context()

    def send(self, message: Message) -> Delivery:
        """Post the message; the whole of it, look-up and answer included, takes bounded time."""
        (url,) = message.addresses
        assert message.secret is not None, "the settings give every webhook a secret"
        if not is_webhook_url(url, self._settings):
            return Delivery(outcome="refused", reason="webhook-not-allowed")
        try:
            status = asyncio.run(self._bounded(url, message, message.secret))
        except TimeoutError:
            return Delivery(outcome="postponed", reason="timeout")
        except (httpx.HTTPError, OSError) as error:
            return Delivery(outcome="postponed", reason=type(error).__name__)
        return judge_status(status)

    def forget(self, message_id: UUID) -> None:
        """Nothing is kept here: the receiver has it."""

    async def _bounded(self, url: str, message: Message, secret: str) -> int | None:
        async with asyncio.timeout(limits.WEBHOOK_SECONDS_MAX):
            return await self._post(httpx.URL(url), message, secret)

    async def _post(self, url: httpx.URL, message: Message, secret: str) -> int | None:
        """The status of the answer, or None when the host has an address that is not public."""
        port = url.port or (443 if url.scheme == "https" else 80)
        addresses = await self._resolve(url.host, port)
        if not addresses or not (self._settings.development or all_public(addresses)):
            return None
        body = encode_body(message)
        headers = {
            "Host": url.netloc.decode(),
            "Content-Type": "application/json",
            "User-Agent": "grootboek-notifier/1",
            ID_HEADER: str(message.id),
            SIGNATURE_HEADER: sign(secret, int(self._clock.now().timestamp()), body),
        }
        # No proxy and no password file of the machine, no cookies, no redirects.
        async with httpx.AsyncClient(verify=self._tls, trust_env=False, timeout=limits.WEBHOOK_SECONDS_MAX) as client:
            return await _post_to_first(client, url, addresses, headers, body)


async def _post_to_first(
    client: httpx.AsyncClient, url: httpx.URL, addresses: list[str], headers: dict[str, str], body: bytes
) -> int:
    """The status from the first address that takes a connection; before that nothing has been sent to any."""
    *others, last = addresses
    for address in others:
        try:
            return await _post_to(client, url, address, headers, body)
        except httpx.ConnectError:
            continue
    return await _post_to(client, url, last, headers, body)


async def _post_to(
    client: httpx.AsyncClient, url: httpx.URL, address: str, headers: dict[str, str], body: bytes
) -> int:
    """Post to an address under the name of the host, which the certificate must show; only the status is read."""
    request = client.stream(
        "POST", url.copy_with(host=address), content=body, headers=headers, extensions={"sni_hostname": url.host}
    )
    async with request as answer:
        return answer.status_code


def judge_status(status: int | None) -> Delivery:
    """What an answer means: 2xx has it, 410 wants no more, other 4xx never will, all else is tried again."""
    if status is None:
        return Delivery(outcome="postponed", reason="address-not-public")
    if httpx.codes.is_success(status):
        return Delivery(outcome="delivered")
    reason = f"http-{status}"
    if status == _GONE:
        return Delivery(outcome="stopped", reason=reason)
    if httpx.codes.is_client_error(status) and status not in _PASSING:
        return Delivery(outcome="refused", reason=reason)
    return Delivery(outcome="postponed", reason=reason)


def encode_body(message: Message) -> bytes:
    """The message as JSON: what it is about and its words in each language."""
    body: dict[str, Any] = {
        "id": message.id,
        "kind": message.kind,
        "template": message.template,
        "party": message.mailbox,
        "obligation": message.obligation,
        "decidedAt": message.at,
        "texts": {text.language: {"title": text.title, "text": plain([text])} for text in message.texts},
    }
    return msgspec.json.encode(body)


def sign(secret: str, unix_seconds: int, body: bytes) -> str:
    """The header by which the receiver knows who sent this and when: HMAC-SHA-256 over ``<time>.<body>``."""
    signed = f"{unix_seconds}.".encode() + body
    return f"t={unix_seconds},v1={hmac.digest(secret.encode(), signed, hashlib.sha256).hex()}"


async def resolve_by_system(host: str, port: int) -> list[str]:
    """The addresses that the system knows for a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]
