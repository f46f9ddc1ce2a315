"""How many tokens a call would have, estimated here and said to be an estimate: nothing is sent, nothing is kept.

Law: each destination counts in its own way, and to ask one would be to send it the text; so the estimate rests on the
size of every slot alone, and is meant to err above rather than below.
"""

from ecluse.domain.effects import Emit, Reply
from ecluse.domain.errors import EcluseError
from ecluse.domain.request import Request, slots
from ecluse.passage.arrival import Arrival
from ecluse.passage.conversation import admitted
from ecluse.passage.ledger import CallerGone, Ledger, Steps
from ecluse.passage.walk import reserve, say

BYTES_A_TOKEN = 2.5
"""Bytes of UTF-8 that make a token. Measured with SmolLM2's tokeniser: 3.4 to 3.7 in prose and code, 2.6 in JSON."""
MESSAGE_TOKENS = 5
"""What the form of a message or of a function adds."""
BLOB_TOKENS = 1600
"""What a picture or a file counts: it is not read. Anthropic's own bound for one picture is about that."""


def counting(arrival: Arrival) -> Steps:
    """Answer an estimate of the tokens of a call."""
    ledger = Ledger(moment=arrival.moment, pinned=arrival.moment.snapshot, started=arrival.moment.now)
    try:
        try:
            yield from reserve(arrival, ledger)
            request = yield from admitted(arrival, ledger, arrival.dialect.count)
            body = arrival.dialect.counted(estimate(request))
            headers = [("content-type", "application/json"), ("x-ecluse-tokens", "estimate")]
            yield from ledger.ask(Reply(status=200, headers=headers))
            yield from ledger.ask(Emit(data=body, last=True))
        except EcluseError as error:
            yield from say(arrival, ledger, error, [])
    except CallerGone:
        return


def estimate(request: Request) -> int:
    """Estimate the tokens of a request: of its text by size, of what is no text by a constant."""
    unread = request.unreadable
    inside = tuple(f"{path}/" for path in unread)
    read = (slot.text for slot in slots(request) if not slot.path.startswith(inside))
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in read)
    framing = MESSAGE_TOKENS * (len(request.messages) + len(request.tools))
    return round(size / BYTES_A_TOKEN) + framing + BLOB_TOKENS * len(unread)
