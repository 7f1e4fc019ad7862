"""What differs between two versions of a covenant, or between two covenants (S12)."""

from __future__ import annotations

from typing import Any

import msgspec

from services.law.covenants.difference import diff
from services.law.governance import Covenant
from services.law.register import Register
from services.ledger.application.ports import RegisterFeed
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import Caller, JsonObject
from services.ledger.domain.governance.versions import covenant_versions


class CompareCovenants:
    """``GET /v1/covenants/{id}/diff``: of the texts as they were registered."""

    def __init__(self, *, source: RegisterFeed) -> None:
        """Look in ``source``, caught up at every question."""
        self._source = source

    def __call__(
        self, _: Caller, covenant_id: str, first: int | None = None, second: int | None = None, other: str | None = None
    ) -> JsonObject:
        """``{"first", "second", "changes"}``: from version ``first`` to ``second``, the latter of ``other`` if named.

        Without numbers: from the version before the newest to the newest, or between the newest of both. Blocking.
        Raises NotFound for a covenant or a version that is not known.
        """
        register = self._source.catch_up()
        before = _version(register, covenant_id, first, back=1 if other is None else 0)
        after = _version(register, covenant_id if other is None else other, second, back=0)
        changes: list[Any] = msgspec.to_builtins(diff(before, after))
        return {"first": _name(before), "second": _name(after), "changes": changes}


def _version(register: Register, covenant_id: str, number: int | None, *, back: int) -> Covenant:
    """The version with this number, or the one ``back`` from the newest."""
    versions = {version.version: version for version in covenant_versions(register, covenant_id)}
    ordered = sorted(versions)
    if number is None and len(ordered) > back:
        number = ordered[-1 - back]
    if number not in versions:
        raise NotFound
    return versions[number]


def _name(covenant: Covenant) -> dict[str, Any]:
    return {"id": covenant.id, "version": covenant.version}
