"""What a witness answers a log: a cosignature when the new head continues the last one, else why not.

Law: a head is cosigned only when the log's known key signed it and it provably continues the last head cosigned; it is
on the disk before the answer leaves (C2SP tlog-witness). One submission at a time, so that no race rolls back.
"""

import hmac
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ecluse.domain.errors import VerificationFailed
from ecluse.domain.ports import Signer
from ecluse.domain.trail import Checkpoint
from ecluse.edge.witnessed import keep
from ecluse.passage.record.checkpoint import VerifierKey, verify
from ecluse.passage.record.cosign import cosign, cosigned_at, cosigner_of
from ecluse.passage.record.merkle import EMPTY_ROOT, verify_consistency
from ecluse.passage.record.submission import Submission, read_submission

TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"


class WitnessUnusable(Exception):
    """The witness cannot start. Says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back: an HTTP status, a body and its type."""

    status: int
    body: str
    kind: str = TEXT


class Witness:
    """Cosigns heads of the logs whose keys it was given."""

    def __init__(self, signer: Signer, logs: Sequence[VerifierKey], folder: Path, seconds: Callable[[], int]) -> None:
        """Read what was cosigned before. Raises WitnessUnusable when that is not what this key cosigned."""
        self._signer = signer
        self._logs: Mapping[str, VerifierKey] = {key.name: key for key in logs}
        self._folder = folder
        self._seconds = seconds
        self._lock = threading.Lock()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for key in logs:
            self._last(key)

    def newest(self, origin_hash: str) -> str | None:
        """Return the newest checkpoint that was cosigned of the log whose origin has this SHA-256."""
        key = next((one for one in self._logs.values() if _hash(one.name) == origin_hash), None)
        return None if key is None else self._last(key)[1]

    def add_checkpoint(self, body: bytes) -> Answer:
        """Cosign a head, or say why not, with the status that the protocol gives the reason."""
        try:
            asked = read_submission(body.decode("utf-8"))
        except (VerificationFailed, UnicodeDecodeError):
            return Answer(status=400, body="not an add-checkpoint request\n")
        key = self._logs.get(asked.note.partition("\n")[0])
        if key is None:
            return Answer(status=404, body="the log is not known here\n")
        try:
            head = verify(asked.note, key)
        except VerificationFailed:
            return Answer(status=403, body="the checkpoint is not signed by the log's key\n")
        if asked.old > head.size:
            return Answer(status=400, body="the old size is larger than the checkpoint's\n")
        with self._lock:
            return self._continue(asked, head, key)

    def _continue(self, asked: Submission, head: Checkpoint, key: VerifierKey) -> Answer:
        last, _ = self._last(key)
        if asked.old != last.size:
            return Answer(status=409, body=f"{last.size}\n", kind=SIZE)
        try:
            _check(asked, head, last)
        except VerificationFailed:
            return Answer(status=422, body="the checkpoint does not continue the last one cosigned here\n")
        line = cosign(asked.note, self._signer, self._seconds())
        keep(self._path(key), asked.note + line)
        return Answer(status=200, body=line)

    def _last(self, key: VerifierKey) -> tuple[Checkpoint, str | None]:
        path = self._path(key)
        if not path.exists():
            return Checkpoint(origin=key.name, size=0, root=EMPTY_ROOT), None
        note = path.read_text(encoding="utf-8")
        try:
            cosigned_at(note, cosigner_of(self._signer))
            return verify(note, key), note
        except VerificationFailed as error:
            why = "what was cosigned cannot be trusted; put the file back from a backup, or take a new key and folder"
            raise WitnessUnusable(f"{path}: {error}: {why}") from error

    def _path(self, key: VerifierKey) -> Path:
        return self._folder / f"{_hash(key.name)}.note"


def _check(asked: Submission, head: Checkpoint, last: Checkpoint) -> None:
    if head.size == 0 and not hmac.compare_digest(head.root, EMPTY_ROOT):
        raise VerificationFailed("an empty tree has one root")
    if last.size == 0:
        if asked.path:
            raise VerificationFailed("nothing is proven from an empty tree")
        return
    verify_consistency(last.size, head.size, last.root, head.root, asked.path)


def _hash(origin: str) -> str:
    return sha256(origin.encode()).hexdigest()
