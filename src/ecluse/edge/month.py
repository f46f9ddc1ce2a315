"""The last month of a trail as flows: what asked the same and went the same way, with the tokens that were counted.

Law: metadata only, read from the newest entry back. A passage counts once, by its last intent and its outcome; one
that has no outcome yet, or reached no destination, does not count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ecluse.domain.destination import DestinationId
from ecluse.domain.trail import Entry, EntryKind, PassageId
from ecluse.domain.verdict import Choice
from ecluse.edge.stores.opening import Reader
from ecluse.passage.record import parse
from ecluse.prove.concentration import Flow
from ecluse.prove.past import Past, passed

DAYS = 30
PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Flows between two moments, as entries write them. Both are empty for a trail without passages."""

    since: str
    until: str
    flows: tuple[Flow, ...]


@dataclass(slots=True)
class _Sum:
    """What adds up of one flow."""

    passages: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    untold: int = 0


def last_month(reader: Reader, days: int = DAYS) -> Month:
    """Read so many days of a trail, up to its newest entry. Raises EntryRefused and StoreError."""
    outcomes: dict[PassageId, Entry] = {}
    sums: dict[tuple[Past, Choice], _Sum] = {}
    since = until = ""
    for entry in _backwards(reader):
        if not until:
            until = entry.at
            since = _before(until, days)
        if entry.at < since:
            break
        if entry.kind is EntryKind.OUTCOME:
            outcomes[entry.passage] = entry
        elif entry.kind is EntryKind.INTENT and (outcome := outcomes.pop(entry.passage, None)):
            _add(sums, entry, outcome)
    flows = (
        Flow(
            past=past,
            choice=choice,
            passages=one.passages,
            tokens_in=one.tokens_in,
            tokens_out=one.tokens_out,
            untold=one.untold,
        )
        for (past, choice), one in sums.items()
    )
    return Month(since=since, until=until, flows=tuple(flows))


def _add(sums: dict[tuple[Past, Choice], _Sum], intent: Entry, outcome: Entry) -> None:
    decided, destination = passed(intent), outcome.body.get("destination")
    if decided is None or decided.choice is None or not isinstance(destination, str):
        return
    choice = Choice(destination=DestinationId(destination), masked=decided.choice.masked)
    one = sums.setdefault((decided.past, choice), _Sum())
    one.passages += 1
    read, written = outcome.body.get("tokens_in"), outcome.body.get("tokens_out")
    if isinstance(read, int) and isinstance(written, int):
        one.tokens_in += read
        one.tokens_out += written
    else:
        one.untold += 1


def _backwards(reader: Reader) -> Iterator[Entry]:
    stop = reader.size()
    while stop > 0:
        start = max(0, stop - PAGE)
        for _, data, _ in reversed(list(reader.rows(start, stop))):
            yield parse(data)
        stop = start


def _before(moment: str, days: int) -> str:
    """Return the moment so many days earlier, written as entries write theirs."""
    earlier = datetime.fromisoformat(moment) - timedelta(days=days)
    return earlier.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
