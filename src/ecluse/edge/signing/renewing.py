"""One call with a token that may have been withdrawn before its end.

Law: only a 401 to one of our own tokens renews it, once; the same call then goes to the same destination under the
intent that is already durable. Whatever else a provider answers is the walk's to judge.
"""

from ecluse.domain.destination import Destination
from ecluse.domain.effects import Call
from ecluse.domain.errors import ProviderError
from ecluse.domain.ports import Exchange, Transport
from ecluse.edge.keys import SecretUnavailable
from ecluse.edge.saying import say
from ecluse.edge.signing.bearers import Bearer
from ecluse.edge.signing.signer import Present

UNKNOWN = 401


async def send(transport: Transport, destination: Destination, call: Call, present: Present) -> Exchange:
    """Send a call, and once more with another token when this one is turned away. Raises ProviderError."""
    exchange = await transport.send(destination, call, present(call))  # a signature has the moment in it: made last
    if exchange.status != UNKNOWN or not isinstance(present, Bearer):
        return exchange
    await exchange.close()
    try:
        other = await present.renewed()
    except SecretUnavailable as error:
        say(f"destination {destination.id}: credential {error.reference}: {error.why}")
        raise ProviderError("upstream_credentials") from None
    return await transport.send(destination, call, other(call))
