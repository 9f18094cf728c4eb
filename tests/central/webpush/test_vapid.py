"""The key: made once, for its owner alone, never shown; what is signed with it is for one service."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from central.webpush.__main__ import main
from central.webpush.vapid import KeyUnusable, VapidKey, make_key, read_key
from tests.support.central import FixedClock
from tests.support.pki import Issued, a_root
from tests.support.push_service import claims

CONTACT = "mailto:charge@example.eus"


def test_key_when_made_then_for_its_owner_alone_and_only_its_public_half_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "push.pem"
    assert main(["--out", str(path)]) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = read_key(path, CONTACT)
    said = capsys.readouterr().out
    assert key.public in said
    secret = path.read_text().splitlines()[1]
    assert secret not in said
    assert secret[:20] not in repr(key)
    assert main(["--out", str(path)]) == 2
    assert "already" in capsys.readouterr().err
    assert read_key(path, CONTACT).public == key.public


def test_key_when_in_a_repository_or_open_to_others_then_refused(tmp_path: Path) -> None:
    path = tmp_path / "push.pem"
    make_key(path)
    path.chmod(0o640)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        read_key(path, CONTACT)
    path.chmod(0o600)
    (tmp_path / ".git").mkdir()
    with pytest.raises(KeyUnusable, match="repository"):
        read_key(path, CONTACT)
    assert main(["--out", str(tmp_path / "other.pem")]) == 2
    assert not (tmp_path / "other.pem").exists()


@pytest.mark.parametrize("content", ["", "secret words", a_root().pem])
def test_key_when_the_file_holds_none_then_refused_without_a_word_of_it(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "push.pem"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeyUnusable) as refused:
        read_key(path, CONTACT)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)]
)
def test_key_when_it_is_of_another_kind_then_refused(
    tmp_path: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
) -> None:
    path = tmp_path / "push.pem"
    path.write_text(Issued(a_root().certificate, key).key_pem)
    path.chmod(0o600)
    with pytest.raises(KeyUnusable, match="P-256"):
        read_key(path, CONTACT)


def test_key_when_missing_or_without_contact_then_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusable, match="No such file"):
        read_key(tmp_path / "none.pem", CONTACT)
    make_key(tmp_path / "push.pem")
    with pytest.raises(KeyUnusable, match="mailto"):
        read_key(tmp_path / "push.pem", "charge@example.eus")
    assert main(["--out", str(tmp_path / "no" / "folder.pem")]) == 2


def test_token_when_asked_for_again_then_kept_for_hours_and_for_one_service() -> None:
    clock, key = FixedClock(), VapidKey(ec.derive_private_key(9, ec.SECP256R1()), CONTACT)
    first = key.authorization("https://a.example", clock.utc())
    clock.advance(hours=5)
    assert key.authorization("https://a.example", clock.utc()) == first
    assert claims(key.authorization("https://b.example", clock.utc()))[0]["aud"] == (
        "https://b.example"
    )
    clock.advance(hours=2)
    said, _ = claims(key.authorization("https://a.example", clock.utc()))
    assert said["exp"] == int((clock.utc() + timedelta(hours=12)).timestamp())
