"""The station's own key on disk: readable by nobody else, changed as one."""

import asyncio
import ssl
from pathlib import Path

import pytest

from chargepoint.ocpp.security import x509
from chargepoint.ocpp.security.vault import FolderVault, own_certificate
from tests.support.pki import a_root


def test_key_and_certificate_change_as_one_and_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "security"
    root = a_root()

    async def scenario() -> None:
        vault = FolderVault(folder)
        assert (vault.identity, vault.chain, vault.pending_key) == (None, None, None)
        for round_ in range(2):
            key = x509.new_key(bytes([round_ + 1]) * 48)
            await vault.keep_pending(key)
            assert FolderVault(folder).pending_key == key  # after a cut the request is still open
            csr = x509.signing_request(key, organisation="Plaza Energy", serial="SN-1")
            await vault.adopt(root.sign(csr))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            assert vault.identity is not None
            context.load_cert_chain(vault.identity)
            again = FolderVault(folder)
            assert (again.chain, again.pending_key) == (vault.chain, None)
        assert own_certificate(vault) is not None
        assert sorted(path.name for path in folder.iterdir()) == ["station.old.pem", "station.pem"]
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
        assert folder.stat().st_mode & 0o777 == 0o700

    asyncio.run(scenario())


def test_a_new_key_follows_its_random_bytes_and_never_repeats() -> None:
    keys = {x509.new_key(bytes([n]) * 48) for n in range(5)}
    assert len(keys) == 5
    assert x509.new_key(bytes(48)) == x509.new_key(bytes(48))


def test_the_certificate_hash_is_that_of_rfc_6960(tmp_path: Path) -> None:
    library = pytest.importorskip("cryptography.x509.ocsp")
    from cryptography.hazmat.primitives import hashes

    root = a_root()
    leaf = root.issue("SN-1")
    found = x509.hash_data(leaf.certificate, x509.key_bits(root.certificate), "SHA256")
    request = (
        library.OCSPRequestBuilder()
        .add_certificate(leaf.certificate, root.certificate, hashes.SHA256())
        .build()
    )
    assert bytes.fromhex(found.issuer_name) == request.issuer_name_hash
    assert bytes.fromhex(found.issuer_key) == request.issuer_key_hash
    assert int(found.serial, 16) == request.serial_number
