"""The closed lists of telemetry: what is defined is used, what is used is defined, and nothing else reaches anybody."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from services.runtime import log_events
from services.runtime.log_events import LogEvent
from services.runtime.metric_names import METRICS
from services.runtime.telemetry import ATTRIBUTES

ROOT = Path(__file__).parents[2]
LISTS = {"metric_names.py", "log_events.py", "telemetry.py"}


@cache
def trees() -> dict[str, ast.Module]:
    """The syntax tree of every file of the services, but for the lists themselves."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in (ROOT / "services").rglob("*.py")
        if path.name not in LISTS
    }


def words() -> Iterator[str]:
    """Every name and string that stands in the services, outside imports and the lists."""
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                yield node.id
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_log_event_is_written_somewhere() -> None:
    """An event that nobody writes is a promise to an operator that nobody keeps."""
    defined = {name for name, value in vars(log_events).items() if isinstance(value, LogEvent)}
    assert defined - set(words()) == set()


def test_every_event_that_is_written_is_defined() -> None:
    """What goes to a log by `write` is a name of the list, or was handed over as one."""
    defined = {name for name, value in vars(log_events).items() if isinstance(value, LogEvent)}
    written = {
        node.args[0].id
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "write"
        and node.keywords
        and node.args
        and isinstance(node.args[0], ast.Name)
    }
    assert {name for name in written if name.isupper()} - defined == set()
    names = [value.name for value in vars(log_events).values() if isinstance(value, LogEvent)]
    assert len(names) == len(set(names))


def test_every_metric_is_measured_somewhere() -> None:
    """A metric that nobody sets would be a dashboard of nothing; one that is not listed does not type."""
    used = {word for word in words() if word.startswith("grootboek_")}
    assert set(METRICS) - used == set()


def test_every_span_is_made_somewhere() -> None:
    """The names of spans are those that the code opens."""
    assert set(ATTRIBUTES) - set(words()) == set()


def test_no_label_and_no_attribute_can_name_somebody() -> None:
    """They say which lane, what kind, how many: never who or which operation, case or message."""
    names = {label for metric in METRICS.values() for label in metric.labels}
    names |= {attribute for attributes in ATTRIBUTES.values() for attribute in attributes}
    assert names <= {
        *("attempt", "cache", "channel", "clock", "consumer", "events", "kind", "lane", "method", "operations"),
        *("outcome", "port", "reason", "role", "route", "state", "status", "step", "verb"),
    }


def test_telemetry_keeps_to_the_runtime_and_its_users_to_the_lists() -> None:
    """Nobody else makes spans, exporters or instruments by himself."""
    allowed = re.compile(r"services/runtime/(telemetry|otlp_export|trace_context|http)\.py")
    found = [
        (path, node.module)
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("opentelemetry")
        and not allowed.fullmatch(path)
        and [alias.name for alias in node.names] != ["SpanContext"]
    ]
    assert found == []
