"""Renders the templates beside this file: everything is escaped, and a missing value is an error."""

from __future__ import annotations

from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined

from services.gateway.web.wording import FOLDER, official_address


def read_template(name: str) -> str:
    """Return the text of a template."""
    return FOLDER.joinpath("templates", name).read_text(encoding="utf-8")


ENVIRONMENT: Final = Environment(
    loader=FunctionLoader(read_template),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.globals["official_address"] = official_address


def render(template: str, **values: Any) -> bytes:
    """Return a page; raise when a value is missing."""
    return ENVIRONMENT.get_template(template).render(**values).encode("utf-8")
