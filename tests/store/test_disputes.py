"""Charges found again, and the signed file of one: all of it, and no secret in it."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chargepoint.app.disputes import Disputes
from chargepoint.commission import doings
from chargepoint.commission.live import NotHere
from chargepoint.commission.report import signed, verified
from chargepoint.ocpp.security import x509
from chargepoint.store import schema
from chargepoint.store.service_book import ServiceBook
from simulator.play_options import StationOptions
from simulator.scenario_file import parse
from simulator.virtual_station import play_virtual

AT = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
KEY = x509.new_key(bytes(range(48)))
STATION = {"station": "CP-0001", "serial": "SN-0001", "software": "0.1.0"}
STORY = """
title: A charge for coins, one with a card
given:
  config: {tariff.energy: 0.45, tariff.session: 0}
  hopper: {"1.00": 20}
  cards: {GC-1: {balance: 20.00}}
steps:
  - plug: {connector: 1, ev: {soc: 20, max_a: 16, phases: 1}}
  - tap: GC-1
  - touch: start
  - expect: {contactor: {1: closed}, within: 30s}
  - wait: 4m
  - tap: GC-1
  - unplug: {connector: 1}
  - touch: receipt_none
  - expect: {screen: home, within: 2m}
  - wait: 20m
  - plug: {connector: 1, ev: {soc: 20, max_a: 16, phases: 1}}
  - coin: 2.00
  - touch: start
  - expect: {screen: charging, within: 30s}
  - wait: 5m
  - fault: {device: meter, kind: garbled, connector: 1}
  - wait: 6s
  - clear: {device: meter, kind: garbled, connector: 1}
  - wait: 2m
  - unplug: {connector: 1}
  - wait: 2m
"""


class FixedClock:
    def monotonic(self) -> float:
        return 0.0

    def utc(self) -> datetime:
        return AT


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceBook]:
    state = tmp_path_factory.mktemp("state")
    report = play_virtual(parse(STORY, "story"), StationOptions(state=state))
    assert report.passed, report.failures
    connection = schema.connect(str(state / "journal.sqlite"))
    yield ServiceBook(connection)
    connection.close()


def newest(book: ServiceBook, wanted: str = "") -> list[str]:
    return [fact.id for fact in book.sessions(wanted).facts]


def test_charges_are_found_by_receipt_amount_card_and_time(book: ServiceBook) -> None:
    by_coins, by_card = newest(book)
    document = book.dispute(by_card)["record"]["document"]  # type: ignore[index]
    total = document["total"]["amount"]
    assert newest(book, "receipt:1") == [by_card]
    assert newest(book, "receipt:1000002") == [by_coins]
    assert newest(book, f"amount:{total}") == [by_card]
    assert newest(book, f"card:{document['idTag'][-4:]}") == [by_card]
    assert newest(book, document["idTag"][-4:]) == [by_card]
    assert newest(book, "time:2026-01-01T08:00:00.000Z/2026-01-01T08:15:00.000Z") == [by_card]
    assert newest(book, "time:2026-01-01T10:00:00.000Z/2026-01-01T11:00:00.000Z") == []
    assert newest(book, "card:%") == newest(book, "amount:") == []


def test_extract_holds_coins_readings_frames_change_and_no_code(book: ServiceBook) -> None:
    session = newest(book)[0]
    found = book.dispute(session)
    assert found is not None
    kinds = [message["kind"] for message in found["messages"]]
    assert (kinds[0], kinds[-2:]) == ("start", ["stop", "vendor"])
    registers = [m["content"]["register"] for m in found["messages"] if m["kind"] != "vendor"]
    assert registers == sorted(registers)
    keys = [posting["key"].partition(":")[0] for posting in found["postings"]]
    assert {"coin", "hold", "sale"} <= set(keys)
    assert sum(posting["signedMinor"] for posting in found["postings"]) == 0
    assert any(each["frames"] for each in found["incidents"])
    assert not {"code", "page"} & {*found["record"]["order"], *found["record"]["document"]}


def test_card_number_is_its_last_four_digits_wherever_it_stands(book: ServiceBook) -> None:
    found = book.dispute(newest(book)[1])
    assert found is not None
    tag = found["record"]["document"]["idTag"]
    assert (tag[0], len(tag)) == ("…", 5)
    assert "712345" not in json.dumps(found)


def exported(book: ServiceBook, session: str, sign: Any = None) -> tuple[Any, dict[str, bytes]]:
    files: dict[str, bytes] = {}

    async def export(name: str, content: bytes) -> str:
        files[name] = content
        return ""

    async def by_key(body: dict[str, Any]) -> str:
        return signed(body, KEY)

    disputes = Disputes(book, FixedClock(), station=STATION, sign=sign or by_key, export=export)
    return asyncio.run(disputes.export(session)), files


def test_file_is_signed_by_the_station_and_its_sum_is_beside_it(book: ServiceBook) -> None:
    ended, files = exported(book, newest(book)[0])
    assert ended == (True, "dispute_exported")
    name, beside = sorted(files)
    body = verified(files[name].decode()).body
    assert (body["kind"], body["station"], body["session"]) == (
        "dispute",
        "CP-0001",
        newest(book)[0],
    )
    digest = hashlib.sha256(files[name]).hexdigest()
    assert files[beside].decode() == f"{digest}  {name}\n"


def test_command_that_checks_reports_checks_it_too(book: ServiceBook, tmp_path: Path) -> None:
    session = newest(book)[0]
    _, files = exported(book, session)
    file = tmp_path / "dispute.json"
    file.write_bytes(files[min(files)])
    told = doings.verify(file, "", None)
    assert told.is_good
    assert f"session: {session}" in told.lines


def test_without_such_a_charge_or_a_key_nothing_is_written(book: ServiceBook) -> None:
    async def keyless(_body: dict[str, Any]) -> str:
        raise NotHere("CP-0001 has no key to sign by")

    assert exported(book, "nobody's") == ((False, "failed|no such session"), {})
    ended, files = exported(book, newest(book)[0], keyless)
    assert ended == (False, "failed|CP-0001 has no key to sign by")
    assert files == {}
