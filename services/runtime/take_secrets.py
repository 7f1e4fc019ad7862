"""Starts a process whose secrets a platform mounted: ``python -m services.runtime.take_secrets FROM TO PROGRAM …``.

Kubernetes and compose lay secrets down as links or as files of root that a group may read, and our own checks refuse
such files, rightly so on a shared machine. This copies every file into a folder that only we may enter, meant to lie in
memory, and then becomes the program. Without a folder FROM it only becomes the program.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind

HIDDEN: Final = "."


class SecretTooLarge(GrootboekError):
    """A file among the mounted secrets is larger than any secret is."""

    code = "secret_too_large"
    remedy = "Mount only secrets in that folder."
    kind = Kind.REJECTED


def main() -> None:
    """Take the secrets, then become the program; nothing is printed of them."""
    source, target, *program = sys.argv[1:]
    try:
        take_secrets(Path(source), Path(target))
    except GrootboekError as error:
        sys.exit(f"grootboek: {error.message} {error.remedy}")
    os.execvp(program[0], program)  # noqa: S606 - the arguments are those of the image


def take_secrets(source: Path, target: Path) -> None:
    """Copy every file under ``source`` to ``target``, which is made with mode 0700; each copy has mode 0600."""
    if not source.is_dir():
        # Nothing was mounted, and then there may be no place for copies either.
        return
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        # Kubernetes keeps the files themselves in hidden folders and links to them.
        if path.is_file() and not any(part.startswith(HIDDEN) for part in relative.parts):
            copy_private(path, target / relative)


def copy_private(path: Path, copy: Path) -> None:
    """Copy one file so that only we can read the copy; an older copy is replaced."""
    if path.stat().st_size > limits.SECRET_BYTES_MAX:
        raise SecretTooLarge
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy.unlink(missing_ok=True)
    descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(path.read_bytes())


if __name__ == "__main__":
    main()
