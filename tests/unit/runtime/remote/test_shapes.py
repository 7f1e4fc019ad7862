"""What travels as it is, and what says which of several it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
import pytest

from services.runtime.errors import AddressUnknown, GrootboekError, Unavailable
from services.runtime.remote.raised import describe
from services.runtime.remote.shapes import shape_of


class Cat(msgspec.Struct, frozen=True):
    """One animal."""

    name: str


class Dog(msgspec.Struct, frozen=True):
    """Another, of the same shape."""

    name: str


class Tagged(msgspec.Struct, frozen=True, tag=True):
    """One that says what it is."""

    name: str


class Basket(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Holds one of them, and more."""

    the_animal: Cat | Dog
    spare: Cat | Dog | None = None
    food: tuple[str, ...] = ()


PLAIN: tuple[Any, ...] = (
    int,
    str | None,
    Any,
    Cat,
    Cat | None,
    Tagged | None,
    list[Cat],
    tuple[int, str],
    Mapping[int, int],
    Annotated[str, msgspec.Meta(max_length=3)],
)
CAT, DOG = Cat("same"), Dog("same")
CHOSEN: tuple[tuple[Any, Any], ...] = (
    (Cat | Dog, DOG),
    (Cat | Dog | None, None),
    (Cat | Dog | None, CAT),
    (list[Cat | Dog], [DOG, CAT]),
    (Sequence[Cat | Dog], [CAT]),
    (tuple[Cat | Dog, ...], (DOG, CAT)),
    (tuple[int, Cat | Dog], (1, DOG)),
    (frozenset[Cat | Dog], frozenset({CAT, DOG})),
    (Mapping[str, Cat | Dog], {"a": DOG}),
    (dict[int, list[Cat | Dog]], {7: [DOG]}),
    (Annotated[Cat | Dog, msgspec.Meta(title="animal")], DOG),
    (Basket, Basket(the_animal=DOG)),
    (list[Basket], [Basket(the_animal=DOG, spare=CAT, food=("fish",))]),
    (Basket | Cat, Basket(the_animal=DOG, spare=DOG)),
)


def travelled(kind: Any, value: Any) -> Any:
    """Return a value after its way over the wire."""
    shape = shape_of(kind)
    assert shape.lower is not None
    assert shape.lift is not None
    return shape.lift(msgspec.json.decode(msgspec.json.encode(shape.lower(value)), type=shape.wire))


@pytest.mark.parametrize("kind", PLAIN, ids=str)
def test_most_types_travel_as_they_are(kind: Any) -> None:
    """Where msgspec can read back what it writes nothing is added."""
    shape = shape_of(kind)
    assert (shape.wire, shape.lower, shape.lift) == (kind, None, None)


@pytest.mark.parametrize(("kind", "value"), CHOSEN, ids=[str(kind) for kind, _ in CHOSEN])
def test_a_choice_between_shapes_arrives_as_the_same_one(kind: Any, value: Any) -> None:
    """A dog is no cat afterwards, wherever in a value it stands."""
    back = travelled(kind, value)
    assert back == value
    assert type(back) is type(value)


def test_an_error_may_stand_where_an_answer_would() -> None:
    """Answers and errors keep their places, each of its own class."""
    late = Unavailable("Later, please.")
    given = [CAT, AddressUnknown(), late, CAT]
    back = travelled(list[Cat | GrootboekError], given)
    assert [type(each) for each in back] == [Cat, AddressUnknown, Unavailable, Cat]
    assert describe(back[2]) == describe(late)


def test_a_strange_tag_is_no_value() -> None:
    """What says that it is something else than the choices is not read."""
    shape = shape_of(Cat | Dog)
    for raw in (b'["Cow",{"name":"a"}]', b'{"name":"a"}', b'["Cat"]', b"[]", b'["Cat",{"name":1}]'):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(raw, type=shape.wire)
