"""The person a citizen's token is for, encrypted inside the token.

A bearer token is signed, not secret: whoever sees it reads its claims. So the identifier stands in the claim `subject`
as a JWE (ECDH-ES, A256GCM) to a key of the ledger; the token's signature covers it, and only the door opens it.
"""

from __future__ import annotations

from typing import Final

import msgspec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from services.ledger.contract.messages import SubjectIdentifier

ALGORITHM: Final = "ECDH-ES"
ENCRYPTION: Final = "A256GCM"
ALLOWED: Final = (ALGORITHM, ENCRYPTION)
HEADER_FIELDS: Final = frozenset({"alg", "enc", "epk", "kid"})


def seal_subject(subject: SubjectIdentifier, key: ECKey) -> str:
    """Encrypt an identifier to `key`."""
    header = {"alg": ALGORITHM, "enc": ENCRYPTION, "kid": key.kid}
    return jwe.encrypt_compact(header, msgspec.json.encode(subject), key, algorithms=list(ALLOWED))


def open_subject(sealed: str, key: ECKey) -> SubjectIdentifier:
    """Decrypt an identifier; raise ValueError for anything that `seal_subject` does not make."""
    try:
        opened = jwe.decrypt_compact(sealed, key, algorithms=list(ALLOWED))
        if not opened.headers().keys() <= HEADER_FIELDS or opened.plaintext is None:
            raise ValueError("unexpected header")
        return msgspec.json.decode(opened.plaintext, type=SubjectIdentifier)
    except (JoseError, msgspec.MsgspecError, TypeError, KeyError) as error:
        raise ValueError("not a sealed subject") from error
