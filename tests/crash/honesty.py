"""What an honest station never leaves behind, whenever it was cut. Money in minor units.

    inserted + captured - paid out - onto cards
        = sales + vat - vat paid ahead - rounding - absorbed + owed + vouchers + waiting credit and top-ups

Every physical amount is counted by the device or the central system itself, never by our journal.
"""

from chargepoint.domain.money import ledger
from tests.crash.every_cut import Aftermath, Blow

_WAITING = ("credit:", "topup:")


def wrongs(after: Aftermath, blow: Blow) -> list[str]:
    claims = {
        **_in_the_books(after),
        **_in_the_world(after, blow),
        **_at_the_bank(after),
        **_at_the_central_system(after),
    }
    return [f"{blow}: {claim}" for claim, is_wrong in claims.items() if is_wrong]


def _in_the_books(after: Aftermath) -> dict[str, bool]:
    held = {name: amount for name, amount in after.accounts.items() if name.startswith("held:")}
    negative = {
        name: amount
        for name, amount in after.accounts.items()
        if amount < 0 and (name in (ledger.OWED, ledger.UNASSIGNED) or name.startswith(_WAITING))
    }
    return {
        f"postings do not sum to zero: {after.unbalanced}": bool(after.unbalanced),
        f"money still held: {held}": any(held.values()),
        f"given away twice: {negative}": bool(negative),
        f"not settled: {after.unsettled}": bool(after.unsettled),
        f"conservation misses {_missing(after)}": _missing(after) != 0,
    }


def _missing(after: Aftermath) -> int:
    """Between what devices and central system count, and what the journal says became of it."""
    booked = after.accounts.get
    came_in = booked(ledger.CASH_BOX, 0) + sum(amount for _, amount in after.terminal.captured)
    went_out = after.paid_out + after.office.onto_cards
    became = (
        *(booked(ledger.SALES, 0), booked(ledger.VAT, 0), -booked(ledger.VAT_PREPAID, 0)),
        *(-booked(ledger.CASH_ROUNDING, 0), -booked(ledger.ABSORBED, 0)),
        *(booked(ledger.OWED, 0), booked(ledger.UNASSIGNED, 0), booked(ledger.VOUCHER, 0)),
        *(amount for name, amount in after.accounts.items() if name.startswith((*_WAITING, "held:"))),
    )  # fmt: skip
    return came_in - went_out - sum(became)


def _in_the_world(after: Aftermath, blow: Blow) -> dict[str, bool]:
    booked = after.accounts.get(ledger.CASH_BOX, 0)
    billed_wh = sum(energy_wh for energy_wh, _ in after.transactions)
    fell = after.accounts.get(ledger.SURPLUS, 0) - after.accounts.get(ledger.HOPPER, 0)
    return {
        f"{booked} booked of {after.inserted} kept": not _all_booked(after, blow),
        f"{after.told_unbooked} coins told as in no book": after.told_unbooked
        > _most_told(after, blow),
        f"{fell} booked as paid out, {after.paid_out} fell": fell != after.paid_out,
        f"{billed_wh} Wh billed of {after.energy_wh}": not -after.meter_step_wh
        < after.energy_wh - billed_wh
        < after.meter_step_wh + len(after.transactions) + after.unmetered_wh,
        "the contactor is closed": not after.is_open,
        "it was warned, and went dark under load": blow.is_warned and after.dark_under_load,
        "the plug is locked": not after.is_unlocked,
        f"the emergency stop is forgotten: {after.latched}": after.was_struck
        and after.pressed
        and not (after.latched and all("emergency_stop" in each for each in after.latched)),
    }


def _all_booked(after: Aftermath, blow: Blow) -> bool:
    """Every coin is in the books.

    Known gaps, each with exactly the pieces that fell into it: an acceptor that loses its power
    forgets the piece that it has not reported yet, at most one while the disk works, and all that the
    disk had not taken yet while it stalled; one that nobody could ask for long forgets all but its
    last five events, and the station says how many. The cash-box report shows them as surplus.
    """
    if len(after.unread) > blow.is_power:
        return False
    forgotten = sum(after.unread) + sum(after.unwritten)
    missing = after.coins_kept - after.accounts.get(ledger.CASH_BOX, 0) - forgotten
    fewest = {0: 0}  # pieces that make up an amount
    for piece in after.inserted:
        for amount, pieces in tuple(fewest.items()):
            more = amount + piece
            fewest[more] = min(pieces + 1, fewest.get(more, pieces + 1))
    return fewest.get(missing, after.unreadable + 1) <= after.unreadable


def _most_told(after: Aftermath, blow: Blow) -> int:
    """Coins in no book, by the acceptor's own count; a cut just then may tell them a second time."""
    forgotten = len(after.unread) + len(after.unwritten) + after.unreadable
    return forgotten * (1 if blow.again is None else 2)


def _at_the_bank(after: Aftermath) -> dict[str, bool]:
    terminal = after.terminal
    numbers = [number for number, _ in terminal.captured]
    captured = sum(amount for _, amount in terminal.captured)
    clearing = after.accounts.get(ledger.CARD_CLEARING, 0)
    return {
        f"captured twice: {terminal.captured}": len(numbers) != len(set(numbers)),
        f"captured above its hold: {terminal}": any(
            amount > terminal.reserved.get(number, 0) for number, amount in terminal.captured
        ),
        f"still reserved on a card: {terminal.still_open}": bool(terminal.still_open),
        f"{captured} captured, {clearing} booked": captured != clearing,
    }


def _at_the_central_system(after: Aftermath) -> dict[str, bool]:
    numbers = [each["receiptNumber"] for each in after.receipts]
    onto_cards, clearing = after.office.onto_cards, -after.accounts.get(ledger.GC_CLEARING, 0)
    voucher = after.accounts.get(ledger.VOUCHER, 0)
    issued, told = after.office.invoices, after.told_invoices
    return {
        f"not delivered: {after.undelivered}": bool(after.undelivered),
        f"transactions {after.transactions}": not all(ended for _, ended in after.transactions),
        f"{len(numbers)} receipts for {len(after.transactions)} transactions": len(numbers)
        != len(after.transactions),
        f"a receipt twice: {numbers}": len(numbers) != len(set(numbers)),
        f"{onto_cards} onto cards, {clearing} booked": onto_cards != clearing,
        f"{after.office.vouchers} in vouchers, {voucher} booked": after.office.vouchers != voucher,
        f"invoices {issued}, told {told}": issued != told,
        f"invoices with a gap: {issued}": not _is_gapless([number for _, number in issued]),
        f"found by the central system: {after.office.findings}": bool(after.office.findings),
    }


def _is_gapless(numbers: list[str]) -> bool:
    return sorted(int(each.rpartition("-")[2]) for each in numbers) == [*range(1, len(numbers) + 1)]
