"""A call of Bedrock is signed as AWS's reference has it, and a key of Bedrock's own is sent as it is."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pytest

from ecluse.domain.destination import Destination
from ecluse.edge.keys import SecretResolver, SecretUnavailable
from ecluse.edge.keys.secret import Secret
from ecluse.edge.signing.aws import SIGNER
from ecluse.passage.send import DIALECTS
from simulators.connections import Ask
from simulators.published_aws import signed
from tests.passage.send.exchange import CONVERSATION, destination

ID, KEY = "AKIA" + "SIMULATED0000000", "simulated/secret+of0/a1/pair"
THERE = replace(
    destination("https://bedrock-runtime.eu-west-3.amazonaws.com", "bedrock_converse"),
    wire_model="mistral.mistral-large-2402-v1:0",
    credential="env:PAIR",
)


@dataclass
class Told(SecretResolver):
    text: str

    def resolve(self, reference: str) -> Secret:
        if not self.text:
            raise SecretUnavailable(reference, "it is not set")
        return Secret(self.text)


def asked(there: Destination, text: str) -> Ask:
    call = DIALECTS["bedrock_converse"].call(CONVERSATION, there, "a" * 32)
    present = SIGNER.ready(there, Told(text))
    assert present is not None
    headers = {**dict(call.headers), **dict(present(call)), "host": urlsplit(there.base_url).netloc}
    return Ask(method="POST", target=call.path, headers=headers, body=call.body, connection=1)


@pytest.mark.parametrize("base_url", [THERE.base_url, "http://127.0.0.1:8099"])
def test_a_call_bears_a_signature_that_its_own_parts_give(base_url: str) -> None:
    ask = asked(replace(THERE, base_url=base_url), f"{ID}:{KEY}")
    assert "%3A" in ask.target
    assert signed(ask, ID, KEY)
    assert not signed(ask, ID, KEY + "x")
    assert not signed(replace(ask, body=ask.body + b" "), ID, KEY)
    assert not signed(replace(ask, target=ask.target.replace("large", "small")), ID, KEY)
    assert KEY not in str(ask.headers)


def test_the_region_is_that_of_the_host_and_a_sessions_token_goes_with_it() -> None:
    ask = asked(THERE, f"{ID}:{KEY}:session-token")
    assert "/eu-west-3/bedrock/aws4_request" in ask.headers["authorization"]
    assert ask.headers["x-amz-security-token"] == "session-token"
    assert signed(ask, ID, KEY)


def test_a_key_of_bedrocks_own_is_no_pair() -> None:
    assert SIGNER.ready(THERE, Told("bedrock-api-key-abc")) is None


def test_a_missing_credential_refuses_before_anything_is_signed() -> None:
    with pytest.raises(SecretUnavailable):
        SIGNER.ready(THERE, Told(""))
