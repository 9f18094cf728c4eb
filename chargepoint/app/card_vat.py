"""Refuses a `greencard.vat` that is not the one by which money lies on the cards."""

from collections.abc import Collection

from chargepoint.domain.money.prepaid_vat import CardVat, in_books
from chargepoint.errors import ChargepointError


class CardVatChanged(ChargepointError):
    """The configuration and the books tax a card's money at different moments."""


def check(wanted: CardVat, accounts: Collection[str], chosen: str | None) -> None:
    """Raises CardVatChanged, with both ways out."""
    known = in_books(accounts, chosen)
    if known is not None and known is not wanted:
        raise CardVatChanged(
            f"greencard.vat is {wanted}, and the money on the cards was taken as {known}: "
            f"set it back to {known}, or see python -m chargepoint.store.card_vat --help"
        )
