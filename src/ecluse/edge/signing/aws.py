"""AWS's signature, version 4, by botocore's own signer.

Law: a secret `KEY_ID:SECRET` or `KEY_ID:SECRET:SESSION_TOKEN` signs and is never sent; any other text is a key of
Bedrock's own, which the dialect sends as a bearer. Host, date, type and body are under the signature.
"""

import re
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ecluse.domain.destination import Destination
from ecluse.domain.effects import Call
from ecluse.edge.keys import SecretResolver
from ecluse.edge.signing.signer import Headers, Present

PAIR = re.compile(r"(?P<id>(?:AKIA|ASIA)[A-Z0-9]{12,}):(?P<secret>[A-Za-z0-9/+=]{16,})(?::(?P<token>\S+))?")
_REGION = re.compile(r"bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.")
SERVICE = "bedrock"
ELSEWHERE = "us-east-1"
"""The region under which a host that names none is signed for: a simulator's."""
_SENT = ("Authorization", "X-Amz-Date", "X-Amz-Security-Token")


class AwsSigner:
    """Signs calls of Bedrock."""

    def ready(self, destination: Destination, secrets: SecretResolver) -> Present | None:
        """Look at the destination's credential; None when it is a plain secret. Raises SecretUnavailable."""
        if destination.credential is None:
            return None
        pair = PAIR.fullmatch(secrets.resolve(destination.credential).reveal())
        if pair is None:
            return None
        signer = SigV4Auth(Credentials(pair["id"], pair["secret"], pair["token"]), SERVICE, _region(destination))
        return lambda call: _signed(signer, destination, call)


def _region(destination: Destination) -> str:
    found = _REGION.match(urlsplit(destination.base_url).hostname or "")
    return found[1] if found else ELSEWHERE


def _signed(signer: SigV4Auth, destination: Destination, call: Call) -> Headers:
    kept = {name: value for name, value in call.headers if name == "content-type"}
    request = AWSRequest("POST", destination.base_url.rstrip("/") + call.path, headers=kept, data=call.body)
    signer.add_auth(request)
    return [(name.lower(), str(request.headers[name])) for name in _SENT if name in request.headers]


SIGNER = AwsSigner()
