"""docs/rules.md is what the rules, the requirements and the tests say."""

from __future__ import annotations

from pathlib import Path

from services.cli.rule_page.found_tests import find_tests
from services.cli.rule_page.page import faults_of, render
from services.cli.rule_page.rows import read_rows
from services.law.catalogue import finding_codes

REQUIRED = {f"S{number}" for number in (*range(1, 61), *range(67, 73), 75, 76, 83)}


def test_every_requirement_is_served_and_every_rule_is_tested() -> None:
    """Each row of the list has a rule or a test, each test named is there, and the law tests each rule."""
    rows = read_rows()
    assert REQUIRED - set(rows) == set()
    assert [*faults_of(rows, finding_codes(), find_tests())] == []


def test_the_page_is_that_of_the_code() -> None:
    """What is stored equals what is made now; `grootboek rules --write` renews it."""
    stored = Path("docs/rules.md").read_text(encoding="utf-8")
    assert stored == render(read_rows(), finding_codes(), find_tests())
