"""The price list of the simulated central system: the public one of the station it serves."""

from dataclasses import asdict, fields

from central.greencard.tariffs import Tariff
from config.schema import Config, tariff_of


def price_list(config: Config) -> Tariff:
    """The plain prices; those with conditions are the point's own business."""
    known = {field.name for field in fields(Tariff)}
    return Tariff(**{k: v for k, v in asdict(tariff_of(config)).items() if k in known})
