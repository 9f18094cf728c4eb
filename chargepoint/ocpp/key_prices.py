"""Keys of the public convention for prices ("OCPP & California Pricing Requirements")."""

import json

from chargepoint.ocpp.key_types import Key, boolean, constant, whole

LANGUAGES = ("es", "en")
_MOST_CHARS = 500  # CiString500Type


def _price_text(text: str) -> str:
    """A JSON object whose `priceText` people can read; empty takes the price away."""
    if not text.strip():
        return ""
    if len(text) > _MOST_CHARS:
        raise ValueError(f"more than {_MOST_CHARS} characters")
    try:
        body = dict(json.loads(text))
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError("not a JSON object") from error
    texts = (body.get("priceText"), body.get("priceTextOffline", "")) if body else (None,)
    if not all(isinstance(each, str) for each in texts):
        raise ValueError("priceText is missing, or no text")
    return text


def price_text_keys() -> dict[str, str]:
    """The language of each key that holds a default price; "" is any."""
    return {"DefaultPrice": "", **{f"DefaultPriceText,{each}": each for each in LANGUAGES}}


def price_keys(_connectors: int) -> tuple[Key, ...]:
    return (
        constant("CustomDisplayCostAndPrice", "true"),
        Key("CustomIdleFeeAfterStop", "false", boolean),
        constant("CustomMultiLanguageMessages", "true"),
        *[Key(name, "", _price_text) for name in price_text_keys()],
        constant("NumberOfDecimalsForCostValues", 2),
        Key("SessionCostInterval", "0", whole(0, 86_400)),
        constant("SupportedLanguages", ",".join(LANGUAGES)),
    )
