"""Renders the texts: Jinja2 in its sandbox, where a missing value is an error and a value never becomes markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

from jinja2 import FunctionLoader, StrictUndefined, UndefinedError, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.notifier.domain.kinds import Language
from services.notifier.domain.texts import Text, clean, parse_text

FOLDER: Final = files("services.notifier.templates")
_LANGUAGES: Final[tuple[Language, ...]] = ("nl", "en")
_MAIL: Final = "mail@1/layout.html"


class TextLibrary:
    """Implements the port ``Texts`` with the files beside this one: ``<name>@<version>/<language>.txt``."""

    def __init__(self) -> None:
        """Make the environment; files are read when they are first asked."""
        self._environment = ImmutableSandboxedEnvironment(
            loader=FunctionLoader(read_file),
            undefined=StrictUndefined,
            autoescape=select_autoescape(enabled_extensions=("html",), default=False),
            finalize=finalize,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, template: str, contexts: Mapping[Language, Mapping[str, Any]]) -> tuple[Text, ...]:
        """The text in every language for which there are values, Dutch first; raises when a value is missing."""
        return tuple(
            parse_text(
                language, self._environment.get_template(f"{template}/{language}.txt").render(contexts[language])
            )
            for language in _LANGUAGES
            if language in contexts
        )

    def to_html(self, texts: Sequence[Text]) -> str:
        """A page for mail readers: the same words, each language marked as such, everything escaped."""
        return self._environment.get_template(_MAIL).render(texts=texts)


def read_file(name: str) -> str:
    """The text of a file of this package."""
    return FOLDER.joinpath(*name.split("/")).read_text(encoding="utf-8")


def finalize(value: Any) -> Any:
    """Keep a value within its line; nothing at all where something is to be said is a hole, and an error."""
    if value is None:
        raise UndefinedError("a value of the text is missing")
    return clean(value) if type(value) is str else value
