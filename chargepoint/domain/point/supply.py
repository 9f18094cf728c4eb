"""What follows from what is measured: faults from some readings of the meter (strain.py), and less
current from a warm board (derating.py).
"""

from chargepoint.domain.changed import changed
from chargepoint.domain.devices import BoardTemperature, MeterSampled
from chargepoint.domain.faults import standing as faults
from chargepoint.domain.point.context import Point
from chargepoint.domain.point.offer import warm_up


def judge(point: Point, fact: object) -> None:
    match fact:
        case MeterSampled():
            _judge_strain(point, fact)
        case BoardTemperature():
            warm_up(point)
        case _:
            return


def _judge_strain(point: Point, sample: MeterSampled) -> None:
    data, nominal = point.data, point.settings.nominal
    offered = data.offered_now if data.contactor_closed else None
    strain = data.strain.after(sample.current, offered, sample.voltage, nominal)
    if strain != data.strain:
        data = changed(data, strain=strain)
    if strain.is_overdraw:
        data = data.with_fault(faults.OVERDRAW)
    if strain.is_high:
        data = data.with_fault(faults.OVER_VOLTAGE)
    if strain.is_low:
        data = data.with_fault(faults.UNDER_VOLTAGE)
    if strain.is_good:
        data = data.without_fault(faults.OVER_VOLTAGE, faults.UNDER_VOLTAGE)
    point.data = data
