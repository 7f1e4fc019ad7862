"""How deep a JSON text nests, told before anything decodes it."""

from __future__ import annotations

import re
from typing import Final

from services.runtime import limits

STRINGS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def is_too_deep(raw: bytes) -> bool:
    """Tell whether brackets outside strings nest deeper than any body of ours; a linear scan that stops early."""
    if raw.count(b"[") + raw.count(b"{") <= limits.JSON_DEPTH_MAX:
        return False
    depth = 0
    for byte in STRINGS.sub(b"", raw):
        if byte in b"[{":
            depth += 1
            if depth > limits.JSON_DEPTH_MAX:
                return True
        elif byte in b"]}":
            depth -= 1
    return False
