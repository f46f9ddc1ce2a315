"""A receipt in the reply's own headers, for the caller who asks: `x-ecluse-receipt: true`.

Law: it costs only those who ask: their reply waits for the next signed head (200 ms at most, while the provider's
first bytes are there already). When no head came in time, or the trail cannot be read just now, the reply goes without;
the receipt can be asked for later.
"""

import asyncio
import base64

from ecluse.domain.effects import Headers
from ecluse.domain.errors import GatewayError, VerificationFailed
from ecluse.domain.trail import EntryId
from ecluse.edge.http.asgi import Connection, Receive, Send
from ecluse.edge.http.tiles import Receipts
from ecluse.edge.tasks import Tasks

RECEIPT = "x-ecluse-receipt"
ENTRY = "x-ecluse-entry"
LIMIT = 6000
"""Characters of the header at most: proxies and clients often stop at 8 KiB for all headers together."""
PATIENCE = 2.0
"""Seconds that a reply waits for its receipt at most, whatever the trail is kept in."""


class ReceiptConnection(Connection):
    """The open connection to a caller who may have asked for a receipt."""

    def __init__(self, receive: Receive, send: Send, tasks: Tasks, receipts: Receipts | None) -> None:
        super().__init__(receive, send, tasks)
        self._receipts = receipts

    async def reply(self, status: int, headers: Headers) -> None:
        """Send status and headers, with the receipt of the entry that they name."""
        entry = next((value for name, value in headers if name == ENTRY), None)
        if self._receipts is not None and entry:
            receipt = await _within(self._receipts, EntryId(entry))
            encoded = base64.b64encode(receipt.encode()).decode() if receipt else ""
            if 0 < len(encoded) <= LIMIT:
                headers = [*headers, (RECEIPT, encoded)]
        await super().reply(status, headers)


async def _within(receipts: Receipts, entry: EntryId) -> str | None:
    """Return the receipt, None when it is not to be had now."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await receipts.wait(entry)
    except (TimeoutError, GatewayError, VerificationFailed, LookupError):
        return None
