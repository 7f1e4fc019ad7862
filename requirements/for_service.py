"""Prints the part of the one lock that a service needs: ``python requirements/for_service.py ledger``.

Who needs what stands in pyproject.toml; which package brings which stands in the lock itself (``# via``). So there is
one lock to renew and to read, no service can run on another version than was tested, and an image installs no more than
its own part. Needs nothing but Python: an image is built with it before anything else is there.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
BUILD: Final = "build"
"""Not a service: what makes the wheel of our own code; from the lock of the developers."""


def main() -> None:
    """Print the requirements of the service named on the command line."""
    (service,) = sys.argv[1:]
    print(requirements_of(service), end="")


def requirements_of(service: str) -> str:
    """Return the packages of a service with their hashes, as the lock has them; KeyError for an unknown one."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        pyproject = tomllib.load(file)
    if service == BUILD:
        lock, roots = read_lock("development"), pyproject["build-system"]["requires"]
    else:
        project = pyproject["project"]
        lock, roots = read_lock("runtime"), project["dependencies"] + project["optional-dependencies"][service]
    named = {name_of(each) for each in roots}
    if missing := sorted(named - lock.keys()):
        sys.exit(f"The lock does not have {', '.join(missing)}: renew it with `make lock`.")
    wanted = with_what_they_bring(named, lock)
    return "".join(lock[name] for name in sorted(wanted))


def read_lock(name: str) -> dict[str, str]:
    """Return each package of a lock with its lines."""
    text = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")
    return {name_of(entry): entry for entry in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE) if "==" in entry}


def with_what_they_bring(names: set[str], lock: dict[str, str]) -> set[str]:
    """Return the packages and all that came into the lock because of them."""
    parents = {
        name: {name_of(each) for each in re.findall(r"^    #(?: via|  ) +(\S+)$", lock[name], re.MULTILINE)}
        for name in lock
    }
    wanted: set[str] = set()
    while names:
        wanted |= names
        names = {name for name in lock if name not in wanted and parents[name] & names}
    return wanted


def name_of(requirement: str) -> str:
    """Return the name of a package without extras, version and marker, spelt in the one way of an index."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=~!; \n]", requirement.strip(), maxsplit=1)[0]).lower()


if __name__ == "__main__":
    main()
