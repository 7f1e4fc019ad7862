"""Errors of the law: a value that is malformed. They never contain the value itself.

The law imports nothing of ours, so these stand apart from the runtime's errors; the door
turns ``code`` and the class docstring into a problem answer.
"""

from __future__ import annotations


class LawError(ValueError):
    """A value does not have the form that the law or a standard gives it."""

    code: str = "value-malformed"
    remedy: str = "Correct the value and send it again."

    def __init__(self) -> None:
        super().__init__((self.__doc__ or "").strip())


class BsnInvalidError(LawError):
    """The citizen service number does not have 8 or 9 digits or fails the eleven-test."""

    code = "bsn-invalid"
    remedy = "Check the number against the identity document; use another idType when there is no BSN."


class OinInvalidError(LawError):
    """The organisation identification number does not have 20 digits."""

    code = "oin-invalid"
    remedy = "Take the number from the public OIN register, all 20 digits."


class OperationUnknownError(LawError):
    """The operation is not in the verb table."""

    code = "operation-unknown"
    remedy = "Use a verb of the table, or `other` with a description."


class OperationDescriptionMissingError(LawError):
    """The operation `other` needs a description of what was done."""

    code = "other-without-description"
    remedy = "Describe in one sentence what was done with the data."


class OperationClassContradictsError(LawError):
    """The declared operation class is not the class of the verb."""

    code = "operation-class-contradicts"
    remedy = "Leave the class out: it follows from the verb. Only `other` carries its own class."


class PeriodInvalidError(LawError):
    """The period is not an ISO 8601 duration of years, months, weeks, days or whole hours."""

    code = "period-invalid"
    remedy = "Write for example P3M, P6W, P2Y or PT72H."


class PeriodNeedsInstantError(LawError):
    """A period in hours runs from an instant with its zone, not from a day."""

    code = "period-needs-instant"
    remedy = "Give the moment at which the hours began to run, with its zone."


class NormsInvalidError(LawError):
    """The norm data contradict themselves: a double id, or an end before its beginning."""

    code = "norms-invalid"
    remedy = "Correct the norm file named in the cause."
