"""The signed report: who signed it shows, and whatever is changed in it shows, too."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.commission.finding import Step, bad, good
from chargepoint.commission.report import Head, ReportWrong, body_of, fingerprint, signed, verified
from chargepoint.ocpp.security import x509
from tests.support.pki import a_root

KEY = x509.new_key(bytes(range(48)))
HEAD = Head(
    station="CP-7",
    serial="SN-7",
    software="0.1.0",
    by="Begoña",
    made_at=datetime(2026, 3, 1, 10, 0, tzinfo=UTC),
    configuration="00" * 32,
)
FINDINGS = [good(Step.SITE, "station.id", "CP-7"), bad(Step.PANEL, "touch", "none", "its cable")]


def test_a_report_is_verified_and_names_its_key() -> None:
    text = signed(body_of(HEAD, FINDINGS), KEY)
    found = verified(text)
    assert found.body["verdict"] == "failed"
    assert found.fingerprint == fingerprint(json.loads(text)["signature"]["key"])


def test_without_anything_bad_the_verdict_is_passed() -> None:
    assert body_of(HEAD, FINDINGS[:1])["verdict"] == "passed"


@given(
    st.sampled_from(["station", "by", "madeAt", "verdict", "configuration", "findings"]), st.text()
)
def test_any_change_is_seen(key: str, value: str) -> None:
    whole = json.loads(signed(body_of(HEAD, FINDINGS), KEY))
    if whole["report"][key] == value:
        return
    whole["report"][key] = value
    with pytest.raises(ReportWrong, match="changed after"):
        verified(json.dumps(whole))


def test_another_key_is_seen_by_its_fingerprint() -> None:
    other = x509.new_key(bytes(range(1, 49)))
    text = signed(body_of(HEAD, FINDINGS), other)
    mine = verified(signed(body_of(HEAD, FINDINGS), KEY)).fingerprint
    with pytest.raises(ReportWrong, match="another key"):
        verified(text, expected=mine)


def test_layout_of_the_document_does_not_matter() -> None:
    whole = json.loads(signed(body_of(HEAD, FINDINGS), KEY))
    assert verified(json.dumps(whole, indent=7)).body["by"] == "Begoña"


@given(
    st.one_of(st.text(max_size=200), st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
)
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ReportWrong):
        verified(text)


@pytest.mark.parametrize("key", ["key", "value", "algorithm"])
@pytest.mark.parametrize("value", ["", "garbage", 7, None])
def test_a_broken_signature_is_refused(key: str, value: object) -> None:
    whole = json.loads(signed(body_of(HEAD, FINDINGS), KEY))
    whole["signature"][key] = value
    with pytest.raises(ReportWrong):
        verified(json.dumps(whole))


def test_an_authority_vouches_for_the_key() -> None:
    authority = a_root()
    request = x509.signing_request(KEY, organisation="Citere", serial="SN-7")
    text = signed(body_of(HEAD, FINDINGS), KEY, authority.sign(request))
    assert "Root" in verified(text, root_pem=authority.pem).vouched_by
    with pytest.raises(ReportWrong, match="vouches"):
        verified(text, root_pem=a_root("Other").pem)
