"""What stands in a case file, as it was written: ids stay text however they look, and one thing is a list of one."""

from __future__ import annotations

from typing import Any, Final

import yaml

_NUMBER_TAGS: Final = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})
_WITHOUT_NUMBERS: Final = {
    first: [(tag, form) for tag, form in resolvers if tag not in _NUMBER_TAGS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_COUNTED: Final = {"acts": frozenset({"n", "confirms", "operations", "intentId"}), "questions": frozenset({"act"})}
_VERSIONED: Final = frozenset({"version", "regime"})


class _Reader(yaml.SafeLoader):
    """Makes no numbers: an id keeps its zeros in front, and 1.10 is not 1.1."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.yaml_implicit_resolvers = _WITHOUT_NUMBERS


def read_yaml(text: str) -> Any:
    """The tree of a case file; numbers are only those of acts and questions, and versions and regimes of the register.

    Raises yaml.YAMLError.
    """
    reader = _Reader(text)
    try:
        tree = reader.get_single_data()
    finally:
        reader.dispose()
    if not isinstance(tree, dict):
        return tree
    return {str(section): _count(entries, _COUNTED.get(section, _VERSIONED)) for section, entries in tree.items()}


def plain(name: Any) -> str:
    """The name of a section without its way of joining words: kebab-case, camelCase and snake_case are one."""
    return str(name).replace("-", "").replace("_", "").casefold()


def several(value: Any) -> list[Any]:
    """A list as it is, nothing as an empty one, and one thing as a list of one."""
    if isinstance(value, list | tuple):
        return list(value)
    return [] if value is None else [value]


def _count(value: Any, counted: frozenset[str], name: str = "") -> Any:
    """The same, with numbers under the names that count something; labels are text."""
    if isinstance(value, dict):
        return {str(key): _count(item, counted, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_count(item, counted, name) for item in value]
    return int(value) if name in counted and isinstance(value, str) and value.isdecimal() else value
