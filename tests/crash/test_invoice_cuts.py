"""A paid charge at a station that issues invoices, cut at every commit: one invoice, one chain."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from chargepoint.store import audit
from simulator.powercut import Cut
from simulator.scenario_file import load
from tests.crash.every_cut import Blow, survive

COIN_SCENARIO = Path(__file__).parent.parent / "scenario" / "coin_charge_to_the_limit.yaml"
MOST_COMMITS = 200
ISSUER = {
    "receipt.mode": "kiosk",
    "receipt.nif": "B12345674",
    "receipt.issuer": "Plaza SL",
    "receipt.series": "P07",
}


@pytest.mark.timeout(200)
@pytest.mark.parametrize("mode", [Cut.BEFORE, Cut.AT])
def test_every_sale_has_one_invoice_wherever_the_power_goes(mode: Cut, tmp_path: Path) -> None:
    known = load(COIN_SCENARIO)
    given = replace(known.given, config={**known.given.config, **ISSUER})
    scenario = replace(known, given=given)
    found: list[str] = []
    for number in range(1, MOST_COMMITS):
        folder = tmp_path / str(number)
        folder.mkdir()
        after = survive(scenario, Blow(mode, number, is_power=True), folder)
        if not after.was_struck:
            break
        found += [f"{number}: {wrong}" for wrong in wrongs(folder)]
        sold = [each for each in after.receipts if each["total"]["amount"] > 0]
        if any("hash" not in each for each in sold):
            found.append(f"{number}: a sale was told without its invoice")
    assert number > 15, "the scenario has more commits than that"
    assert found == []


def wrongs(folder: Path) -> list[str]:
    (journal,) = folder.rglob("journal.sqlite")
    with closing(audit.open_read_only(journal)) as connection:
        report = audit.audit(connection)
        unpaired = connection.execute(
            "SELECT session.id FROM session LEFT JOIN invoice ON session.id = invoice.session"
            " WHERE json_extract(session.body, '$.total') > 0 AND invoice.id IS NULL"
        ).fetchall()
    open_invoices = [item.reference for item in report.unsettled if item.kind == "invoice"]
    return [
        *report.wrongs,
        *open_invoices,
        *(f"no invoice for {session}" for (session,) in unpaired),
    ]


TOP_UP = COIN_SCENARIO.parent / "virtual" / "top_up_with_its_invoice.yaml"


@pytest.mark.timeout(200)
@pytest.mark.parametrize("mode", [Cut.BEFORE, Cut.AT])
def test_every_load_has_one_invoice_wherever_the_power_goes(mode: Cut, tmp_path: Path) -> None:
    found: list[str] = []
    for number in range(1, MOST_COMMITS):
        folder = tmp_path / str(number)
        folder.mkdir()
        if not survive(load(TOP_UP), Blow(mode, number, is_power=True), folder).was_struck:
            break
        found += [f"{number}: {wrong}" for wrong in wrongs(folder)]
    assert number > 8, "the scenario has more commits than that"
    assert found == []
