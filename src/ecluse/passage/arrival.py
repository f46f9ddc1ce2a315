"""What a passage starts from: the bytes that came, who sent them, and one draw of chance.

Law: what could widen a permit comes from the record in `caller`; a header may only pick among recorded purposes or
raise sensitivity (decision 19, INVARIANT 5).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ecluse.domain.caller import Caller
from ecluse.domain.dialect import InboundDialect, OutboundDialect
from ecluse.domain.effects import Moment
from ecluse.domain.request import Surface
from ecluse.domain.trail import PassageId
from ecluse.passage.question import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One call at the gate. `seed` is 32 random bytes: every id and salt of the passage derives from it.

    `keeps_for` is for how many milliseconds a conversation that a provider keeps can be gone on from, 0 where none can;
    `kept` is our name for a kept answer that is fetched or deleted: such a call has no body. `files_as_text` is whether
    documents in the call leave as their text.
    """

    passage: PassageId
    seed: bytes
    moment: Moment
    caller: Caller
    dialect: InboundDialect
    surface: Surface
    body: bytes
    asked: Asked
    masking_key: bytes
    outbound: Mapping[str, OutboundDialect] = field(default_factory=dict)
    keeps_for: int = 0
    kept: str = ""
    files_as_text: bool = False

    def again(self, body: bytes) -> "Arrival":
        """Return the same arrival with the call that stood inside its body."""
        return replace(self, body=body)

    def __repr__(self) -> str:
        """Say which passage, never what is in it."""
        return f"Arrival({self.passage})"
