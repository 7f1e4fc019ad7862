"""Every error of the project on its way between two processes."""

from __future__ import annotations

import inspect
from typing import Any, get_type_hints

import msgspec
import pytest

from services.law.errors import BsnInvalidError, LawError, OinInvalidError
from services.ledger.contract.errors import IntentRefused, NotFound, say_as_ours
from services.ledger.contract.messages import RefusedSubject, VerdictAnswer
from services.runtime.errors import FieldError, GrootboekError, Rejected, Unavailable
from services.runtime.http import problem_answer
from services.runtime.remote.raised import Raised, describe, name_of, rebuild
from tests.unit.runtime.test_errors import all_errors

FAULT = FieldError(pointer="/id", code="bsn-invalid", message="This is no number.", remedy="Look again.")
SAMPLES: dict[str, Any] = {
    "tuple[FieldError, ...]": (FAULT, FAULT),
    "VerdictAnswer": VerdictAnswer(outcome="violation"),
    "tuple[RefusedSubject, ...]": (RefusedSubject(ref="r", outcome="violation"),),
    "tuple[str, ...]": ("GET", "POST"),
    "Sequence[str]": ["court", "breach"],
    "list[str]": ["court", "breach"],
    "IdentifierError": BsnInvalidError(),
    "Reason": "wrong-lane",
    "int": 12,
    "str": "text",
}


def make(kind: type[GrootboekError]) -> GrootboekError:
    """Return an error of a class, with something in everything that it carries."""
    needed = [
        (each.name, SAMPLES[str(each.annotation)])
        for each in list(inspect.signature(kind.__init__).parameters.values())[1:]
        if each.default is each.empty and each.kind is each.POSITIONAL_OR_KEYWORD
    ]
    # A class that takes an enumeration gets a member of it, as its callers give it.
    hints = get_type_hints(kind.__init__)
    return kind(**{name: msgspec.convert(value, hints[name]) if name == "reason" else value for name, value in needed})


def on_the_way(error: GrootboekError) -> Raised:
    """Return what of an error goes over the wire."""
    return msgspec.json.decode(msgspec.json.encode(describe(error)), type=Raised)


def told_by(error: GrootboekError) -> dict[str, Any]:
    """Return all that an error carries; a row of values is one, whatever holds it."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(error).items()}


ALL = all_errors()
# Every process of ours has the runtime; only the classes of a service may be unknown to another one.
OF_SERVICES = [kind for kind in ALL if not kind.__module__.startswith("services.runtime.")]


@pytest.mark.parametrize("kind", ALL, ids=[name_of(kind) for kind in ALL])
def test_every_error_arrives_as_itself(kind: type[GrootboekError]) -> None:
    """Class, message, code, kind, remedy, faults and everything else that the error carries are the same."""
    error = make(kind)
    back = rebuild(on_the_way(error))
    assert type(back) is kind
    assert told_by(back) == told_by(error)
    assert (str(back), back.args) == (str(error), error.args)
    assert problem_answer(back) == problem_answer(error)


@pytest.mark.parametrize("kind", OF_SERVICES, ids=[name_of(kind) for kind in OF_SERVICES])
def test_a_process_that_does_not_know_the_class_tells_the_same(kind: type[GrootboekError]) -> None:
    """Of an unknown class the error is one of the nearest class above it that is known, and the problem is the same."""
    error = make(kind)
    there = on_the_way(error)
    strange = msgspec.structs.replace(there, family=(f"{kind.code}/OfNextYear", *there.family[1:]))
    back = rebuild(strange)
    assert type(back) is kind.__mro__[1]
    assert problem_answer(back) == problem_answer(error)
    assert (back.code, back.kind, back.remedy, back.retryable) == (
        error.code,
        error.kind,
        error.remedy,
        error.retryable,
    )


def test_an_unknown_error_goes_on_as_what_it_was() -> None:
    """Over a second road an error whose class only its first process knows says the same, under its own name."""
    there = msgspec.structs.replace(on_the_way(Unavailable()), family=("away/Away", "unavailable/Unavailable"))
    passed_on = on_the_way(rebuild(there))
    assert passed_on == there


def test_two_classes_with_one_code_are_kept_apart() -> None:
    """A code is for callers; between processes an error is known by its class as well."""
    names = [name_of(kind) for kind in ALL]
    assert len(names) == len(set(names))


def test_an_error_of_a_newer_version_with_other_contents_is_still_told() -> None:
    """What a class carries in another form than ours is taken as it came."""
    there = on_the_way(IntentRefused(VerdictAnswer(outcome="violation"), ()))
    newer = msgspec.structs.replace(there, more={"verdict": msgspec.Raw(b'"worse"'), "subjects": msgspec.Raw(b"[]")})
    back = rebuild(newer)
    assert isinstance(back, IntentRefused)
    assert vars(back)["verdict"] == "worse"


def test_an_error_that_words_itself_otherwise_here_keeps_the_words_it_was_raised_with() -> None:
    """Of two versions with another sentence or remedy the one that raised the error decides."""
    there = msgspec.structs.replace(on_the_way(NotFound()), title="Gone.", remedy="Ask again.", message="Gone, alas.")
    answer = msgspec.json.decode(problem_answer(rebuild(there)).body)
    assert (answer["title"], answer["remedy"], answer["detail"]) == ("Gone.", "Ask again.", "Gone, alas.")
    assert NotFound().remedy != "Ask again."


def test_an_error_of_the_law_is_the_rejection_it_becomes_at_the_door() -> None:
    """What the law finds malformed is told as one fault with its code, and a fault of ours is not told at all."""
    ours = say_as_ours(OinInvalidError())
    assert isinstance(ours, Rejected)
    assert [fault.code for fault in ours.errors] == [OinInvalidError.code]
    assert say_as_ours(KeyError("999990019")) is None
    assert issubclass(OinInvalidError, LawError)
