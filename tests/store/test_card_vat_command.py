"""When a card's money is taxed is no setting to be turned: refused, or moved with its tax."""

import asyncio
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.app.card_vat import CardVatChanged, check
from chargepoint.domain.money import ledger
from chargepoint.domain.money.ledger import CASH_BOX, Posting, transfer
from chargepoint.domain.money.prepaid_vat import CHOSEN, CardVat, changed, vat_in
from chargepoint.domain.money.settlement import postings
from chargepoint.domain.record import Batch
from chargepoint.domain.units import Minor
from chargepoint.store import audit, card_vat, schema
from chargepoint.store.journal import open_inline
from tests.domain.test_prepaid_vat import ONE, billed, loaded, sums
from tests.store.test_audit import FixedClock

AT_USE, AT_TOPUP = CardVat.AT_USE, CardVat.AT_TOPUP
TO_TOPUP = ["--to", "at_topup", "--on-cards", "12.10", "--vat-percent", "21"]
TO_USE = ["--to", "at_use", "--on-cards", "12.10", "--vat-percent", "21"]
SITE = [
    *("--config", "config/site.example.toml", "--set", "receipt.mode=central"),
    *("--set", "greencard.vat=at_topup"),
]
WHY = ["--role", "operator", "--reason", "from 2027 on"]


def kept(
    path: Path, mode: CardVat = AT_USE, *, loads: tuple[int, ...] = (1210,), clean: bool = True
) -> str:
    """A journal in which cards were loaded."""

    async def write() -> None:
        journal = open_inline(str(path), FixedClock())
        await journal.begin_boot()
        for number, amount in enumerate(loads):
            into = transfer(
                f"coin:{number}",
                Minor(amount),
                debit=CASH_BOX,
                credit=ledger.topup(f"T{number}"),
            )
            done = loaded(amount, mode, f"T{number}")
            await journal.append(Batch(postings=(into, *done)))
        if clean:
            await journal.mark_clean()
        journal.close()

    asyncio.run(write())
    return str(path)


def books_of(path: str) -> tuple[dict[str, int], str | None]:
    journal = open_inline(path, FixedClock())
    found = journal.balances(), journal.get(CHOSEN)
    journal.close()
    return found


@pytest.mark.parametrize(
    ("before", "after", "words", "vat"),
    [(AT_USE, AT_TOPUP, TO_TOPUP, 210), (AT_TOPUP, AT_USE, TO_USE, 0)],
)
def test_change_is_refused_until_the_tax_of_what_is_on_the_cards_was_moved(
    tmp_path: Path, before: CardVat, after: CardVat, words: list[str], vat: int
) -> None:
    path = kept(tmp_path / "j", before)
    check(before, *books_of(path))
    with pytest.raises(CardVatChanged, match=f"set it back to {before}"):
        check(after, *books_of(path))
    assert card_vat.main([path, *words, *WHY]) == 0
    check(after, *books_of(path))
    with pytest.raises(CardVatChanged):
        check(before, *books_of(path))
    balances, _ = books_of(path)
    assert balances.get("vat", 0) == vat
    assert audit.main([path]) == 0


def test_change_that_is_made_already_moves_nothing_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = kept(tmp_path / "j")
    for _ in range(2):
        assert card_vat.main([path, *TO_TOPUP, *WHY]) == 0
    assert "already" in capsys.readouterr().out
    assert books_of(path)[0]["vat"] == 210


def test_journal_that_never_saw_a_card_takes_either(tmp_path: Path) -> None:
    path = kept(tmp_path / "j", loads=())
    for mode in CardVat:
        check(mode, *books_of(path))


def test_station_that_runs_or_was_cut_is_not_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = kept(tmp_path / "j", clean=False)
    assert card_vat.main([path, *TO_TOPUP, *WHY]) == 1
    assert "stop it in order" in capsys.readouterr().err
    check(AT_USE, *books_of(path))


def test_load_on_its_way_is_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = kept(tmp_path / "j")
    waiting = transfer("coin:9", Minor(500), debit=CASH_BOX, credit=ledger.topup("T9"))
    with closing(schema.connect(path)) as connection:
        card_vat.rows.write(connection, Batch(postings=(waiting,)), FixedClock().utc())
    assert card_vat.main([path, *TO_TOPUP, *WHY]) == 1
    assert "1 loads are not on their cards" in capsys.readouterr().err


def test_what_is_no_journal_is_refused(tmp_path: Path) -> None:
    assert card_vat.main([str(tmp_path / "none"), *TO_TOPUP, *WHY]) == 2


amounts = st.lists(st.integers(1, 50_000), min_size=1, max_size=5)


@given(first=amounts, spent=st.lists(st.integers(1, 20_000), max_size=5), way=st.booleans())
def test_every_cent_is_taxed_once_across_the_change(
    first: list[int], spent: list[int], way: bool
) -> None:
    before, after = (AT_USE, AT_TOPUP) if way else (AT_TOPUP, AT_USE)
    booked: list[Posting] = []
    for number, amount in enumerate(first):
        booked += loaded(amount, before, f"T{number}")
    on_cards = Minor(sum(first))
    booked += changed("1", after, on_cards, 21)
    bills = [billed(wh, after, name=f"S{number}") for number, wh in enumerate(spent)]
    booked += [posting for each in bills for posting in postings(each, ONE)]
    found = sums(booked)
    assert sum(found.values()) == 0
    loaded_vat = sum(vat_in(Minor(amount), 21) for amount in first)
    sold_vat = sum(each.vat + (each.vat_prepaid or 0) for each in bills)
    moved = vat_in(on_cards, 21)
    assert abs(moved - loaded_vat) <= len(first), "each load was rounded by itself"
    due = moved if way else loaded_vat - moved + sold_vat
    assert -found.get(ledger.VAT, 0) == due
    left = moved - sold_vat if way else loaded_vat - moved
    assert found.get(ledger.VAT_PREPAID, 0) == left


@pytest.mark.system
def test_station_with_another_way_than_its_books_does_not_start(tmp_path: Path) -> None:
    kept(tmp_path / "journal.sqlite")
    ended = subprocess.run(
        [sys.executable, "-m", "chargepoint", *SITE, "--state", str(tmp_path)],
        capture_output=True,
        text=True,
        env={**os.environ, "CHARGEPOINT_CARD_KEY": "00" * 16},
        timeout=20,
        check=False,
    )
    assert ended.returncode == 2
    assert "set it back to at_use" in ended.stderr
