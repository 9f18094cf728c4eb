"""A journal as the voucher desk asks it, in memory; and a central system that answers as told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chargepoint.domain.money.voucher import VoucherRecord
from chargepoint.domain.record import Incident
from tests.support.surroundings import MemoryJournal


class SlipBook(MemoryJournal):
    """Nothing is booked unless a test says so; vouchers are those that were committed."""

    def __init__(self) -> None:
        super().__init__()
        self.booked: set[str] = set()
        self.stop_codes: dict[str, str] = {}  # stop code: voucher code

    def is_booked(self, key: str) -> bool:
        return key in self.booked

    def voucher(self, code: str) -> VoucherRecord | None:
        found = [v for batch in self.batches for v in batch.vouchers if v.code == code]
        return found[-1] if found else None

    def vouchers_of_stop_code(self, stop_code: str, since: datetime) -> tuple[VoucherRecord, ...]:
        del since  # a disk would look at dates
        found = self.voucher(self.stop_codes.get(stop_code, ""))
        return () if found is None else (found,)

    def incidents(self) -> list[Incident]:
        return [incident for batch in self.batches for incident in batch.incidents]


@dataclass
class Oracle:
    """Answers `ask` with what it is told; None is no answer at all."""

    answer: Mapping[str, Any] | None = None
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def ask(self, message_id: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        self.asked.append((message_id, payload))
        return None if self.answer is None else dict(self.answer)
