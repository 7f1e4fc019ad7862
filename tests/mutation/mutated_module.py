"""Puts a changed source in the place of a module that has not been imported yet."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType


class MutatedModule(MetaPathFinder, SourceLoader):  # type: ignore[misc]
    """Finds one module by its name and loads the given source for it."""

    def __init__(self, path: Path, source: str) -> None:
        self._path = path
        self._name = ".".join(path.with_suffix("").parts)
        self._source = source

    def install(self) -> None:
        """Stand before every other finder; the module must not have been imported."""
        assert self._name not in sys.modules, "the module was imported before its mutant"
        sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find this one module and no other."""
        del path, target
        return spec_from_loader(fullname, self) if fullname == self._name else None

    def get_filename(self, fullname: str) -> str:
        """Say where the original stands."""
        assert fullname == self._name, "asked for another module"
        return str(self._path.resolve())

    def get_data(self, path: str | bytes) -> bytes:
        """Give the changed source, whatever the path."""
        del path
        return self._source.encode()
