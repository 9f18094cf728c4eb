import sqlite3
from pathlib import Path

from chargepoint.store import schema
from simulator.bench.journal_watch import JournalWatch


def _journal(path: Path) -> sqlite3.Connection:
    connection = schema.connect(str(path))
    schema.migrate(connection)
    return connection


def _post(connection: sqlite3.Connection, key: str, **entries: int) -> None:
    connection.execute("BEGIN")
    number = connection.execute(
        "INSERT INTO posting (key, at) VALUES (?, '2026-01-01T00:00:00.000Z')", (key,)
    ).lastrowid
    connection.executemany(
        "INSERT INTO entry VALUES (?, ?, ?)",
        [(number, account.replace("_1", ":1"), amount) for account, amount in entries.items()],
    )
    connection.execute("COMMIT")


def test_nothing_is_seen_before_there_is_a_journal(tmp_path: Path) -> None:
    watch = JournalWatch(tmp_path / "journal.sqlite")
    assert watch.look() == []
    assert watch.ledger == {"balanced": True, "accounts": {}}


def test_each_posting_is_seen_once_in_the_sign_people_read(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal, watch = _journal(path), JournalWatch(path)
    watch.look()
    _post(journal, "coin:1:1:1", cash_box=200, credit_1=-200)
    (seen,) = watch.look()
    assert seen == {
        "kind": "posting",
        "key": "coin:1:1:1",
        "entries": {"cash_box": 200, "credit:1": 200},
    }
    assert watch.look() == []
    assert watch.ledger == {"balanced": True, "accounts": {"cash_box": 200, "credit:1": 200}}
    watch.close()
    journal.close()


def test_books_that_do_not_balance_are_said_so(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal, watch = _journal(path), JournalWatch(path)
    _post(journal, "broken", cash_box=200, credit_1=-100)
    watch.look()
    assert watch.ledger["balanced"] is False
    watch.close()
    journal.close()


def test_incident_is_seen_with_its_device(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal, watch = _journal(path), JournalWatch(path)
    watch.look()
    with journal:
        journal.execute(
            "INSERT INTO incident (at, code, device, detail, trace)"
            " VALUES ('2026-01-01T00:00:00.000Z', 'meter.silent', 'meter:1', 'no answer', '')"
        )
    (seen,) = watch.look()
    assert (seen["kind"], seen["code"], seen["device"]) == ("incident", "meter.silent", "meter:1")
    watch.close()
    journal.close()


def test_file_that_is_no_journal_yet_is_looked_at_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"")
    watch = JournalWatch(path)
    assert watch.look() == []
    _journal(path).close()
    watch.look()
    assert watch.ledger["balanced"] is True
    watch.close()
