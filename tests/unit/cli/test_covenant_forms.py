"""The forms in which covenants are handed over to ``grootboek covenants``, and what stands in them twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.cli import main as command
from tests.unit.cli.test_covenants import ask, house, with_term, write

PAIR = [house("a"), with_term("b", "P3M")]
OF_LEDGER = {"position": "register-7", "recordedAt": "2026-01-01T09:00:00Z"}


def _lines(given: list[dict[str, Any]]) -> str:
    return "\n".join(json.dumps(each) for each in given) + "\n\n"


def _documents(given: list[dict[str, Any]]) -> str:
    return "---\n" + yaml.safe_dump_all(given) + "---\n"


def _page(given: list[dict[str, Any]]) -> str:
    return json.dumps({"items": [each | OF_LEDGER | {"municipalities": None} for each in given], "next": "register-9"})


def _normalised(given: list[dict[str, Any]]) -> str:
    return json.dumps([{"covenant": each, "deviations": []} for each in given])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("covenants.jsonl", _lines(PAIR)),
        ("covenants.ndjson", "\ufeff" + _lines(PAIR)),
        ("covenants.yaml", _documents(PAIR)),
        ("covenants.json", _page(PAIR)),
        ("covenants.json", json.dumps([each | OF_LEDGER for each in PAIR])),
        ("covenants.json", _normalised(PAIR)),
        ("covenants.jsonl", _lines([{"covenants": [PAIR[0]]}, PAIR[1]])),
        ("covenants.yaml", yaml.safe_dump({"convenanten": PAIR})),
        ("covenants.json", json.dumps({"Convenanten": [PAIR[0]], "covenants": [PAIR[1]]})),
    ],
)
@pytest.mark.parametrize("stated", [(), ("--as-stated",)])
def test_a_set_is_read_in_the_form_in_which_it_comes(
    name: str, text: str, stated: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lines of JSON, documents of YAML, a page of the register and what ``normalise`` wrote: the same contradiction."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    code, answer = ask(capsys, "contradictions", str(path), *stated)
    assert (code, [found["covenants"] for found in answer["contradictions"]]) == (1, [["a", "b"]])


def test_what_normalise_wrote_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its own answer is an inventory like any other."""
    _, answer = ask(capsys, "normalise", write(tmp_path, PAIR))
    assert ask(capsys, "contradictions", write(tmp_path, answer, "again.json"))[0] == 1


@pytest.mark.parametrize("text", ["convenanten: {a: 1}", "{covenants: [], convenanten: {a: 1}}"])
def test_a_dutch_list_that_is_none_is_told(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is never passed over, nor taken for a covenant."""
    (tmp_path / "covenants.yaml").write_text(text, encoding="utf-8")
    assert command.main(["covenants", "normalise", str(tmp_path / "covenants.yaml")]) == 1
    assert "`convenanten` is no list" in capsys.readouterr().err


def test_a_folder_is_one_inventory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every file in it that may hold covenants, however deep, and none that is hidden; parties may have their own."""
    below, hidden = tmp_path / "noord" / "dorp", tmp_path / ".git"
    below.mkdir(parents=True)
    hidden.mkdir()
    write(tmp_path, PAIR[0], "a.json")
    write(tmp_path, {"parties": [{"id": "politie", "kind": "police"}]}, "parties.yaml")
    write(below, PAIR[1], "b.yml")
    write(hidden, ["no covenant"], "c.yaml")
    (tmp_path / "README.md").write_text("no covenant", encoding="utf-8")
    code, answer = ask(capsys, "contradictions", str(tmp_path))
    assert (code, len(answer["contradictions"])) == (1, 1)


@pytest.mark.parametrize("text", ["", "---\n---\n", "null", "3\n4\n", "- 3"])
def test_what_holds_no_covenant_is_told(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty file or folder, empty documents, and lines that are no objects."""
    (tmp_path / "covenants.yaml").write_text(text, encoding="utf-8")
    assert command.main(["covenants", "lint", str(tmp_path / "covenants.yaml")]) == 1
    assert "covenants.yaml: " in capsys.readouterr().err
    empty = tmp_path / "empty"
    empty.mkdir()
    assert command.main(["covenants", "lint", str(empty)]) == 1
    assert "no file in it that ends in .json" in capsys.readouterr().err


def test_one_version_in_two_ways_is_an_error_that_names_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the register answers 409: nothing is chosen silently, in one file neither; a comparison is still made."""
    paths = write(tmp_path, house("a"), "first.yaml"), write(tmp_path, with_term("a", "P3M"), "second.json")
    for action in ("contradictions", "lint"):
        assert command.main(["covenants", action, *paths]) == 1
        told = capsys.readouterr().err
        assert [name in told for name in ("first.yaml", "second.json", "`a` version 1")] == [True] * 3
    assert ask(capsys, "diff", *paths)[1]["changes"][0]["pointer"] == "/annexes/jeugdgroepen/retention/plan"
    towns = {"municipalities": [{"id": "gm", "name": name} for name in ("Dorp B", "Dorp C")], "covenants": []}
    assert command.main(["covenants", "lint", write(tmp_path, towns)]) == 1
    assert "municipalities `gm` stands in this file twice, in two ways" in capsys.readouterr().err


def test_one_version_twice_is_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same in other words, and an end that comes sooner, whichever stands first; as in the register."""
    ended = house("a", validUntil="2026-06-30")
    for given in ([house("a"), ended], [ended, house("a")], [ended, house("a"), house("a", validUntil="2026-12-31")]):
        path = write(tmp_path, [*given, with_term("a", "P12M") | {"validUntil": "2026-06-30"}, PAIR[1]])
        assert ask(capsys, "contradictions", path, "--on", "2026-06-30")[0] == 1
        assert ask(capsys, "contradictions", path, "--on", "2026-07-01")[0] == 0
        assert len(ask(capsys, "lint", path)[1]) == 2


def test_the_lint_refuses_what_the_umbrella_does_not_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An annex and one that joins by an addendum, each at its own place; and an umbrella that is not there (S14)."""
    umbrella = house("koepel", umbrella=True, themes=["zorg"], annexes=[])
    under = house("onder", umbrella="koepel", annexes=[{"id": "drugs"}, {"id": "zorg"}])
    joining = {"id": "erbij", "covenant": "onder", "validFrom": "2026-02-01", "annexes": [{"id": "wapens"}]}
    given = {"covenants": [umbrella, under], "addenda": [joining]}
    code, answers = ask(capsys, "lint", write(tmp_path, given))
    told = {(each["id"], remark["pointer"], remark["code"]) for each in answers for remark in each["remarks"]}
    assert code == 1
    assert {
        ("onder", "/annexes/0/id", "theme-not-of-umbrella"),
        ("onder", "/annexes/1/criteria", "annex-part-missing"),
        ("erbij", "/annexes/0/id", "theme-not-of-umbrella"),
    } <= told
    assert ("onder", "/annexes/1/id", "theme-not-of-umbrella") not in told
    _, (answer,) = ask(capsys, "lint", write(tmp_path, under))
    assert "umbrella-unknown" in {remark["code"] for remark in answer["remarks"]}
