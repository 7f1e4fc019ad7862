"""``grootboek covenants``: what is found in files of covenants, before anybody registers them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.cli import main as command
from services.cli.covenants import files

PARTNERS = [{"party": "politie"}, {"party": "college"}]
CASE = Path(__file__).parents[2] / "cases" / "vechtpartijen.yaml"


def house(covenant_id: str, **changes: Any) -> dict[str, Any]:
    """A covenant about youth groups in one town, or with the changes named."""
    annex = {"id": "jeugdgroepen", "name": "Jeugdgroepen", "dataCategories": ["name"], "retention": {"plan": "P1Y"}}
    return {
        "id": covenant_id,
        "version": 1,
        "validFrom": "2026-01-01",
        "purpose": "aanpak-jeugdgroepen",
        "territory": ["Middelstad"],
        "partners": PARTNERS,
        "annexes": [annex],
    } | changes


def with_term(covenant_id: str, term: str) -> dict[str, Any]:
    """The same with another term for the plan."""
    covenant = house(covenant_id)
    covenant["annexes"][0]["retention"] = {"plan": term}
    return covenant


def write(folder: Path, body: object, name: str = "covenants.yaml") -> str:
    """A file, in JSON when its name says so."""
    path = folder / name
    path.write_text(json.dumps(body) if name.endswith(".json") else yaml.safe_dump(body), encoding="utf-8")
    return str(path)


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    """The exit code and what is printed as JSON."""
    code = command.main(["covenants", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", ["covenants.yaml", "covenants.json"])
def test_contradictions_are_found_in_a_list_and_fail_the_command(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two terms for one approach in one town: exit 1, with the pair and the phase."""
    path = write(tmp_path, [house("a"), with_term("b", "P3M")], name)
    code, answer = ask(capsys, "contradictions", path)
    assert code == 1
    (found,) = answer["contradictions"]
    assert (found["kind"], found["covenants"]) == ("retention", ["a", "b"])
    assert [point["what"] for point in found["points"]] == ["plan"]


def test_json_is_read_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tabs and characters in two halves are fine in JSON, though not in YAML."""
    named = with_term("b", "P3M")
    named["annexes"][0]["agreements"] = "afspraak \N{OPEN BOOK}"
    path = tmp_path / "covenants.json"
    path.write_text(json.dumps([house("a"), named], indent="\t"), encoding="utf-8")
    assert ask(capsys, "contradictions", str(path))[0] == 1
    _, (_, answer) = ask(capsys, "normalise", str(path))
    assert answer["covenant"]["annexes"][0]["agreements"] == "afspraak \N{OPEN BOOK}"


def test_a_field_left_empty_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As it does in YAML that lists every field; only what is there is compared."""
    empty = dict.fromkeys(("municipalities", "coercive", "legalFrame", "published", "umbrella", "summary"))
    other = with_term("b", "P3M") | empty
    other["partners"] = [{**partner, "role": None, "until": None} for partner in PARTNERS]
    path = write(tmp_path, [house("a"), other])
    assert ask(capsys, "contradictions", path)[0] == 1
    assert ask(capsys, "contradictions", path, "--as-stated")[0] == 1


def test_every_fault_of_a_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of each covenant in it, by id and pointer; not the first one only."""
    path = write(tmp_path, [house("a", regime=4, extra=1), house("b"), house("c", version="x")])
    assert command.main(["covenants", "contradictions", path]) == 1
    told = capsys.readouterr().err
    assert [word in told for word in ("`a`", "/regime", "/extra", "`b`", "`c`", "/version")] == [
        True,
        True,
        True,
        False,
        True,
        True,
    ]


def test_one_term_in_two_spellings_is_no_contradiction(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """None invented: exit 0, and apart from that the differences that are lawful."""
    others = [house("a", regime=1), with_term("b", "P12M") | {"regime": 3}]
    code, answer = ask(capsys, "contradictions", write(tmp_path, others))
    assert (code, answer["contradictions"]) == (0, [])
    assert [found["kind"] for found in answer["differences"]] == ["regime"]


def test_contradictions_of_one_day_are_those_in_force_then(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A covenant that had ended contradicts nobody."""
    path = write(tmp_path, [house("a", validUntil="2026-06-30"), with_term("b", "P3M")])
    assert ask(capsys, "contradictions", path, "--on", "2026-06-30")[0] == 1
    assert ask(capsys, "contradictions", path, "--on", "2026-07-01")[0] == 0


def test_several_files_are_one_inventory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A single covenant in a file of its own counts beside those of another."""
    paths = write(tmp_path, house("a"), "a.yaml"), write(tmp_path, with_term("b", "P3M"), "b.json")
    assert ask(capsys, "contradictions", *paths)[0] == 1


def test_a_case_file_gives_its_covenants(capsys: pytest.CaptureFixture[str]) -> None:
    """The case of the seed: two covenants, two towns, nothing that contradicts."""
    code, answer = ask(capsys, "contradictions", str(CASE))
    assert (code, answer["contradictions"]) == (0, [])


def test_what_is_found_is_told_in_both_languages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json a reader gets two lines: Dutch, and English below."""
    assert command.main(["covenants", "contradictions", write(tmp_path, [house("a"), with_term("b", "P3M")])]) == 1
    dutch, english = capsys.readouterr().out.splitlines()
    assert dutch.startswith("retention  2026-01-01 / …")
    assert "bewaartermijnen" in dutch
    assert "terms" in english
    path = write(tmp_path, [house("a", validUntil="2026-06-30"), with_term("b", "P3M")])
    command.main(["covenants", "contradictions", path])
    assert "2026-01-01 / 2026-06-30" in capsys.readouterr().out


def test_two_covenants_are_compared_field_by_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two versions in one file, or two files: exactly the changed fields."""
    path = write(tmp_path, [house("a"), house("a", version=2, regime=3)])
    code, answer = ask(capsys, "diff", path)
    assert code == 0
    assert answer == {
        "first": {"id": "a", "version": 1},
        "second": {"id": "a", "version": 2},
        "changes": [{"pointer": "/regime", "kind": "added", "first": None, "second": 3}],
    }
    command.main(["covenants", "diff", path])
    assert capsys.readouterr().out == "added    /regime: - → 3\n"


def test_terms_that_mean_the_same_are_no_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the words of the contract and as they are stated alike."""
    path = write(tmp_path, [house("a"), with_term("b", "P12M")])
    for stated in ((), ("--as-stated",)):
        assert ask(capsys, "diff", path, *stated)[1]["changes"] == []


def test_a_covenant_that_outlives_its_umbrella_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the lint, and as a difference beside the contradictions, which there are none of: exit 0."""
    umbrella = house("koepel", umbrella=True, validUntil="2026-06-30")
    path = write(tmp_path, [umbrella, house("onder", umbrella="koepel", purpose=None)])
    answers = {answer["id"]: answer["remarks"] for answer in ask(capsys, "lint", path)[1]}
    assert "covenant-outlives-umbrella" in {remark["code"] for remark in answers["onder"]}
    assert command.main(["covenants", "contradictions", path]) == 0
    assert capsys.readouterr().out.startswith("validity   2026-07-01 / …  onder geldt op dagen waarop")


def test_a_comparison_takes_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One covenant or three cannot be compared."""
    assert command.main(["covenants", "diff", write(tmp_path, [house("a")])]) == 1
    assert "takes two covenants, there are 1" in capsys.readouterr().err


def test_the_lint_fails_what_cannot_be_called_active(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The five parts of an annex and the arrangement are missing: exit 1 and a remark for each."""
    path = write(tmp_path, [house("a")])
    code, (answer,) = ask(capsys, "lint", path)
    assert code == 1
    codes = {remark["code"] for remark in answer["remarks"]}
    assert {"annex-part-missing", "duty-without-organ", "covenant-duration-missing"} <= codes
    command.main(["covenants", "lint", path])
    assert "! a /validUntil covenant-duration-missing: De looptijd ontbreekt: een einddatum." in capsys.readouterr().out


def test_the_lint_reads_a_covenant_under_the_act_that_it_states(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A table that began before the WGS and rests on it now is told of a term beyond it."""
    given = with_term("zvh", "P6Y") | {"validFrom": "2025-01-01", "legalFrame": "wgs-zvh"}
    _, (answer,) = ask(capsys, "lint", write(tmp_path, [given]))
    assert "term-beyond-law" in {remark["code"] for remark in answer["remarks"]}


def test_the_lint_looks_at_a_covenant_with_what_it_inherits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the umbrella supplies is not missing; the umbrella itself is looked at too."""
    umbrella = house("koepel", umbrella=True, annexes=[])
    under = {"id": "onder", "version": 1, "validFrom": "2026-01-01", "validUntil": "2026-12-31", "umbrella": "koepel"}
    _, answers = ask(capsys, "lint", write(tmp_path, [umbrella, under]))
    pointers = {answer["id"]: {remark["pointer"] for remark in answer["remarks"]} for answer in answers}
    assert "/purpose" not in pointers["onder"]
    assert "/validUntil" in pointers["koepel"]


def test_the_lint_looks_at_every_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A version that another has replaced on its first day is looked at as it stands."""
    versions = [house("a", purpose=None), house("a", version=2)]
    _, answers = ask(capsys, "lint", write(tmp_path, versions))
    assert [("/purpose" in {remark["pointer"] for remark in answer["remarks"]}) for answer in answers] == [True, False]


def test_deviating_words_become_those_of_the_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same covenant in Dutch words: every deviation is told, and the body is one that the register takes."""
    dutch = {"id": "a", "versie": 1, "ingangsdatum": "2026-01-01", "doel": "orde", "bijlagen": [{"id": "x"}]}
    path = write(tmp_path, [dutch])
    code, (answer,) = ask(capsys, "normalise", path)
    assert code == 0
    assert answer["covenant"] == {
        "id": "a",
        "version": 1,
        "validFrom": "2026-01-01",
        "purpose": "orde",
        "annexes": [{"id": "x"}],
    }
    assert {each["pointer"] for each in answer["deviations"]} == {"/versie", "/ingangsdatum", "/doel", "/bijlagen"}
    command.main(["covenants", "normalise", path])
    assert 'a /doel: "doel" → "purpose"' in capsys.readouterr().out
    assert ask(capsys, "lint", path)[1][0]["id"] == "a"
    assert command.main(["covenants", "lint", path, "--as-stated"]) == 1
    assert "no such field" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{", "neither YAML nor JSON"),
        ("3", "no covenant in it"),
        ("- 3", "is no object"),
        ("covenants: {a: 1}", "is no list"),
        ("[{id: a, version: one, validFrom: 2026-01-01}]", "/version"),
        ("[{id: a, version: 1, validFrom: soon}]", "/validFrom"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file, the entry and the pointer; no stack."""
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    assert command.main(["covenants", "lint", str(path)]) == 1
    told = capsys.readouterr().err
    assert "broken.yaml" in told
    assert said in told


def test_a_missing_file_and_one_too_large_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read beyond a bound."""
    assert command.main(["covenants", "lint", str(tmp_path / "nowhere.yaml")]) == 1
    assert "cannot be read" in capsys.readouterr().err
    path = write(tmp_path, [house("a")])
    monkeypatch.setattr(files, "COVENANT_FILE_BYTES_MAX", 10)
    assert command.main(["covenants", "lint", path]) == 1
    assert "larger than 10 bytes" in capsys.readouterr().err
