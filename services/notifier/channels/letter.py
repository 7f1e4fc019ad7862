"""Printable letters: accessible PDF (PDF/UA-1 and PDF/A-2a), Dutch and English, made by typst."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Final
from uuid import UUID

import msgspec
import typst

from services.law.local_time import amsterdam_day
from services.notifier.channels.mailboxes import Mailboxes
from services.notifier.domain.errors import FolderUnsafe
from services.notifier.domain.messages import Delivery, Message
from services.notifier.domain.texts import Text, clean
from services.notifier.domain.words import say_day

_SUFFIX: Final = ".pdf"
_SOURCE: Final = files("services.notifier.channels").joinpath("letter.typ").read_bytes()
_STANDARDS: Final[list[typst.PDFStandard]] = ["ua-1", "a-2a"]
_REFERENCE: Final = {"nl": "Kenmerk", "en": "Reference"}
# What typst says when its fonts have no shape for a character; it has no codes to tell errors apart.
_NO_GLYPH: Final = "could not be displayed"


class LetterChannel:
    """Implements the port ``Channel``: the letter lies in the folder of the party that mails or gets it."""

    def __init__(self, mailboxes: Mailboxes) -> None:
        """Write into these mailboxes."""
        self._mailboxes = mailboxes

    def send(self, message: Message) -> Delivery:
        """Set the letter and write it; a full or unsafe disk postpones it."""
        try:
            self._mailboxes.put(message.mailbox, message.id, _SUFFIX, set_letter(message))
        except FolderUnsafe as error:
            return Delivery(outcome="postponed", reason=error.code)
        except OSError as error:
            return Delivery(outcome="postponed", reason=type(error).__name__)
        return Delivery(outcome="delivered")

    def forget(self, message_id: UUID) -> None:
        """Remove the file of a letter."""
        self._mailboxes.remove(message_id, _SUFFIX)


def set_letter(message: Message) -> bytes:
    """The letter as PDF: always the same bytes for the same message.

    A name in a script that the fonts do not have must not keep a letter from its reader: then it is tagged as before,
    but does not claim the standards, which ask for a shape for every character.
    """
    inputs = {"letter": msgspec.json.encode(_data(message)).decode()}
    try:
        return _compile(inputs, message, _STANDARDS)
    except typst.TypstError as error:
        if _NO_GLYPH not in error.message:
            raise
        return _compile(inputs, message, [])


def _compile(inputs: dict[str, str], message: Message, standards: list[typst.PDFStandard]) -> bytes:
    made: bytes = typst.compile(
        _SOURCE,
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=standards,
        ignore_system_fonts=True,
        timestamp=int(message.at.timestamp()),
    )
    return made


def _data(message: Message) -> dict[str, Any]:
    first = message.texts[0]
    return {
        "title": first.title,
        "sender": message.mailbox,
        "language": first.language,
        "address": [clean(line) for line in message.addresses],
        "day": say_day(amsterdam_day(message.at), first.language),
        "parts": [_part(text) for text in message.texts],
        "reference": f"{_REFERENCE[first.language]}: {message.id}",
    }


def _part(text: Text) -> dict[str, Any]:
    return {
        "language": text.language,
        "title": text.title,
        "blocks": [{"kind": block.kind, "lines": block.lines} for block in text.blocks],
    }
