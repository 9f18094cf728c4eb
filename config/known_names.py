"""Names that other parts of the software give, for `python -m config check`: it knows none of them.

What each means stands with its owner; a test holds these equal to `drivers/factory.py` and to the
catalogue of OCPP keys (`chargepoint/ocpp/key_catalogue.py`).
"""

KINDS: dict[str, tuple[str, ...]] = {
    "evse": (
        "heidelberg",
        "openevse",
    ),
    "lease_timer": (
        "board",
        "modbus_relay",
    ),
    "meter": (
        "b23",
        "sdm120",
        "sdm630",
        "sdm72",
        "sdm72v2",
    ),
    "coin_acceptor": ("cctalk",),
    "note_validator": ("cctalk_notes",),
    "hopper": ("cctalk_hopper",),
    "bank_terminal": (
        "zvt",
        "zvt_tcp",
    ),
    "card_reader": ("pn532",),
    "cabinet": (
        "modbus_inputs",
        "modbus_io",
    ),
    "printer": (
        "escpos58",
        "escpos80",
    ),
}
"""Of a device in `[devices]`; beside `none`."""

OCPP_SWITCHES = frozenset(
    {
        "AllowOfflineTxForUnknownId",
        "AuthorizationCacheEnabled",
        "AuthorizeRemoteTxRequests",
        "LocalAuthorizeOffline",
        "LocalPreAuthorize",
        "StopTransactionOnEVSideDisconnect",
        "StopTransactionOnInvalidId",
        "UnlockConnectorOnEVSideDisconnect",
        "LocalAuthListEnabled",
        "AdditionalRootCertificateCheck",
        "CustomIdleFeeAfterStop",
    }
)
"""true or false."""

OCPP_NUMBERS: dict[str, tuple[int, int]] = {
    "ClockAlignedDataInterval": (0, 86400),
    "ConnectionTimeOut": (1, 86400),
    "HeartbeatInterval": (1, 86400),
    "MaxEnergyOnInvalidId": (0, 1000000),
    "MessageTimeout": (31, 600),
    "MeterValueSampleInterval": (0, 86400),
    "MinimumStatusDuration": (0, 3600),
    "ResetRetries": (0, 10),
    "TransactionMessageAttempts": (1, 100),
    "TransactionMessageRetryInterval": (0, 86400),
    "WebSocketPingInterval": (0, 86400),
    "RetryBackOffRandomRange": (0, 3600),
    "RetryBackOffRepeatTimes": (0, 10),
    "RetryBackOffWaitMinimum": (1, 3600),
    "SecurityProfile": (0, 3),
    "SessionCostInterval": (0, 86400),
}
"""Whole, from and to."""

OCPP_TEXTS = frozenset(
    {
        "ConnectorPhaseRotation",
        "MeterValuesAlignedData",
        "MeterValuesSampledData",
        "StopTxnAlignedData",
        "StopTxnSampledData",
        "AuthorizationKey",
        "CpoName",
        "DefaultPrice",
    }
)
"""Judged when the station starts. DefaultPriceText has a language behind a comma."""
OCPP_TEXT_OF_LANGUAGE = "DefaultPriceText,"
