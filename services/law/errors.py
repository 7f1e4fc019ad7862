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


class IdentifierError(LawError):
    """The identifier of a person is malformed."""

    code = "identifier-malformed"
    field: str = "id"
    """Which of its two parts is wrong, as bodies name it."""


class BsnInvalidError(IdentifierError):
    """The citizen service number does not have 8 or 9 digits or fails the eleven-test."""

    code = "bsn-invalid"
    remedy = "Check the number against the identity document; use another idType when there is no BSN."


class IdTypeSpellingError(IdentifierError):
    """This idType has one spelling."""

    code = "id-type-spelling"
    remedy = "Write BSN in capitals."
    field = "idType"


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


class TermChangeEmptyError(LawError):
    """The change of terms names neither an end of the holding nor one of the record."""

    code = "term-change-empty"
    remedy = "Give holdingEnds, recordEnds, or both."


class TermEndedError(LawError):
    """The term has ended: what was kept under it is gone, and no change brings it back."""

    code = "term-ended"
    remedy = "Record a new act if data are processed again; who still holds data answers the obligation to erase."


class TermEndPastError(LawError):
    """The new end lies before today."""

    code = "term-end-past"
    remedy = "Shorten to today or later; to erase at once, use the call for erasures."


class ProlongationWithoutNormError(LawError):
    """The new end is later than the one that holds, and no norm is named that allows it."""

    code = "prolongation-without-norm"
    remedy = "Name the norm under which the data or the record must be kept longer."


class TermMinimumError(LawError):
    """A norm wants it kept longer than the new end."""

    code = "term-minimum"
    remedy = "Name the norm that takes precedence, or wait until the minimum has passed."


class RecordBeforeHoldingError(LawError):
    """The record would end before the holding that it is evidence of."""

    code = "record-before-holding"
    remedy = "Leave the record's end out, or let it end on or after the last day of the holding."


class RenewalDecisionMissingError(LawError):
    """A partnership would keep data beyond five years from their first processing, without a decision to renew."""

    code = "renewal-decision-missing"
    remedy = "Register the decision of the participants (wgs-renewal) and name it in decisionId (WGS 1.8(7), BGS 1.16)."


class RenewalTooLongError(LawError):
    """A renewal lasts at most two years from the day on which the data are available again."""

    code = "renewal-too-long"
    remedy = "Give an end within the decision and within two years of its first day; renew again by another decision."
