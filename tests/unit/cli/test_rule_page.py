"""The page of requirements, rules and tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.cli import main as command
from services.cli.rule_page.found_tests import FoundTest, find_tests, names_in
from services.cli.rule_page.page import faults_of, render, showing
from services.cli.rule_page.rows import Row, RowsInvalid, read_rows
from services.law.findings import FindingCode
from services.law.texts import Text
from services.law.verdict import Block

SOURCE = '''
"""Tests of a rule."""
CASES: list[str] = ["first-code"]
OTHERS = WORDS = ["other-code"]


@pytest.mark.parametrize("case", CASES)
def test_with_a_constant(case: str) -> None:
    assert case


class TestGroup:
    async def test_in_a_class(self) -> None:
        assert "second-code" in found


def helper() -> str:
    return "helped-code"
'''


def code(name: str, *requirements: str) -> FindingCode:
    """A finding code that serves these rows."""
    said = Text("a", "b")
    return FindingCode(
        code=name, block=Block.CARE, norms=("avg-5-2",), requirements=requirements, message=said, remedy=said
    )


@pytest.fixture
def tests(tmp_path: Path) -> list[FoundTest]:
    """The tests of a folder with one file."""
    (tmp_path / "test_rule.py").write_text(SOURCE)
    return find_tests(tmp_path)


def test_a_code_stands_in_a_test_or_in_a_constant_that_it_names(tests: list[FoundTest]) -> None:
    """Texts of the test itself, its decorators and the constants it uses; not those of helpers or other tests."""
    texts = {test.name: test.texts for test in tests}
    assert set(texts) == {"test_with_a_constant", "test_in_a_class"}
    assert "first-code" in texts["test_with_a_constant"]
    assert texts["test_in_a_class"] == {"second-code"}
    assert not any("helped-code" in found or "other-code" in found for found in texts.values())


def test_decision_tables_go_before_mentions(tmp_path: Path) -> None:
    """A code that a test of the rules names is shown by that one, however many others name it too."""
    for folder in ("rules", "advice"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "test_rule.py").write_text(SOURCE)
    found = find_tests(tmp_path)
    assert [test.path.parent.name for test in showing("first-code", found)] == ["rules"]
    elsewhere = [test for test in found if test.path.parent.name == "advice"]
    assert [test.path.parent.name for test in showing("first-code", elsewhere)] == ["advice"]


def test_what_is_missing_is_named(tests: list[FoundTest]) -> None:
    """A row that nothing serves or shows, a file or test that is gone, a row nobody wrote, a rule without a test."""
    path = tests[0].path.as_posix()
    rows = {
        "S1": Row(says="by a rule"),
        "S2": Row(says="by nothing"),
        "S3": Row(
            says="by a file",
            by=(path, "services/gone.py"),
            tests=(path, f"{path}::test_in_a_class", f"{path}::test_gone", "tests/gone.py"),
        ),
    }
    codes = [code("first-code", "S1"), code("untested-code", "S9")]
    assert [*faults_of(rows, codes, tests)] == [
        "S2: neither a rule nor anything else serves it",
        "S2: no test shows it",
        "S3: there is no file services/gone.py",
        f"S3: there is no test {path}::test_gone",
        "S3: there is no test tests/gone.py",
        "untested-code: there is no row S9",
        "untested-code: no test of the law names it",
    ]


def test_the_page_leads_from_row_to_rule_to_test(tests: list[FoundTest]) -> None:
    """A row has its rules and their tests' files, once; a rule has its norms, its rows in order, and those files."""
    path = tests[0].path.as_posix()
    rows = {
        "S2": Row(says="It holds.", tests=(f"{path}::test_in_a_class",)),
        "S10": Row(says="So does this.", by=("services/law/x.py",)),
    }
    page = render(rows, [code("first-code", "S10", "S2"), code("second-code", "S10")], tests)
    assert f"| S2 | It holds. | `first-code` | [test_in_a_class](../{path}) |" in page
    serving = "`first-code`<br>`second-code`<br>[x.py](../services/law/x.py)"
    assert f"| S10 | So does this. | {serving} | [test_rule.py](../{path}) |" in page
    assert f"| `first-code` | care | gap | `avg-5-2` | S2, S10 | [test_rule.py](../{path}) |" in page


def test_rows_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """S2 before S10, whatever the order in the file; anything that is no row is malformed."""
    path = tmp_path / "rows.yaml"
    path.write_text("S10: {says: b}\nS2: {says: a, tests: [x]}\n")
    assert [*read_rows(path).items()] == [("S2", Row(says="a", tests=("x",))), ("S10", Row(says="b"))]
    path.write_text("S2: {sagt: a}\n")
    with pytest.raises(RowsInvalid):
        read_rows(path)


def test_names_are_those_of_tests(tests: list[FoundTest]) -> None:
    """Functions that are no tests are not among them."""
    assert names_in(tests[0].path) == {"test_with_a_constant", "test_in_a_class"}


def test_the_command_writes_and_compares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was written is found equal; what was changed by hand, or is not there, is told with the command to run."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "requirements.yaml").write_text("S1: {says: a}\n")
    monkeypatch.chdir(tmp_path)
    assert command.main(["rules", "--check"]) == 1
    assert "grootboek rules --write" in capsys.readouterr().err
    command.main(["rules", "--write"])
    capsys.readouterr()
    # Here are no tests at all, so every rule is told to be untested: the page itself is as it was written.
    assert command.main(["rules", "--check"]) == 1
    said = capsys.readouterr().err
    assert "S1: no test shows it" in said
    assert "differs" not in said
