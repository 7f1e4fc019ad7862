"""The verb table: what can be done with personal data, in seven classes (AVG 4(2); Wpg 32a(1)).

``other`` keeps the table open (the law's list is not exhaustive). It needs a description; its
class may be declared, and counts as ``use`` when it is not: a use is judged on all four
building blocks and begins a holding, so nothing is owed less because a verb was unknown.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, Literal

from services.law.act import Act
from services.law.errors import (
    OperationClassContradictsError,
    OperationDescriptionMissingError,
    OperationUnknownError,
)

OperationClass = Literal["collect", "consult", "use", "share", "alter", "restrict", "delete"]

OTHER: Final = "other"
CLASS_OF_OTHER_DEFAULT: Final[OperationClass] = "use"

VERBS_BY_CLASS: Final[MappingProxyType[OperationClass, tuple[str, ...]]] = MappingProxyType(
    {
        "collect": ("collect",),
        "consult": ("retrieve", "consult"),
        "use": ("use", "align", "combine"),
        "share": ("disclose-by-transmission", "disseminate", "make-available"),
        "alter": ("record", "organise", "structure", "store", "adapt", "alter"),
        "restrict": ("restrict",),
        "delete": ("erase", "destruct"),
    }
)

OPERATION_CLASSES: Final[tuple[OperationClass, ...]] = tuple(VERBS_BY_CLASS)
CLASS_BY_VERB: Final[dict[str, OperationClass]] = {
    verb: operation_class for operation_class, verbs in VERBS_BY_CLASS.items() for verb in verbs
}
VERBS: Final[tuple[str, ...]] = (*CLASS_BY_VERB, OTHER)

HOLDING_CLASSES: Final[frozenset[OperationClass]] = frozenset({"collect", "use", "alter"})
"""Classes by which a controller begins to hold; a share begins a holding at its recipients."""


def operation_class(verb: str, declared_class: OperationClass | None = None) -> OperationClass:
    """The class of ``verb``; raises OperationUnknownError or OperationClassContradictsError."""
    if verb == OTHER:
        return declared_class or CLASS_OF_OTHER_DEFAULT
    found = CLASS_BY_VERB.get(verb)
    if found is None:
        raise OperationUnknownError
    if declared_class is not None and declared_class != found:
        raise OperationClassContradictsError
    return found


def check_operation(act: Act) -> None:
    """Raise the LawError that makes the act's verb malformed; silent when the verb is in order."""
    operation_class(act.operation, act.operation_class)
    if act.operation == OTHER and not (act.description or "").strip():
        raise OperationDescriptionMissingError
