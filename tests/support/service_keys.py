"""Keys of services, made once for all tests."""

from __future__ import annotations

from functools import cache

from joserfc.jwk import ECKey


@cache
def key_of(service: str) -> ECKey:
    """Return the private key of a service, always the same one."""
    assert service, "a service has a name"
    return ECKey.generate_key("P-256", auto_kid=True)
