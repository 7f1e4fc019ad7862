"""A rendered text: a title and blocks, in one language; never markup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import msgspec

from services.notifier.domain.kinds import Language

_BULLET: Final = "- "
_WHITE: Final = re.compile(r"\s+")
# Characters that turn the direction of what follows could make a line say something else than it does.
_TURNING: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SEPARATOR: Final = "\n\n" + "-" * 60 + "\n\n"


class Block(msgspec.Struct, frozen=True):
    """A paragraph, or the items of a list."""

    kind: str
    lines: tuple[str, ...]


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A whole text in one language."""

    language: Language
    title: str
    blocks: tuple[Block, ...]

    def plain(self) -> str:
        """The text as plain lines, title first."""
        return "\n\n".join([self.title, *(_plain_block(block) for block in self.blocks)])


def plain(texts: Sequence[Text]) -> str:
    """Texts in several languages, one under the other."""
    return _SEPARATOR.join(text.plain() for text in texts) + "\n"


def parse_text(language: Language, rendered: str) -> Text:
    """Read a rendered template: the title on the first line, then blocks between blank lines."""
    title, _, rest = rendered.strip().partition("\n")
    blocks = [_parse_block(part) for part in re.split(r"\n\s*\n", rest) if part.strip()]
    return Text(language=language, title=title.strip(), blocks=tuple(blocks))


def clean(value: str) -> str:
    """A value as it may stand within a line: no breaks, no control characters, no turning of direction."""
    one_line = _WHITE.sub(" ", value)
    return "".join(
        character for character in one_line if character not in _TURNING and unicodedata.category(character) != "Cc"
    ).strip()


def _parse_block(part: str) -> Block:
    lines = [line.strip() for line in part.strip().splitlines()]
    if all(line.startswith(_BULLET) for line in lines):
        return Block("list", tuple(line.removeprefix(_BULLET) for line in lines))
    return Block("paragraph", (" ".join(lines),))


def _plain_block(block: Block) -> str:
    if block.kind == "list":
        return "\n".join(f"{_BULLET}{line}" for line in block.lines)
    return block.lines[0]
