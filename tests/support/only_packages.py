"""Imports modules with some packages only: ``python -m tests.support.only_packages SERVICE MODULE …``.

It shows whether what an image of a service installs is enough for its code, without installing anything.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]


class OnlyThese(MetaPathFinder):
    """Finds what stands in folders, as Python does, and nothing of what only other packages bring."""

    def __init__(self, packages: set[str]) -> None:
        """Let through the standard library, our own code and these packages."""
        self._refused = {
            module
            for module, bringers in packages_distributions().items()
            if not packages & {plain(each) for each in bringers} and "grootboek" not in bringers
        }

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Know no module of another package: as if it were not installed, also for who only asks whether it is."""
        if name.partition(".")[0] in self._refused:
            return None
        return PathFinder.find_spec(name, path, target)

    # What packages say of themselves, such as their version, is read through whoever finds them.
    find_distributions = staticmethod(PathFinder.find_distributions)


def plain(name: str) -> str:
    """The one spelling of the name of a package."""
    return re.sub(r"[-_.]+", "-", name).lower()


def for_service() -> Any:
    """The script that images are built with."""
    spec = importlib.util.spec_from_file_location("for_service", ROOT / "requirements/for_service.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def packages_of(service: str) -> set[str]:
    """The packages that an image of a service installs."""
    return {
        plain(each)
        for each in re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==", for_service().requirements_of(service), re.MULTILINE)
    }


if __name__ == "__main__":
    finder = OnlyThese(packages_of(sys.argv[1]))
    sys.meta_path[:] = [finder if each is PathFinder else each for each in sys.meta_path]
    for each in sys.argv[2:]:
        importlib.import_module(each)
