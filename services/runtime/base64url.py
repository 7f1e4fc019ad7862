"""Base64url without padding (RFC 4648, section 5), in the one spelling that each value has."""

from __future__ import annotations

import base64


def encode(raw: bytes) -> str:
    """Write bytes as text that may stand in an address."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Read what `encode` wrote; ValueError for anything else.

    The last character has bits to spare, and with other bits there the same bytes would have a second name.
    """
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if encode(raw) != text:
        raise ValueError("another spelling")
    return raw
