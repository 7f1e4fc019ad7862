"""The ways from one process of ours to the others, each call with proof of who makes it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from functools import partial

from services.runtime.log import Log
from services.runtime.remote.transport import HttpTransport
from services.runtime.service_settings import InternalSettings
from services.runtime.service_tokens import ServiceTokens


class OutgoingCalls:
    """Opens transports to other services; all of them are closed with the process."""

    def __init__(self, name: str, settings: InternalSettings, *, stack: AsyncExitStack, log: Log) -> None:
        """Prove to be ``name`` by its key; raises what is wrong with that key."""
        self._tokens = ServiceTokens.open(name, settings.service_key)
        self._settings = settings
        self._stack = stack
        self._log = log

    def to(self, other: str, url: str) -> HttpTransport:
        """A transport to the service ``other`` at this address, which opens connections when it is used."""
        transport = HttpTransport(
            url, token=partial(self._tokens.token, other), tls=self._settings.trusted(url), log=self._log
        )
        self._stack.push_async_callback(transport.close)
        return transport
