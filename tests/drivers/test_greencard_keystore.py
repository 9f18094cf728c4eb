"""Keys come from a private file or the environment, and show up nowhere else."""

import asyncio
from pathlib import Path

import pytest

from drivers.greencard.keystore import (
    KeyUnusable,
    SoftwareKeyStore,
    key_from_environment,
    key_from_file,
)

MASTER = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
NAME = "GREEN_CARD_TEST_KEY"


def a_key_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "master.key"
    path.write_text(text, encoding="latin-1")
    path.chmod(mode)
    return path


def test_card_key_is_diversified_as_in_the_application_note() -> None:
    store = SoftwareKeyStore(MASTER, system_id=b"NXP Abu")
    key = asyncio.run(store.card_key(bytes.fromhex("04782E21801D80"), bytes.fromhex("3042F5")))
    assert key == bytes.fromhex("A8DD63A3B89D54B37CA802473FDA9175")


def test_key_store_never_shows_its_key() -> None:
    shown = repr(SoftwareKeyStore(MASTER))
    assert MASTER.hex() not in shown.lower()
    assert repr(MASTER) not in shown


def test_key_is_read_from_a_private_file(tmp_path: Path) -> None:
    assert key_from_file(a_key_file(tmp_path, MASTER.hex() + "\n")) == MASTER


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_key_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(KeyUnusable, match="chmod 600"):
        key_from_file(a_key_file(tmp_path, MASTER.hex(), mode))


@pytest.mark.parametrize("text", ["", "00", MASTER.hex()[:-1] + "g", MASTER.hex() * 2, "\xff"])
def test_key_file_with_another_content_is_refused_without_quoting_it(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(KeyUnusable) as refused:
        key_from_file(a_key_file(tmp_path, text))
    assert MASTER.hex()[:8] not in str(refused.value)
    assert refused.value.__cause__ is None


def test_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusable, match=r"none\.key"):
        key_from_file(tmp_path / "none.key")


def test_key_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, MASTER.hex())
    assert key_from_environment(NAME) == MASTER


def test_missing_environment_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    with pytest.raises(KeyUnusable, match=NAME):
        key_from_environment(NAME)


def test_master_key_or_system_id_of_a_wrong_length_is_refused() -> None:
    with pytest.raises(KeyUnusable, match="15 bytes"):
        SoftwareKeyStore(bytes(15))
    with pytest.raises(KeyUnusable, match="21 bytes"):
        SoftwareKeyStore(MASTER, system_id=bytes(21))
