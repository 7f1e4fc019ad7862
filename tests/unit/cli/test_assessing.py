"""``grootboek assess``: the answer as a person reads it, and what the command asks."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from services.cli import main as command
from services.cli.assessing.show import WIDTH, render_assessment
from services.cli.home import Home
from services.law.act import Act
from services.law.advice.advise import advise
from services.law.advice.shapes import KeepingStage, KeptUntil
from services.law.context import Context
from services.law.judgement import judge
from services.law.texts import Text
from services.ledger.contract.messages import Assessment, RegisterReference, VerdictAnswer
from tests.unit.law.builders import NOW, act, covenant, register, subject, to

URL = "http://127.0.0.1:1"


def assessed(given_act: Act) -> Assessment:
    """The answer of the ledger, as far as it is shown."""
    context = Context(register(covenant(), covenant("other")), None, NOW)
    verdict = judge(given_act, context)
    advice = advise(given_act, context, verdict, [f"ref-{n}" for n, _ in enumerate(given_act.subjects)])
    fields: dict[str, Any] = {name: getattr(advice, name) for name in advice.__struct_fields__}
    return Assessment(
        verdict=VerdictAnswer(outcome=verdict.outcome.value), register=RegisterReference(), subjects=(), **fields
    )


FORBIDDEN = act(recipients=to("youth", "school"), subjects=(subject(status="bystander"),))
OWED = act(controller="police", recipients=to("mayor"), data_regime="Wpg-8")


def test_the_answer_reads_from_who_may_have_it_to_what_if() -> None:
    """Every part has its heading, in the order in which somebody at a desk asks."""
    text = render_assessment(assessed(FORBIDDEN), ("nl",))
    parts = [
        "Mag dit?  Nee, zo niet.",
        "  youth: nee",
        "Wat het wel mogelijk maakt:",
        "Wet: AVG 5(1)(c)",
        "noodzaak: mag niet (bystander-excluded)",
        "house/groups (v1)",
        "Ook mogelijk:",
        "- other/groups (v1). other geldt voor de woonplaats",
        "college vertelt het de persoon uiterlijk",
        "Te bewaren tot en met 1 september 2026.",
        "- Geen partner van het convenant: school.",
        "1. Elke partij een eigen grond in de wet: Nee, zo niet. erbij: own-ground-missing",
        "Er is niets opgeslagen.",
    ]
    places = [text.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)
    assert max(map(len, text.splitlines())) <= WIDTH


def test_both_languages_stand_one_after_the_other() -> None:
    """The same parts twice; English has no Dutch in it."""
    dutch, english = (render_assessment(assessed(FORBIDDEN), (language,)) for language in ("nl", "en"))
    assert render_assessment(assessed(FORBIDDEN), ("nl", "en")) == f"{dutch}\n\n{english}"
    assert english.startswith("May I do this?  No, not like this.")
    assert "Wat " not in english
    assert "  youth: no\n" in english


def test_what_must_be_shared_is_said_with_the_law_that_obliges() -> None:
    """The answer is yes, and why it cannot simply be held back."""
    text = render_assessment(assessed(OWED), ("en",))
    assert "  mayor: yes, you must\n" in text
    assert "Law: Wpg 16(1)" in text


def test_an_act_that_gives_nobody_anything_says_so() -> None:
    """No recipients, nothing kept, nobody to tell, no other reading, and no governing covenant."""
    text = render_assessment(assessed(act(operation="consult", recipients=(), covenant=None, subjects=())), ("nl",))
    assert "Niemand hoeft nu iets te vertellen." in text
    assert "Niemand krijgt hierdoor gegevens in handen." in text
    assert "Voor wie" not in text
    assert "anders gelezen" not in text


def test_an_answer_without_advice_is_shown_too() -> None:
    """A ledger of before the advice gave a verdict only."""
    bare = Assessment(verdict=VerdictAnswer(outcome="gap"), register=RegisterReference(), subjects=(), recipients=())
    assert "Ja, maar er ontbreekt iets." in render_assessment(bare, ("nl",))


def test_stages_and_lost_terms_are_shown() -> None:
    """How the use narrows, what else gave a term, and what nobody has read."""
    found = assessed(OWED)
    assert found.keep is not None
    other = KeptUntil(until=None, rule=None, says=None, text=Text("anders", "otherwise"), subjects=("b",))
    stage = KeepingStage(since=date(2026, 1, 1), until=date(2027, 1, 1), text=Text("vrij", "free"))
    keep = msgspec.structs.replace(found.keep, stages=(stage,), others=(other,))
    text = render_assessment(msgspec.structs.replace(found, keep=keep), ("nl",))
    assert "- 2026-01-01 … 2027-01-01: vrij" in text
    assert "Geldt niet: " in text
    assert "  anders\n" in text


def test_a_norm_that_nobody_verified_is_marked() -> None:
    """Whoever leans on it should know."""
    text = render_assessment(assessed(act(occurred_at=NOW.replace(year=2017), legal_basis=None)), ("nl",))
    assert "Wbp 8 (niet nagelezen)" in text


class Served:
    """A ledger's home in a folder, and the answer that its door gives."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("GROOTBOEK_HOME", str(folder / "home"))
        Path("var").mkdir()
        home = Home(folder / "home")
        home.make()
        (home.path / "base-url").write_text(URL, encoding="utf-8")
        self.answer = httpx.Response(200, content=msgspec.json.encode(assessed(act())))
        self.asked: list[tuple[str, bytes, dict[str, str]]] = []
        self.down = False
        monkeypatch.setattr(httpx, "post", self._post)

    def _post(self, url: str, *, content: bytes, headers: dict[str, str], timeout: float) -> httpx.Response:
        assert timeout > 0
        self.asked.append((url, content, headers))
        if self.down:
            raise httpx.ConnectError("nobody there")
        return self.answer


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    """A ledger that answers."""
    return Served(tmp_path, monkeypatch)


def act_file(text: str = '{"controller": "mayor"}') -> str:
    """A file with an act."""
    Path("act.json").write_text(text, encoding="utf-8")
    return "act.json"


def test_the_command_asks_in_the_name_of_the_controller(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    """It sends the file as it is, and prints both languages; nothing forbids the act."""
    assert command.main(["assess", act_file()]) == 0
    ((url, content, headers),) = served.asked
    assert (url, content) == (f"{URL}/v1/processing-operations/_assess", b'{"controller": "mayor"}')
    assert headers["Authorization"].startswith("Bearer ")
    said = capsys.readouterr().out
    assert "Mag dit?" in said
    assert "May I do this?" in said


@pytest.mark.parametrize("arguments", [["assess"], ["assess", "-"], ["assess", "-", "--party", "college"]])
def test_the_act_may_come_on_standard_input(
    served: Served, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a dash or with nothing; who asks may be named."""
    monkeypatch.setattr("sys.stdin", io.StringIO('{"controller": "mayor"}'))
    assert command.main([*arguments, "--language", "nl"]) == 0
    assert len(served.asked) == 1


def test_a_violation_is_told_by_the_exit_code(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    """2, so that a script can stop; with --json the answer is the ledger's own."""
    served.answer = httpx.Response(200, content=msgspec.json.encode(assessed(FORBIDDEN)))
    assert command.main(["assess", act_file(), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["verdict"]["outcome"] == "violation"


@pytest.mark.parametrize("as_json", [False, True])
def test_a_problem_is_told_with_every_fault(
    served: Served, capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    """On standard error, each fault with what repairs it."""
    fault = {"pointer": "/subjects/0/id", "code": "bsn-invalid", "message": "Not one.", "remedy": "Look again."}
    whole = {"pointer": "", "code": "shape", "message": "Wrong shape.", "remedy": "Send an object."}
    served.answer = httpx.Response(400, json={"title": "Rejected.", "detail": "Two faults.", "errors": [fault, whole]})
    assert command.main(["assess", act_file(), *(["--json"] if as_json else [])]) == 2
    told = capsys.readouterr().err
    if as_json:
        assert json.loads(told)["errors"][0] == fault
    else:
        assert told.splitlines() == [
            "Rejected.",
            "Two faults.",
            "  /subjects/0/id: Not one. Look again.",
            "  /: Wrong shape. Send an object.",
        ]


@pytest.mark.parametrize("text", ["no json", "[]", "{}", '{"controller": 5}', '{"controller": ""}'])
def test_an_act_that_names_nobody_is_not_asked_about(
    served: Served, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The remedy is an example, or saying who asks."""
    assert command.main(["assess", act_file(text)]) == 1
    assert "docs/example-act.json" in capsys.readouterr().err
    assert served.asked == []


def test_a_missing_file_is_told(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    """By its name, without a stack."""
    assert command.main(["assess", "lost.json"]) == 1
    assert "lost.json" in capsys.readouterr().err
    assert served.asked == []


def test_a_ledger_that_is_down_is_told(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    """With how to start it."""
    served.down = True
    assert command.main(["assess", act_file()]) == 1
    assert "make run" in capsys.readouterr().err
