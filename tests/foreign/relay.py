"""A relay module with a timed-on command, by the maker's list."""

from tests.foreign.patience import patient_loop
from tests.foreign.rtu import Unit

TIMED_ON = 0x0200


class RelayModule(Unit):
    """Eight relays; one written at 0200 goes off by itself after so many tenths of a second."""

    def __init__(self) -> None:
        super().__init__(coils=dict.fromkeys(range(8), 0), on_write=self._switched)
        self._round = 0

    @property
    def is_on(self) -> bool:
        return bool(self.coils[0])

    def _switched(self, address: int, value: int) -> None:
        self._round += 1
        if address == TIMED_ON:
            self.coils[0], mine = 1, self._round
            patient_loop().call_later(value / 10, lambda: self._over(mine))
        self.coils[0] = int(address == TIMED_ON or value == 0xFF00)

    def _over(self, mine: int) -> None:
        if mine == self._round:
            self.coils[0] = 0
