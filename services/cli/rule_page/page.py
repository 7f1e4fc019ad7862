"""The page itself: requirements, rules, and what is missing between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from services.cli.rule_page.found_tests import FoundTest, names_in
from services.cli.rule_page.rows import Row, number_of
from services.law.findings import FindingCode

OF_THE_RULES: Final = "rules"
"""The folder of the decision tables."""

HEAD: Final = """# Requirements, rules and tests

Made by `grootboek rules --write` from the rules in `services/law/rules` and from `docs/requirements.yaml`; `make check`
compares it. The law of the day decides: a rule judges an act when one of its norms was in force on the day of the act,
and a violation that rests on norms nobody has read (`grootboek norms --stale`) is a gap. Before 1 September 2001 no law
on personal data judges here: only the Archiefwet, the Awb, the Gemeentewet and the secrecy of the caring professions.
"""


def render(rows: Mapping[str, Row], codes: Sequence[FindingCode], tests: Sequence[FoundTest]) -> str:
    """The page as Markdown."""
    by_code = {code.code: showing(code.code, tests) for code in codes}
    return "\n".join([HEAD, *_requirements(rows, codes, by_code), "", *_rules(codes, by_code), ""])


def faults_of(rows: Mapping[str, Row], codes: Sequence[FindingCode], tests: Sequence[FoundTest]) -> Iterator[str]:
    """What is missing: a row that nothing serves or shows, a file or test that is not there, a rule without a test."""
    for name, row in rows.items():
        has_rule = any(name in code.requirements for code in codes)
        if not row.by and not has_rule:
            yield f"{name}: neither a rule nor anything else serves it"
        if not row.tests and not has_rule:
            yield f"{name}: no test shows it"
        yield from (f"{name}: there is no file {path}" for path in row.by if not Path(path).is_file())
        yield from (f"{name}: there is no test {test}" for test in row.tests if not _is_there(test))
    for code in codes:
        yield from (f"{code.code}: there is no row {name}" for name in code.requirements if name not in rows)
        if not showing(code.code, tests):
            yield f"{code.code}: no test of the law names it"


def showing(code: str, tests: Iterable[FoundTest]) -> tuple[FoundTest, ...]:
    """The tests in which the code stands: those of the rules alone where there are any, others only mention it."""
    found = tuple(test for test in tests if code in test.texts)
    return tuple(test for test in found if test.path.parent.name == OF_THE_RULES) or found


def _requirements(
    rows: Mapping[str, Row], codes: Sequence[FindingCode], by_code: Mapping[str, Sequence[FoundTest]]
) -> Iterator[str]:
    yield "| row | what holds | rules, and what else serves it | tests |"
    yield "|---|---|---|---|"
    for name, row in rows.items():
        serving = [code.code for code in codes if name in code.requirements]
        of_rules = [test.path.as_posix() for code in serving for test in by_code[code]]
        shown = dict.fromkeys([*row.tests, *(path for path in sorted(set(of_rules)) if not _names_file(row, path))])
        served = _listed([*(f"`{code}`" for code in serving), *map(_link, row.by)])
        yield f"| {name} | {row.says} | {served} | {_listed(map(_link, shown))} |"


def _rules(codes: Sequence[FindingCode], by_code: Mapping[str, Sequence[FoundTest]]) -> Iterator[str]:
    yield "## Rules"
    yield ""
    yield "| code | block | at most | norms | rows | tests |"
    yield "|---|---|---|---|---|---|"
    for code in codes:
        rows = ", ".join(sorted(code.requirements, key=number_of))
        norms = _listed(f"`{norm}`" for norm in code.norms)
        tests = _listed(_link(path) for path in dict.fromkeys(test.path.as_posix() for test in by_code[code.code]))
        yield f"| `{code.code}` | {code.block.value} | {code.severity.value} | {norms} | {rows} | {tests} |"


def _listed(texts: Iterable[str]) -> str:
    return "<br>".join(texts)


def _link(place: str) -> str:
    """A test as a link from ``docs/``."""
    path, _, name = place.partition("::")
    return f"[{name or path.rsplit('/', 1)[-1]}](../{path})"


def _names_file(row: Row, path: str) -> bool:
    return any(test.partition("::")[0] == path for test in row.tests)


def _is_there(place: str) -> bool:
    path, _, name = place.partition("::")
    return Path(path).is_file() and (not name or name in names_in(Path(path)))
