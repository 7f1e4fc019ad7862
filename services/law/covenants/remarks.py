"""A remark on a covenant: where, what, on which norms, and whether it may be called active with it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from services.law.texts import Text


class Remark(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """``pointer`` is a JSON pointer into the covenant as sent; ``blocks``: not to be activated as it is."""

    pointer: str
    code: str
    message: Text
    norms: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    blocks: bool = False


def is_ready(remarks: Iterable[Remark]) -> bool:
    """Whether a covenant with these remarks may be activated."""
    return not any(remark.blocks for remark in remarks)
