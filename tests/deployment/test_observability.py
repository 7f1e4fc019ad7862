"""Dashboard, alert rules and runbook: each speaks of metrics that exist, and each alert says what to do."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from services.cli import main as cli
from services.runtime import log_events
from services.runtime.log_events import LogEvent
from services.runtime.metric_names import METRICS, Metric

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "k8s/observability"
RUNBOOK = ROOT / "docs/runbook.md"
SUFFIXES: Final = ("_bucket", "_sum", "_count")
# What a selector or a grouping may name besides the labels of the metric: the bound of a bucket.
BUCKET: Final = "le"
NAME: Final = re.compile(r"grootboek_\w+")
SELECTOR: Final = re.compile(r"(grootboek_\w+)\{([^}]*)\}")
LABEL: Final = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"")
GROUPED: Final = re.compile(r"\b(?:by|without)\s*\(([^)]*)\)\s*\(")
FUNCTIONS: Final = frozenset({"absent", "histogram_quantile", "increase", "max", "rate", "sum", "topk"})
SECTION: Final = re.compile(r"^### (Grootboek\w+)\n(.*?)(?=^##)", re.MULTILINE | re.DOTALL)
DURATION: Final = re.compile(r"[1-9][0-9]*[smhd]")


def alerts() -> list[dict[str, Any]]:
    """Every alert rule."""
    resource = yaml.safe_load((FOLDER / "alerts.yaml").read_text(encoding="utf-8"))
    assert (resource["apiVersion"], resource["kind"]) == ("monitoring.coreos.com/v1", "PrometheusRule")
    return [rule for group in resource["spec"]["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    """Every panel of the dashboard."""
    board: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    return list(board["panels"])


def expressions() -> Iterator[tuple[str, str]]:
    """Every question to Prometheus, with where it stands."""
    for rule in alerts():
        yield rule["alert"], rule["expr"]
    for panel in panels():
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


def metric_of(name: str) -> Metric | None:
    """The metric of a series; a histogram has three of them."""
    base = next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name)
    metric = METRICS.get(name) or METRICS.get(base)  # type: ignore[call-overload]
    if metric is None or (metric.kind == "histogram") is (base == name):
        return None
    return metric  # type: ignore[no-any-return]


@pytest.mark.parametrize(("place", "expression"), sorted(set(expressions())))
def test_every_expression_asks_for_what_exists(place: str, expression: str) -> None:
    """Metrics of the closed list, in the form their kind has, with labels that they carry."""
    names = NAME.findall(expression)
    assert names, place
    assert [name for name in names if metric_of(name) is None] == []
    labels: set[str] = {BUCKET} if "_bucket" in expression else set()
    for name in names:
        metric = metric_of(name)
        assert metric is not None
        labels |= metric.labels
    for name, selector in SELECTOR.findall(expression):
        metric = metric_of(name)
        assert metric is not None
        assert set(LABEL.findall(selector)) <= metric.labels
    grouped = {label.strip() for group in GROUPED.findall(expression) for label in group.split(",")}
    assert grouped <= labels
    assert expression.count("(") == expression.count(")")
    assert set(re.findall(r"\b([a-z_]+)\(", expression)) <= FUNCTIONS


@pytest.mark.parametrize("expression", [e for _, e in expressions()])
def test_counters_are_read_as_rates_and_gauges_as_they_are(expression: str) -> None:
    """The bare value of a counter says nothing; the rate of a gauge is wrong."""
    for name in NAME.findall(expression):
        metric = metric_of(name)
        assert metric is not None
        is_rated = re.search(rf"\b(rate|increase)\({name}", expression) is not None
        is_absent = re.search(rf"\babsent\({name}\)", expression) is not None
        assert is_rated is (metric.kind != "gauge") or is_absent


def test_every_alert_is_whole() -> None:
    """Name, severity, a sentence, how long it must hold, and where the runbook speaks of it."""
    names = [rule["alert"] for rule in alerts()]
    assert len(names) == len(set(names)) > 10
    for rule in alerts():
        assert rule["labels"] in ({"severity": "critical"}, {"severity": "warning"})
        assert set(rule["annotations"]) == {"summary", "runbook"}
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"
        assert DURATION.fullmatch(rule.get("for", "1m"))
        used = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        grouped = {label.strip() for group in GROUPED.findall(rule["expr"]) for label in group.split(",")}
        assert used <= grouped


def test_every_alert_has_its_section_and_every_section_its_alert() -> None:
    """What it means, how to see it, what to do: in that order, none of them empty."""
    sections = dict(SECTION.findall(RUNBOOK.read_text(encoding="utf-8")))
    assert list(sections) == [rule["alert"] for rule in alerts()]
    for name, text in sections.items():
        places = [text.find(f"**{part}.**") for part in ("Means", "See", "Do")]
        assert -1 not in places, name
        assert places == sorted(places), name


def test_the_dashboard_fits_on_a_screen() -> None:
    """Panels have numbers of their own, a description, and stand beside each other and never on one another."""
    numbers = [panel["id"] for panel in panels()]
    assert len(numbers) == len(set(numbers))
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {(place["x"] + dx, place["y"] + dy) for dx in range(place["w"]) for dy in range(place["h"])}
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
        if panel["type"] != "row":
            assert panel["description"].endswith(".")
            assert all(target["legendFormat"] for target in panel["targets"])


def test_every_metric_is_looked_at_by_somebody() -> None:
    """What is measured and never shown is not worth its cost."""
    shown = {name for _, expression in expressions() for name in NAME.findall(expression)}
    shown |= {name.removesuffix(suffix) for name in shown for suffix in SUFFIXES}
    assert set(METRICS) - shown == set()


def test_every_command_in_the_runbook_exists() -> None:
    """Each `grootboek …` that somebody may type in an emergency is one that the program takes."""
    text = RUNBOOK.read_text(encoding="utf-8")
    commands = re.findall(
        r"grootboek ((?:[a-z-]+)(?: [^\s`…]+)*)", "\n".join(re.findall(r"`[^`]*`|^ {4}.*$", text, re.MULTILINE))
    )
    typed = {command for command in commands if command.split()[0] in cli.COMMANDS}
    unknown = {command.split()[0] for command in commands} - set(cli.COMMANDS)
    assert unknown == set()
    assert {command.split()[0] for command in typed} >= {"backup", "restore", "verify", "rebuild", "migrate"}
    for command in typed:
        words = [word.strip("[]") for word in command.split()]
        options = {word for word in words if word.startswith("--")}
        parser = argparse.ArgumentParser()
        cli._module(words[0]).add_arguments(parser)
        assert options <= known_options(parser), command


def known_options(parser: argparse.ArgumentParser) -> set[str]:
    """The options of a command and of its own subcommands."""
    known: set[str] = set()
    for action in parser._actions:
        known |= set(action.option_strings)
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                known |= known_options(each)
    return known


def test_every_file_and_setting_in_the_runbook_exists() -> None:
    """A path that is no more, or a setting that nothing reads, costs an operator his night."""
    text = RUNBOOK.read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:docs|services|k8s|tests)/[\w./-]+)`", text))
    assert paths
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
    settings = set(re.findall(r"GROOTBOEK_[A-Z_]+", text))
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "services").rglob("*.py"))
    assert [setting for setting in sorted(settings) if setting not in sources] == []


def test_every_log_event_and_code_in_the_runbook_exists() -> None:
    """Who searches the log for what the runbook names finds it."""
    text = RUNBOOK.read_text(encoding="utf-8")
    known = [each for each in vars(log_events).values() if isinstance(each, LogEvent)]
    events = {each.name for each in known}
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*)`", text))
    files = {name for name in named if name.endswith((".py", ".yaml", ".md", ".insync"))}
    assert len(named - files) > 15
    assert named - files - events == set()
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "services").rglob("*.py"))
    codes = set(re.findall(r'code = "([a-z_-]+)"', sources)) | set().union(*(event.fields for event in known))
    assert {code for code in re.findall(r"`([a-z]+(?:_[a-z]+)+)`", text) if not code.startswith("grootboek_")} <= codes
