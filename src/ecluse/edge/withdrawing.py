"""Tells a provider to delete what it keeps, once the trail says so, and forgets what was sealed of it.

Law: the entry is durable before the call leaves; nothing is forgotten unless the provider deleted it, or has it
no more.
"""

from ecluse.domain.effects import AnyAnswer, Failed, Head, Moment, Withdraw
from ecluse.domain.errors import GatewayError, ProviderError
from ecluse.domain.ports import Store, Transport
from ecluse.edge.keys import SecretUnavailable
from ecluse.edge.live import Live
from ecluse.edge.saying import say
from ecluse.edge.shelf import Shelf
from ecluse.edge.signing.renewing import send
from ecluse.edge.vaults import VaultUnusable

GONE = 404
GOOD = range(200, 300)


async def withdraw(effect: Withdraw, shelf: Shelf | None, store: Store, live: Live, transport: Transport) -> AnyAnswer:
    """Perform a withdrawal."""

    def failed(code: str) -> Failed:
        return Failed(moment=_now(live), code=code)

    if shelf is None:
        return failed("vault_unavailable")
    try:
        destination, secret = live.way_to(effect.call.destination)
        present = await live.bearer(destination) or secret()
        await store.append(effect.entry)
        exchange = await send(transport, destination, effect.call, present)
    except SecretUnavailable as error:
        say(f"destination {effect.call.destination}: credential {error.reference}: {error.why}")
        return failed("upstream_credentials")
    except (GatewayError, ProviderError) as error:
        return failed(error.code)
    await exchange.close()
    if exchange.status in GOOD or exchange.status == GONE:
        try:
            await shelf.forget(effect.caller, effect.name)
        except VaultUnusable:
            return failed("vault_unavailable")
    return Head(moment=_now(live), status=exchange.status, headers=exchange.headers)


def _now(live: Live) -> Moment:
    return live.moment()
