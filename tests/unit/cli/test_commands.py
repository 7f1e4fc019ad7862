"""The ``grootboek`` command."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from services.cli import main as command


def test_clock_prints_what_moved_the_term(capsys: pytest.CaptureFixture[str]) -> None:
    """The contract's example: a month from 5 March 2026 runs over Easter to the Tuesday."""
    assert command.main(["clock", "--received", "2026-03-05", "--period", "P1M"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["legalLatest"], answer["safe"]) == ("2026-04-07", "2026-04-07")
    assert [move["day"] for move in answer["movedBy"]] == ["2026-04-05", "2026-04-06"]


def test_clock_counts_hours_strictly(capsys: pytest.CaptureFixture[str]) -> None:
    """72 hours over the change to summer time end an hour later by the wall."""
    assert command.main(["clock", "--aware", "2026-03-28T10:20+01:00", "--period", "PT72H"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer == {"legalLatest": "2026-03-31T11:20:00+02:00", "safe": "2026-03-31T11:20:00+02:00", "movedBy": []}


def test_errors_name_their_remedy(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that cannot be done says why and what helps, without a stack."""
    monkeypatch.setenv("GROOTBOEK_HOME", "/nowhere/at/all")
    assert command.main(["verify"]) == 1
    assert "There is no ledger here yet." in capsys.readouterr().err


@pytest.mark.parametrize("conninfo", ["postgresql://owner:hush@db.example/x", "host=/run sslpassword=hush", "hush"])
def test_no_password_on_the_command_line(conninfo: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Everybody on a machine can read the arguments of a process; what is refused is not told."""
    with pytest.raises(SystemExit):
        command.main(["up", "--distributed", "--kafka", "127.0.0.1:1", "--postgres", conninfo])
    said = capsys.readouterr().err
    assert "--postgres" in said
    assert "hush" not in said


@pytest.mark.parametrize("name", ["up", "serve"])
def test_a_wrong_number_of_lanes_is_no_stack(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands in the environment is checked as what stands on the command line."""
    monkeypatch.setenv("GROOTBOEK_LANES", "many")
    with pytest.raises(SystemExit):
        command.main([name, *(["--distributed"] if name == "up" else [])])
    assert "--lanes: invalid int value" in capsys.readouterr().err


@pytest.mark.parametrize(
    "asked",
    [
        ["--received", "2026-03-05", "--period", "1 maand"],
        ["--received", "2026-03-05", "--period", "PT72H"],
        ["--aware", "2026-03-28T10:20+01:00", "--period", ""],
    ],
)
def test_clock_says_what_is_no_term(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With how to write one, and no traceback."""
    assert command.main(["clock", *asked]) == 1
    assert "P14D" in capsys.readouterr().err


def test_clock_counts_from_no_instant_without_a_zone(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody guesses whether 10:20 was meant in Amsterdam or in Greenwich."""
    with pytest.raises(SystemExit):
        command.main(["clock", "--aware", "2026-03-28T10:20", "--period", "PT72H"])
    assert "zone" in capsys.readouterr().err


def test_a_clock_that_is_none_makes_no_ledger(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The kind of clock is for good: a slip of the pen must not make a ledger on the other one."""
    monkeypatch.setenv("GROOTBOEK_CLOCK", "Scenario")
    home = tmp_path / "home"
    assert command.main(["up", "--distributed", "--kafka", "127.0.0.1:1", "--home", str(home)]) == os.EX_CONFIG
    assert "GROOTBOEK_CLOCK" in capsys.readouterr().err
    assert not home.exists()


def test_norms_lists_the_law_of_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    """On the last day of the Wbp the Wbp is listed and the AVG is not; a day later it is the reverse."""
    assert command.main(["norms", "--on", "2018-05-24"]) == 0
    before = {line.split()[0] for line in capsys.readouterr().out.splitlines()}
    assert command.main(["norms", "--on", "2018-05-25"]) == 0
    after = {line.split()[0] for line in capsys.readouterr().out.splitlines()}
    assert {"wbp-8", "gemw-172"} <= before
    assert {"avg-6-1-e", "gemw-172"} <= after
    assert not {"avg-6-1-e"} & before
    assert not {"wbp-8"} & after


def test_norms_lists_what_needs_a_fresh_look(capsys: pytest.CaptureFixture[str]) -> None:
    """Stale are the unread ones and those due before a release, each with its reasons; a fresh one is left out."""
    assert command.main(["norms", "--stale", "--on", "2026-11-26", "--json"]) == 0
    reasons = {norm["id"]: norm["reasons"] for norm in json.loads(capsys.readouterr().out)}
    assert reasons["wbp-8"] == ["unverified"]
    assert reasons["uavg-5-4"] == ["check-before", "text-aged"]
    assert "wgs-1-8-7" not in reasons
