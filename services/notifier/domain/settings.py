"""The settings of notifier and what makes them unsafe; values are never repeated in a fault."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import msgspec

from services.notifier.domain.messages import ChannelName, Route
from services.runtime import limits
from services.runtime.errors import FieldError

Named = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]

# Deliberately narrow: what a mail server of ours never sees, nobody can smuggle into a command or a header.
_MAIL_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}")
_LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class _Settings(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Common rule: a field that nobody knows is a misspelled one."""


class SmtpSettings(_Settings, frozen=True, kw_only=True):
    """The mail server of the organisation. ``ca_file``: certificates to trust besides, of an internal authority."""

    host: Named
    sender: Named
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: Named | None = None
    password: Named | None = None
    ca_file: Named | None = None
    seconds: Annotated[float, msgspec.Meta(gt=0, le=limits.SMTP_SECONDS_MAX)] = limits.SMTP_SECONDS_MAX

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read: encrypted, or within this machine."""
        return self.security != "none" or self.host in _LOCAL_HOSTS


class WebhookSettings(_Settings, frozen=True, kw_only=True):
    """To which hosts a webhook may go; no other host is ever asked."""

    hosts: tuple[Named, ...] = ()


class ChannelSettings(_Settings, frozen=True, kw_only=True):
    """``channels.yaml``. ``development`` allows webhooks to this machine and over plain HTTP: never in production."""

    development: bool = False
    ledger_url: Named | None = None
    smtp: SmtpSettings | None = None
    webhook: WebhookSettings = WebhookSettings()


class RouteEntry(_Settings, frozen=True, kw_only=True):
    """One route of a party in ``routes.yaml``."""

    channel: ChannelName
    address: Named | None = None
    addresses: Annotated[tuple[Named, ...], msgspec.Meta(max_length=limits.ADDRESSES_PER_ROUTE_MAX)] = ()
    secret: Named | None = None

    def as_route(self) -> Route:
        """The route as messages use it."""
        addresses = (*(() if self.address is None else (self.address,)), *self.addresses)
        return Route(channel=self.channel, addresses=addresses, secret=self.secret)


RoutesFile = dict[Named, Annotated[tuple[RouteEntry, ...], msgspec.Meta(max_length=limits.ROUTES_PER_PARTY_MAX)]]
"""``routes.yaml``: per party how it wants to be reached."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that notifier is told at its start."""

    channels: ChannelSettings = ChannelSettings()
    routes: Mapping[str, tuple[Route, ...]] = {}


def find_faults(settings: Settings) -> tuple[FieldError, ...]:
    """Every fault of the settings, by its place."""
    return (*_smtp_faults(settings.channels), *_route_faults(settings))


def is_mail_address(text: str) -> bool:
    """Whether this is one plain mail address, and nothing besides."""
    return _MAIL_ADDRESS.fullmatch(text) is not None


def _smtp_faults(channels: ChannelSettings) -> Iterator[FieldError]:
    smtp = channels.smtp
    if smtp is None:
        return
    if (smtp.user is None) != (smtp.password is None):
        yield FieldError(
            "/smtp/password", "user-and-password", "A user needs a password and the reverse.", "Give both."
        )
    if smtp.user is not None and smtp.security == "none":
        yield FieldError(
            "/smtp/security", "auth-without-tls", "The password would go in clear.", "Use starttls or tls."
        )
    if not smtp.is_private and not channels.development:
        yield FieldError("/smtp/security", "mail-without-tls", "Others on the way could read.", "Use starttls or tls.")
    if not is_mail_address(smtp.sender):
        yield FieldError("/smtp/sender", "address-malformed", "This is not a mail address.", "Write name@host.")


def _route_faults(settings: Settings) -> Iterator[FieldError]:
    for party, routes in sorted(settings.routes.items()):
        for place, route in enumerate(routes):
            yield from _faults_of(f"/{party}/{place}", route, settings.channels)


def _faults_of(pointer: str, route: Route, channels: ChannelSettings) -> Iterator[FieldError]:
    if route.channel == "smtp":
        yield from _mail_faults(pointer, route, channels)
    elif route.channel == "webhook":
        yield from _webhook_faults(pointer, route, channels)
    elif route.addresses:
        yield FieldError(
            pointer, "address-not-used", "This channel writes into the folder of the party.", "Leave it out."
        )
    if route.secret is not None and route.channel != "webhook":
        yield FieldError(pointer, "secret-not-used", "Only a webhook has a secret.", "Leave it out.")


def _mail_faults(pointer: str, route: Route, channels: ChannelSettings) -> Iterator[FieldError]:
    if channels.smtp is None:
        yield FieldError(pointer, "smtp-missing", "There is no mail server.", "Fill in smtp in channels.yaml.")
    if not route.addresses or not all(is_mail_address(address) for address in route.addresses):
        yield FieldError(pointer, "address-malformed", "This is not a mail address.", "Write name@host.")


def _webhook_faults(pointer: str, route: Route, channels: ChannelSettings) -> Iterator[FieldError]:
    if len(route.secret or "") < limits.WEBHOOK_SECRET_LENGTH_MIN:
        remedy = f"Choose at least {limits.WEBHOOK_SECRET_LENGTH_MIN} random characters."
        yield FieldError(pointer, "secret-too-short", "The secret can be guessed, or is missing.", remedy)
    if len(route.addresses) != 1 or not is_webhook_url(route.addresses[0], channels):
        remedy = "Write https://host/path, with a host that stands in webhook.hosts."
        yield FieldError(pointer, "webhook-not-allowed", "A webhook may not go there.", remedy)


def is_webhook_url(url: str, channels: ChannelSettings) -> bool:
    """Whether a webhook may go to this address, as far as its text tells."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    schemes = {"https", "http"} if channels.development else {"https"}
    plain = parts.username is None and parts.password is None and not parts.fragment and port != 0
    printable = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    return printable and plain and parts.scheme in schemes and parts.hostname in channels.webhook.hosts
