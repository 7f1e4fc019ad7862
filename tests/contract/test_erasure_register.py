"""One contract for every erasure register: what was destroyed is said once, in order, and cannot be unsaid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from services.ledger.application.erasure_register_errors import EntryTooLong, RegisterDamaged, RegisterExposed
from services.ledger.application.retention_ports import ErasureEntry, ErasureRegister
from services.ledger.storage.erasure_register_file import LOCK, REGISTER, ErasureRegisterFile
from services.ledger.storage.erasure_register_memory import MemoryErasureRegister
from services.runtime.limits import ERASURE_REGISTER_LINE_BYTES_MAX

AT = datetime(2026, 9, 10, 22, tzinfo=UTC)
STREAM = UUID(int=7)


def entry(name: str = "one") -> ErasureEntry:
    """An entry about one dossier."""
    return ErasureEntry(
        id=name, kind="dossiers", at=AT, party="college", key="e-1", dossiers=((0, STREAM, "0a", 1, "ff"),)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the place of a register that is not there yet."""
    return tmp_path / "erasure register of this ledger"


@pytest.fixture(params=["memory", "file"])
def new_register(request: pytest.FixtureRequest, folder: Path) -> Callable[[], ErasureRegister]:
    """Give a function that makes (or, for the file, opens again) a register of each kind."""
    memory = MemoryErasureRegister()
    return (lambda: memory) if request.param == "memory" else (lambda: ErasureRegisterFile(folder))


def test_entries_come_back_in_order(new_register: Callable[[], ErasureRegister]) -> None:
    """What was written is read back as it was, numbered from one."""
    register = new_register()
    day = ErasureEntry(id="day:2026-09-09", kind="day", at=AT, day=date(2026, 9, 9))
    assert (register.append(entry()), register.append(day)) == (1, 2)
    found = new_register().entries()
    assert [(each.id, each.sequence) for each in found] == [("one", 1), ("day:2026-09-09", 2)]
    assert found[0].dossiers == ((0, STREAM, "0a", 1, "ff"),)
    assert new_register().entries(after=1) == [found[1]]
    assert new_register().entries(after=2) == []


def test_an_id_is_written_once(new_register: Callable[[], ErasureRegister]) -> None:
    """A repeated destruction keeps the entry that stands, also when it now says something else."""
    register = new_register()
    register.append(entry())
    register.append(entry("two"))
    assert new_register().append(ErasureEntry(id="one", kind="day", at=AT)) == 1
    assert [each.kind for each in new_register().entries()] == ["dossiers", "dossiers"]


def test_an_entry_is_found_by_its_id(new_register: Callable[[], ErasureRegister]) -> None:
    """What was written under an id comes back with its number; an unknown id is none."""
    register = new_register()
    assert register.find("one") is None
    register.append(entry())
    found = new_register().find("one")
    assert found is not None
    assert (found.sequence, found.key) == (1, "e-1")


def test_the_chain_tells_registers_apart(new_register: Callable[[], ErasureRegister]) -> None:
    """Every number has a hash over all up to it; beyond the end there is none."""
    register = new_register()
    register.append(entry())
    register.append(entry("two"))
    chains = [new_register().chain(number) for number in range(4)]
    assert len(set(chains)) == 4
    assert chains[3] is None
    other = MemoryErasureRegister()
    other.append(entry("another"))
    assert other.chain(0) == chains[0]
    assert other.chain(1) != chains[1]


def test_a_line_has_a_bound(new_register: Callable[[], ErasureRegister]) -> None:
    """An entry longer than a line may be is refused and leaves nothing."""
    register = new_register()
    with pytest.raises(EntryTooLong):
        register.append(entry("x" * ERASURE_REGISTER_LINE_BYTES_MAX))
    assert register.entries() == []
    assert register.append(entry()) == 1


def test_it_is_closed_to_others(folder: Path) -> None:
    """The folder opens for its owner only, and so do its files."""
    register = ErasureRegisterFile(folder)
    register.append(entry())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {REGISTER: 0o600, LOCK: 0o600}


def test_an_open_one_is_refused(folder: Path) -> None:
    """A register that others can read or whose folder others can write is not used."""
    register = ErasureRegisterFile(folder)
    (folder / REGISTER).chmod(0o644)
    with pytest.raises(RegisterExposed):
        register.entries()
    (folder / REGISTER).chmod(0o600)
    folder.chmod(0o777)
    with pytest.raises(RegisterExposed):
        ErasureRegisterFile(folder)
    with pytest.raises(RegisterExposed):
        register.append(entry())


def test_two_processes_write_one_list(folder: Path) -> None:
    """Each takes in what the other added, and numbers go on."""
    first, second = ErasureRegisterFile(folder), ErasureRegisterFile(folder)
    numbers = [first.append(entry("a")), second.append(entry("b")), first.append(entry("c")), second.append(entry("a"))]
    assert numbers == [1, 2, 3, 1]
    assert [each.id for each in second.entries()] == ["a", "b", "c"]


def test_a_torn_last_line_is_cut_off(folder: Path) -> None:
    """At every byte at which a crash can stop a write, the entries before it stand and the next one follows on them."""
    register = ErasureRegisterFile(folder)
    register.append(entry("a"))
    whole = (folder / REGISTER).read_bytes()
    register.append(entry("b"))
    line = (folder / REGISTER).read_bytes()[len(whole) :]
    for length in range(len(line)):
        (folder / REGISTER).write_bytes(whole + line[:length])
        opened = ErasureRegisterFile(folder)
        assert [each.id for each in opened.entries()] == ["a"]
        assert opened.append(entry("c")) == 2
        assert [each.id for each in ErasureRegisterFile(folder).entries()] == ["a", "c"]


def test_a_write_under_way_is_no_entry_yet(folder: Path) -> None:
    """Who reads while another process writes sees the whole lines only."""
    reader = ErasureRegisterFile(folder)
    reader.append(entry("a"))
    whole = (folder / REGISTER).read_bytes()
    (folder / REGISTER).write_bytes(whole + b'{"chain":"')
    assert [each.id for each in reader.entries()] == ["a"]


@pytest.mark.parametrize("how", ["flip", "drop", "swap", "repeat", "noise", "shape"])
def test_a_broken_chain_does_not_open(folder: Path, how: str) -> None:
    """A changed, lost, moved, repeated or foreign line closes the register."""
    register = ErasureRegisterFile(folder)
    for name in ("a", "b", "c"):
        register.append(entry(name))
    lines = (folder / REGISTER).read_bytes().splitlines(keepends=True)
    changed = {
        "flip": [lines[0], lines[1].replace(b'"college"', b'"colleges"'), lines[2]],
        "drop": [lines[0], lines[2]],
        "swap": [lines[1], lines[0], lines[2]],
        "repeat": [*lines, lines[2]],
        "noise": [*lines, b"\x00\xff\n"],
        "shape": [*lines, b'{"chain": 1}\n'],
    }
    (folder / REGISTER).write_bytes(b"".join(changed[how]))
    with pytest.raises(RegisterDamaged):
        ErasureRegisterFile(folder)


def test_a_register_that_shrinks_or_goes_is_missed(folder: Path) -> None:
    """A process that knows more of the register than there now is does not go on with less."""
    register = ErasureRegisterFile(folder)
    register.append(entry("a"))
    (folder / REGISTER).write_bytes(b"")
    with pytest.raises(RegisterDamaged):
        register.append(entry("b"))
    (folder / REGISTER).unlink()
    with pytest.raises(RegisterDamaged):
        register.entries()


def test_what_cannot_be_forced_to_disk_is_taken_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry that a failing disk did not take is not there afterwards, so that it is written anew."""
    register = ErasureRegisterFile(folder)
    register.append(entry("a"))

    def fail(_: int) -> None:
        raise OSError(5, "input/output error")

    with monkeypatch.context() as patched:
        patched.setattr("services.ledger.storage.erasure_register_file.os.fsync", fail)
        with pytest.raises(OSError, match="input/output"):
            register.append(entry("b"))
    assert [each.id for each in register.entries()] == ["a"]
    assert register.append(entry("b")) == 2
