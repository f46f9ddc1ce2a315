"""Does everything that stands beside the log agree with it? The nodes, the columns, the openings, the unsettled.

Law: the log itself is verified first; what is derived from it is derived again and compared. It names the first row
that is wrong of each kind and changes nothing. All is read as of one moment, so that a gateway may serve meanwhile.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from ecluse.domain.errors import VerificationFailed
from ecluse.domain.trail import EntryKind
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import Reader
from ecluse.edge.witnessed import check_mark
from ecluse.passage.record import EntryRefused, parse
from ecluse.passage.record.checkpoint import VerifierKey
from ecluse.passage.record.merkle import Frontier
from ecluse.passage.record.tiles import HEIGHT
from ecluse.prove.faults import TrailFault
from ecluse.prove.verify import verify_trail


def findings(reader: Reader, state: Path, key: VerifierKey) -> Iterator[str]:
    """Say what is wrong with a trail, one sentence a finding. Raises sqlite3.Error when it cannot be read."""
    reader.stand_still()
    if why := reader.stopped():
        yield f"log: it was stopped, and nothing is accepted on it: {why}"
    rows, notes = reader.everything()
    try:
        verify_trail(rows, notes, key)
    except TrailFault as fault:
        yield f"log: {fault.sentence('en')}"
        return  # what is derived from it cannot be told right from wrong
    for check in (_columns, _nodes, _unsettled, _openings):
        yield from check(reader)
    try:
        check_mark(state, key, reader.size(), reader.hashes)
    except (StoreError, VerificationFailed) as error:
        yield f"mark: {error}"


def _columns(reader: Reader) -> Iterator[str]:
    for index, id_, passage, kind, data in reader.columns():
        try:
            entry = parse(data)
        except EntryRefused:
            yield f"entries: row {index} cannot be read"
            return
        if (id_.hex(), passage, kind) != (entry.id, entry.passage, entry.kind.value):
            yield f"entries: the columns of row {index} are not those of its entry; look-ups would miss it"
            return


def _nodes(reader: Reader) -> Iterator[str]:
    stored = reader.nodes()
    wrong: list[str] = []

    def compare(level: int, index: int, top: bytes) -> None:
        if level % HEIGHT == 0 and stored.pop((level, index), None) != top and not wrong:
            wrong.append(f"nodes: level {level}, index {index} is not the hash of what is below it")

    Frontier().extend((leaf for _, _, leaf in reader.rows(0, reader.size())), compare)
    if not wrong and stored:
        level, index = min(stored)
        wrong.append(f"nodes: level {level}, index {index} stands for entries that are not there")
    yield from wrong


def _unsettled(reader: Reader) -> Iterator[str]:
    under_way: dict[str, None] = {}
    written = ((passage, kind) for _, _, passage, kind, _ in reader.columns())
    for passage, kind in chain(written, reader.staged()):
        if kind == EntryKind.INTENT:
            under_way[passage] = None
        elif kind == EntryKind.OUTCOME:
            under_way.pop(passage, None)
    stored = {str(passage) for passage in reader.unsettled()}
    for passage in sorted(stored ^ set(under_way))[:1]:
        why = "is listed as under way and is not" if passage in stored else "is under way and is not listed"
        yield f"unsettled: passage {passage} {why}"


def _openings(reader: Reader) -> Iterator[str]:
    for index in reader.strays():
        yield f"openings: row {index} opens no intent"
        return
