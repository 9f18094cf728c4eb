"""The meters there are, by the `kind` that the configuration calls them."""

from dataclasses import replace

from drivers.modbus.abb import B23
from drivers.modbus.reading import Model, Seal
from drivers.modbus.sdm import SDM, floats_low_first

MODELS: dict[str, Model] = {**SDM, "b23": B23}


def model_of(
    kind: str,
    *,
    energy: int = 0,
    low_word_first: bool = False,
    is_checked: bool = True,
    seal: Seal | None = None,
) -> Model:
    """What a data sheet may have wrong can be said otherwise: `energy` is the address of the register
    that is billed, 0 the usual one; `is_checked` False takes a meter for what it is called.
    """
    model = replace(MODELS[kind], seal=seal)
    if energy and energy != model.energy:
        reads = tuple(read for read in model.reads if read[0] != model.energy)
        count = next((count for at, count in model.reads if at == model.energy), 2)
        model = replace(model, energy=energy, reads=(*reads, (energy, count)))
    if low_word_first and kind in SDM:
        model = replace(model, decode=floats_low_first)
    return model if is_checked else replace(model, has=(), lacks=())
