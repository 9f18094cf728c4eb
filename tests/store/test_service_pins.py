"""PINs: hashed, never shown, never given on a command line; every change is written down."""

import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from chargepoint.app.pins import StoredPin, hashed, person_of
from chargepoint.domain.service.people import Person, Role
from chargepoint.store import schema, service_log, service_pins

ANNA, CARLOS = Person("anna", Role.TECHNICIAN), Person("carlos", Role.COLLECTOR)
QUICK = 4

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal.sqlite"
    with closing(schema.connect(str(path))) as connection:
        schema.migrate(connection)
    return path


@pytest.fixture
def command(
    journal: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    def run(*words: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = service_pins.main([str(journal), *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def stored(journal: Path) -> list[StoredPin]:
    with closing(sqlite3.connect(journal)) as connection:
        return service_pins.read(connection)


def test_person_when_added_then_known_by_the_pin_and_by_no_other(
    command: Command, journal: Path
) -> None:
    assert command("add", "anna", "--role", "technician", typed="835216\n") == (0, "done\n", "")
    known = stored(journal)
    assert person_of("835216", known) == ANNA
    assert person_of("835217", known) is None
    assert b"835216" not in journal.read_bytes()


def test_list_shows_names_and_roles_alone(command: Command) -> None:
    command("add", "anna", "--role", "technician", typed="835216\n")
    code, out, _ = command("list")
    assert code == 0
    assert out.split() == ["anna", "technician"]


def test_pin_when_reset_then_the_old_one_is_nobodys(command: Command, journal: Path) -> None:
    command("add", "anna", "--role", "technician", typed="835216\n")
    assert command("reset", "anna", typed="472910\n")[0] == 0
    assert person_of("835216", stored(journal)) is None
    assert person_of("472910", stored(journal)) == ANNA


def test_person_when_removed_then_gone_and_written_down(command: Command, journal: Path) -> None:
    command("add", "anna", "--role", "technician", typed="835216\n")
    assert command("remove", "anna")[0] == 0
    assert stored(journal) == []
    with closing(sqlite3.connect(journal)) as connection:
        whats = [line.note.what for line in service_log.read(connection, 10)]
    assert whats == ["pin remove anna technician", "pin add anna technician"]


@pytest.mark.parametrize("pin", ["12345", "1234567890123", "12a456", "000000", "123456", "876543"])
def test_pin_when_too_easy_then_refused(command: Command, journal: Path, pin: str) -> None:
    code, _, err = command("add", "anna", "--role", "technician", typed=f"{pin}\n")
    assert code == 1
    assert pin not in err
    assert stored(journal) == []


def test_pin_when_another_has_it_then_refused(command: Command) -> None:
    command("add", "anna", "--role", "technician", typed="835216\n")
    code, _, err = command("add", "carlos", "--role", "collector", typed="835216\n")
    assert (code, err) == (1, "choose another PIN\n")


def test_wrong_use_is_told(command: Command, tmp_path: Path) -> None:
    command("add", "anna", "--role", "admin", typed="835216\n")
    assert command("add", "anna", "--role", "admin", typed="999123\n")[0] == 1
    assert command("reset", "nobody", typed="999123\n")[0] == 1
    assert service_pins.main([str(tmp_path / "none.sqlite"), "list"]) == 2


def test_two_with_one_pin_have_different_hashes() -> None:
    assert hashed("835216", b"a" * 16, QUICK) != hashed("835216", b"b" * 16, QUICK)
