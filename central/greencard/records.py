"""What the store keeps of a charge: rows as values, and their JSON parts."""

import json
from dataclasses import asdict, dataclass

from central.greencard.accounts import Discount, Plan, Terms
from central.greencard.conditional import TimedTariff
from central.greencard.promotions import Hours
from central.greencard.tariffs import Tariff


@dataclass(frozen=True, slots=True)
class StartKey:
    """What makes a StartTransaction the same one again: the point may repeat it for ever."""

    point: str
    connector: int
    id_tag: str
    started_at: str
    meter_start_wh: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """One OCPP transaction. `hold_open`: the hold still lowers what the card may spend."""

    id: int
    key: StartKey
    status: str
    terms: Terms | None
    meter_wh: int
    power_w: int | None = None
    stopped_at: str | None = None
    stop_reason: str | None = None
    hold_minor: int = 0
    hold_open: bool = False
    receipt_number: str | None = None
    total_minor: int | None = None

    @property
    def energy_wh(self) -> int:
        return self.meter_wh - self.key.meter_start_wh

    @property
    def is_running(self) -> bool:
        return self.stopped_at is None


@dataclass(frozen=True, slots=True)
class Receipt:
    """`Session.Receipt` as received; `document` is the whole message, for whoever disputes it."""

    point: str
    number: str
    transaction_id: int | None
    id_tag: str
    means: str
    total_minor: int
    energy_wh: int
    line_sum_minor: int | None
    document: str
    page: str | None = None  # the unguessable name of its page
    rates: tuple[tuple[int, int], ...] = ()  # Wh and their price, where lines say it
    reserved_s: int = 0  # of a reservation that the charge used
    charging_s: int = 0  # as its lines say
    idle: tuple[tuple[int, bool], ...] = ()  # seconds, and whether the grace is left out of them
    made_at: str | None = None  # by the point's clock
    included_wh: int | None = None  # what a plan paid for; None: the receipt does not say


@dataclass(frozen=True, slots=True)
class Refund:
    """`Session.Refund` as received."""

    point: str
    reference: str
    receipt_number: str
    id_tag: str
    means: str
    amount_minor: int
    document: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person has to look at; nothing was corrected."""

    id: int
    at: str
    point: str
    code: str
    detail: str


def terms_to_text(terms: Terms | None) -> str | None:
    return None if terms is None else json.dumps(asdict(terms), sort_keys=True)


def terms_from_text(text: str | None) -> Terms | None:
    if text is None:
        return None
    fields = json.loads(text)
    timed = tuple(
        TimedTariff(
            Hours(**{**each["hours"], "days": tuple(each["hours"]["days"])}),
            Tariff(**each["tariff"]),
        )
        for each in fields.get("timed", ())
    )
    tariff, discount = Tariff(**fields["tariff"]), Discount(**fields["discount"])
    plan = None if fields.get("plan") is None else Plan(**fields["plan"])
    return Terms(tariff, discount, fields.get("uses_plan", True), timed, plan)
