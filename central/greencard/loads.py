"""What a point loaded onto a card: its receipt for the page, and what is given back of it.

A load is no sale: it moves money between a point's clearing and the card, here as there.
"""

import json
from collections.abc import Mapping
from typing import Any

from central.greencard.book import AccountBook
from central.greencard.records import Receipt, Refund

LOAD = "topup"


def receipt_of(
    point: str, content: Mapping[str, Any], amount_minor: int, page: str | None
) -> Receipt | None:
    """None of a point that writes no receipt of loads."""
    number = content.get("receiptNumber")
    if not isinstance(number, str) or not 0 < len(number) <= 255:
        return None
    return Receipt(
        point=point,
        number=number,
        transaction_id=None,
        id_tag=str(content["cardNumber"]),
        means=str(content.get("means", "")),
        total_minor=amount_minor,
        energy_wh=0,
        line_sum_minor=None,
        document=json.dumps(content, sort_keys=True, ensure_ascii=False),
        page=page,
    )


def is_of_load(refund: Refund) -> bool:
    return bool(json.loads(refund.document).get("item") == LOAD)


def give_back_inside(book: AccountBook, key: str, refund: Refund) -> None:
    """Off the card, into debt if it is spent; or out of what was held. What never came to us is
    between the point and its customer.
    """
    told = json.loads(refund.document)
    if told.get("credited") is not False:
        book.unload_inside(
            key, refund.point, str(told.get(LOAD, "")), refund.id_tag, refund.amount_minor
        )
