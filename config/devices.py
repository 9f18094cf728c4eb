"""What is fitted: one entry for each device, by name and connector."""

from typing import Annotated, Literal

from pydantic import Field

from config.sections import Flag, Section, Whole


class Device(Section):
    """One fitted device. `kind` names its driver in drivers/factory.py; "none" is not fitted."""

    kind: str
    port: str = ""
    baudrate: Whole = Field(0, ge=0, le=1_000_000, description="0: the driver's default")
    parity: Literal["", "N", "E", "O"] = ""
    address: Whole = Field(
        0,
        ge=0,
        le=255,
        description="ccTalk address, Modbus unit, or a printer's number of its code page; 0: default",
    )
    relay: Whole = Field(0, ge=0, le=15, description="lease timer: which relay of the module")
    profile: str = Field(
        "",
        max_length=24,
        description="printer: its name in python-escpos, as TM-T20II; empty: kind's",
    )
    proof: Literal["processed", "status"] = Field(
        "processed",
        description="printer: known to be printed when it answers GS r, or (weaker) by its status",
    )
    energy_register: Whole = Field(
        0, ge=0, le=0xFFFF, description="meter: address of what is billed; 0: the kind's"
    )
    word_order: Literal["high_first", "low_first"] = Field(
        "high_first", description="meter, sdm kinds: which half of a number comes first"
    )
    type_check: Flag = Field(
        default=True, description="meter: refuse one that answers as another kind does"
    )
    ocmf_register: Whole = Field(
        0,
        ge=0,
        le=0xFFFF,
        description="meter: where its signed record (OCMF) begins; 0: none is read",
    )
    ocmf_key: str = Field(
        "",
        pattern=r"^[0-9A-Za-z+/= ]*$",
        max_length=400,
        description="meter: its public key as it is printed, hex or base64",
    )
    ocmf_required: Flag = Field(
        default=False, description="meter: sell nothing that it has not signed"
    )
    echo: Literal["auto", "on", "off"] = "auto"
    float_coins: Whole = Field(0, ge=0, le=10_000, description="hopper: coins at the first start")


class Devices(Section):
    coin_acceptor: Device | None = None
    card_reader: Device | None = None
    cabinet: Device | None = None
    note_validator: Device | None = None
    bank_terminal: Device | None = None
    printer: Device | None = None
    hopper: dict[Annotated[str, Field(pattern=r"^[1-9]\d{0,4}$")], Device] = Field(
        default_factory=dict, description="by the value of its coins in cents"
    )
    evse: dict[str, Device] = Field(default_factory=dict)
    lease_timer: dict[str, Device] = Field(default_factory=dict)
    meter: dict[str, Device] = Field(default_factory=dict)
