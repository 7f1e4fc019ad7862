"""One set of certificates for all that the tests ask by httpx, which else reads those of the machine for every request.

That takes forty milliseconds of the processor, and more than anything else while a test asks again and again whether a
process is ready. Who names certificates of his own still gets those, and who changes the machine's gets the new ones.
"""

from __future__ import annotations

import os
import ssl
from functools import cache
from typing import Any, Final

import httpx
from httpx._transports import default

PLACES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


@cache
def certificates_at(*_places: str | None) -> ssl.SSLContext:
    """Read the certificates of the machine, once for each place that the environment names."""
    return httpx.create_ssl_context()


def find_certificates(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:  # noqa: FBT001, FBT002 - as httpx has it
    """Return what httpx would read, read before if possible."""
    if verify is True and cert is None and trust_env:
        return certificates_at(*map(os.environ.get, PLACES))
    return httpx.create_ssl_context(verify, cert, trust_env)


default.create_ssl_context = find_certificates  # type: ignore[attr-defined] # it has no name of its own in public
