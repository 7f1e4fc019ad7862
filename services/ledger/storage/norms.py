"""The law itself as it comes along with the product: the norm files of ``services.law``, read once per process."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Final

from services.law.norm_set import NormSet, parse_norms

NORM_FOLDER: Final = "services.law.norms"
SUFFIX: Final = ".yaml"


@lru_cache(maxsize=1)
def packaged_norms() -> NormSet:
    """Every norm that was shipped; NormsInvalidError when a file is malformed."""
    found = sorted((file for file in files(NORM_FOLDER).iterdir() if file.name.endswith(SUFFIX)), key=lambda f: f.name)
    return parse_norms(file.read_text(encoding="utf-8") for file in found)
