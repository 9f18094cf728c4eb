"""Which CALLERROR code says what is wrong with a payload (OCPP-J 1.6 table 7)."""

import ocpp.v16.enums as words
import pytest

from chargepoint.ocpp.key_catalogue import MEASURANDS
from chargepoint.ocpp.schemas import Schemas, SchemasMissing
from chargepoint.ports import Availability, PointStatus, UnlockResult

ACTIONS = ["RemoteStartTransaction", "GetConfiguration", "Reset", "ChangeConfiguration"]
PROFILE = {
    "chargingProfileId": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": []},
}


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return Schemas(sent=ACTIONS, answered=ACTIONS)


def _profile(**changes: object) -> dict[str, object]:
    return {"idTag": "T", "chargingProfile": PROFILE | changes}


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("RemoteStartTransaction", {}, "ProtocolError"),
        ("RemoteStartTransaction", {"idTga": "T"}, "ProtocolError"),
        ("RemoteStartTransaction", {"idTag": "T", "more": 1}, "FormationViolation"),
        ("RemoteStartTransaction", {"idTag": 12}, "TypeConstraintViolation"),
        ("RemoteStartTransaction", {"idTag": None}, "TypeConstraintViolation"),
        ("RemoteStartTransaction", {"idTag": "T", "connectorId": "1"}, "TypeConstraintViolation"),
        ("RemoteStartTransaction", {"idTag": "T", "connectorId": True}, "TypeConstraintViolation"),
        ("RemoteStartTransaction", {"idTag": "T" * 21}, "PropertyConstraintViolation"),
        ("RemoteStartTransaction", _profile(validFrom="soon"), "PropertyConstraintViolation"),
        ("Reset", {"type": "Medium"}, "PropertyConstraintViolation"),
        ("GetConfiguration", {"key": "x"}, "TypeConstraintViolation"),
        ("GetConfiguration", {"key": ["x" * 51]}, "PropertyConstraintViolation"),
        ("ChangeConfiguration", {"key": "HeartbeatInterval"}, "ProtocolError"),
    ],
)
def test_each_fault_has_the_code_of_the_specification(
    schemas: Schemas, action: str, payload: dict[str, object], code: str
) -> None:
    fault = schemas.fault_of_request(action, payload)
    assert fault is not None
    assert fault.code == code


def test_a_limit_with_one_decimal_is_valid_though_binary_floats_are_not_exact(
    schemas: Schemas,
) -> None:
    period = {"startPeriod": 0, "limit": 21.4}
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [period]}
    valid = _profile(chargingSchedule=schedule)
    assert schemas.fault_of_request("RemoteStartTransaction", valid) is None
    period["limit"] = 21.43
    fault = schemas.fault_of_request("RemoteStartTransaction", valid)
    assert fault is not None
    assert fault.code == "PropertyConstraintViolation"


def test_nesting_deeper_than_the_validator_is_refused(schemas: Schemas) -> None:
    deep: dict[str, object] = {}
    for _ in range(400):
        deep = {"x": deep}
    fault = schemas.fault_of_request("Reset", deep)
    assert fault is not None
    assert fault.code == "FormationViolation"


def test_every_action_of_the_version_is_known_and_a_missing_version_is_told(
    schemas: Schemas,
) -> None:
    assert {str(word.value) for word in words.Action} <= schemas.known_actions
    assert "Response" not in "".join(schemas.known_actions)
    with pytest.raises(SchemasMissing, match="v09"):
        Schemas(sent=ACTIONS, answered=ACTIONS, folder="v09")


def test_our_words_are_the_words_of_the_standard_library_of_the_field() -> None:
    assert {s.value for s in PointStatus} == {s.value for s in words.ChargePointStatus}
    assert {s.value for s in Availability} == {s.value for s in words.AvailabilityStatus}
    assert {s.value for s in UnlockResult} == {s.value for s in words.UnlockStatus}
    assert set(MEASURANDS) <= {m.value for m in words.Measurand}
