"""A service account signs its own tokens; nothing is asked of Google."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from google.auth import jwt

from ecluse.edge.keys import SecretResolver, SecretUnavailable
from ecluse.edge.signing.google import GoogleSigner
from ecluse.passage.send import DIALECTS
from tests.passage.send.exchange import destination, request

KEY = rsa.generate_private_key(65537, 2048)
ACCOUNT = {
    "type": "service_account",
    "client_email": "ecluse@project.iam.gserviceaccount.com",
    "private_key_id": "k1",
    "private_key": KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    "token_uri": "http://127.0.0.1:9/never-asked",
}
THERE = replace(destination("https://europe-west4-aiplatform.googleapis.com/v1", "vertex_mistral"))
CALL = DIALECTS["vertex_mistral"].call(request(), THERE, "a")


def test_a_token_is_signed_by_the_account_for_the_cloud_and_kept_while_it_lasts(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    path.write_text(json.dumps(ACCOUNT))
    signer, there = GoogleSigner(), replace(THERE, credential=f"google:{path}")
    present = signer.ready(there, SecretResolver())
    assert present is not None
    [(name, value)] = present(CALL)
    assert name == "authorization"
    token = value.removeprefix("Bearer ")
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(token, certs=public)  # type: ignore[no-untyped-call] # google-auth says no types
    assert claims["iss"] == claims["sub"] == ACCOUNT["client_email"]
    assert claims["scope"] == "https://www.googleapis.com/auth/cloud-platform"
    again = signer.ready(there, SecretResolver())
    assert again is not None
    assert again(CALL) == present(CALL)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"type": "authorized_user"}', json.dumps({**ACCOUNT, "private_key": "x"})]
)
def test_a_file_that_is_no_key_of_an_account_refuses_and_shows_nothing_of_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "account.json"
    path.write_text(text)
    with pytest.raises(SecretUnavailable) as caught:
        GoogleSigner().ready(replace(THERE, credential=f"google:{path}"), SecretResolver())
    assert caught.value.reference == f"google:{path}"
    assert "authorized_user" not in caught.value.why


def test_a_plain_token_is_left_to_the_dialect() -> None:
    assert GoogleSigner().ready(replace(THERE, credential="env:TOKEN"), SecretResolver()) is None
