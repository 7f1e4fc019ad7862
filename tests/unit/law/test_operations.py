"""The verb table: total, closed but for `other`, and seven classes."""

from __future__ import annotations

import pytest

from services.law.errors import (
    LawError,
    OperationClassContradictsError,
    OperationDescriptionMissingError,
    OperationUnknownError,
)
from services.law.operations import (
    OPERATION_CLASSES,
    VERBS,
    VERBS_BY_CLASS,
    OperationClass,
    check_operation,
    operation_class,
)
from tests.unit.law.builders import act


def test_the_table_is_the_one_of_the_design() -> None:
    """Seven classes, seventeen verbs of the law and their English doubles, and `other`."""
    assert VERBS_BY_CLASS == {
        "collect": ("collect",),
        "consult": ("retrieve", "consult"),
        "use": ("use", "align", "combine"),
        "share": ("disclose-by-transmission", "disseminate", "make-available"),
        "alter": ("record", "organise", "structure", "store", "adapt", "alter"),
        "restrict": ("restrict",),
        "delete": ("erase", "destruct"),
    }
    assert len(VERBS) == len(set(VERBS)) == 19


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_class(verb: str) -> None:
    """The mapping is total."""
    assert operation_class(verb) in OPERATION_CLASSES


@pytest.mark.parametrize(
    ("verb", "declared", "expected"),
    [("other", None, "use"), ("other", "share", "share"), ("erase", "delete", "delete"), ("erase", None, "delete")],
)
def test_only_other_chooses_its_class(verb: str, declared: OperationClass | None, expected: str) -> None:
    """`other` takes the declared class, else counts as a use; a verb keeps its own."""
    assert operation_class(verb, declared) == expected


@pytest.mark.parametrize(
    ("verb", "declared", "description", "error"),
    [
        ("destroy", None, None, OperationUnknownError),
        ("Erase", None, None, OperationUnknownError),
        ("erase", "share", None, OperationClassContradictsError),
        ("other", None, None, OperationDescriptionMissingError),
        ("other", "use", "  ", OperationDescriptionMissingError),
    ],
)
def test_malformed_verbs(
    verb: str, declared: OperationClass | None, description: str | None, error: type[LawError]
) -> None:
    """Unknown, contradicted, or `other` that says nothing."""
    with pytest.raises(error) as caught:
        check_operation(act(operation=verb, operation_class=declared, description=description))
    assert str(caught.value) == (error.__doc__ or "").strip()


@pytest.mark.parametrize(("verb", "description"), [("collect", None), ("other", "shown on a screen")])
def test_verbs_in_order(verb: str, description: str | None) -> None:
    """A verb of the table needs no description, `other` does."""
    check_operation(act(operation=verb, description=description))
