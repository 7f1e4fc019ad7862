"""Which port the ledger listens on."""

from __future__ import annotations

import socket

import pytest

from services.cli.ports import HOST, choose_port


def test_a_taken_port_gives_another_one_and_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newcomer whose port 8000 is in use is served elsewhere, with a clear line."""
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        wanted = int(taken.getsockname()[1])
        monkeypatch.setenv("GROOTBOEK_PORT", str(wanted))
        chosen = choose_port()
    assert chosen != wanted
    assert f"Port {wanted} is taken; serving on {chosen} instead." in capsys.readouterr().err


def test_the_port_that_is_asked_for_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """``GROOTBOEK_PORT`` is taken as it is when it is free."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        wanted = int(probe.getsockname()[1])
    monkeypatch.setenv("GROOTBOEK_PORT", str(wanted))
    assert choose_port() == wanted
