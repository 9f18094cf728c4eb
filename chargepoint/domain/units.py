"""Units as types. Every quantity that crosses a function boundary says what it is."""

from typing import NewType

Wh = NewType("Wh", int)
Watt = NewType("Watt", int)
MilliAmp = NewType("MilliAmp", int)
MilliVolt = NewType("MilliVolt", int)
Minor = NewType("Minor", int)  # cents: minor units of station.currency
ConnectorId = NewType("ConnectorId", int)  # 1..N; 0 is the station itself, as in OCPP 1.6
SessionId = NewType("SessionId", str)
RequestId = NewType("RequestId", str)
Generation = NewType("Generation", int)
