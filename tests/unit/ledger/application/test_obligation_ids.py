"""Ids of obligations: always the same, reversible for the ledger, and made by nobody else."""

from __future__ import annotations

import base64
from uuid import UUID

import pytest

from services.gateway.formats.keys import SYNTAX, is_citizen_number
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.contract.errors import NotFound
from services.ledger.storage.vault_memory import MemoryVault
from services.runtime.ids import SeededIds

STREAM = UUID(int=5, version=4)
IDS = ObligationIds(MemoryVault(SeededIds(1)))
LONG = "x" * 256


def test_an_id_can_be_read_back() -> None:
    """It says of which kind, about whom and because of which event; names of any length fit."""
    erase, tell = IDS.of_erasing(3, STREAM, 2**40, LONG), IDS.of_telling(1023, STREAM, LONG, LONG, LONG)
    assert [(key.kind, key.lane, key.stream_id, key.position) for key in map(IDS.read, (erase, tell))] == [
        ("erase", 3, STREAM, 2**40),
        ("inform", 1023, STREAM, 0),
    ]
    for text in (erase, tell):
        assert SYNTAX.fullmatch(text)
        assert len(text) < 128
        assert not is_citizen_number(text)


def test_the_same_obligation_has_the_same_id() -> None:
    """In every process and after every restart; another party, covenant, annex, cause or person has another."""
    again = ObligationIds(MemoryVault(SeededIds(1)))
    made = [
        again.of_telling(0, STREAM, "a", None, None),
        again.of_telling(0, STREAM, "a", "b", None),
        again.of_telling(0, STREAM, "a", "b", "c"),
        again.of_telling(0, STREAM, "ab", None, "c"),
        again.of_telling(1, STREAM, "a", None, None),
        again.of_erasing(0, STREAM, 1, "a"),
        again.of_erasing(0, STREAM, 2, "a"),
        again.of_erasing(0, UUID(int=6, version=4), 1, "a"),
    ]
    assert len(set(made)) == len(made)
    assert IDS.of_telling(0, STREAM, "a", None, None) == made[0]
    assert STREAM.hex not in repr(again) + "".join(made)


def spelled_otherwise(text: str) -> str:
    """The same bytes in another spelling: the last character has bits that mean nothing."""
    sealed = base64.urlsafe_b64decode(text + "==")
    return next(
        text[:-1] + other
        for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        if other != text[-1] and base64.urlsafe_b64decode(text[:-1] + other + "==") == sealed
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o1",
        "A" * 74,
        "é" * 74,
        "*" * 74,
        ObligationIds(MemoryVault(SeededIds(2))).of_erasing(0, STREAM, 1, "a"),
        IDS.of_erasing(0, STREAM, 1, "a")[:-4] + "AAAA",
        IDS.of_erasing(0, STREAM, 1, "a") + "A",
        spelled_otherwise(IDS.of_erasing(0, STREAM, 1, "a")),
    ],
)
def test_what_this_ledger_did_not_make_is_not_found(text: str) -> None:
    """A forged, a damaged and another ledger's id give one answer: there is nothing here."""
    with pytest.raises(NotFound):
        IDS.read(text)
