"""Files of an organisation's own entries, and the detectors that they make.

Law: a file is read whole or refused, with the line, the word that is meant and what to write. No word of an
entry is told: its line is enough.
"""

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import msgspec

from ecluse.domain.caller import Application, ApplicationId
from ecluse.domain.finding import DataClass
from ecluse.domain.recognition import Profile
from ecluse.domain.snapshot import Detector
from ecluse.edge.config import Settings, SettingsError
from ecluse.edge.keys.resolver import SecretResolver, SecretUnavailable
from ecluse.edge.recognition_settings import RecognitionSettings
from ecluse.passage.classify import Entry, EntryError, OwnDetector
from ecluse.passage.classify.code import CodeProfile
from ecluse.passage.classify.entries import CLASSES, count
from ecluse.passage.classify.prints import KEY_FROM, SIZE

MOST = 200_000
"""Words, patterns and hashes of one organisation."""
FIELDS = (
    "name",
    "kind",
    "data_class",
    "confidence",
    "words",
    "exact_case",
    "patterns",
    "values",
    "lengths",
    "fingerprint",
)


class EntrySettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """An entry as a file states it. Hashes are rows of hexadecimal digits."""

    name: str
    kind: str
    data_class: str
    confidence: float = 0.95
    words: list[str] = []
    exact_case: bool = False
    patterns: list[str] = []
    values: list[str] = []
    lengths: list[int] = []
    fingerprint: list[str] = []


def files_of(stated: RecognitionSettings) -> Iterator[Path]:
    """List the files of entries, in order."""
    for folder in stated.folders:
        yield from sorted(Path(folder).glob("*.toml"))


def detectors(
    settings: Settings, applications: Mapping[ApplicationId, Application], shipped: Detector
) -> dict[ApplicationId, Detector]:
    """Return the detector of each application that has one of its own. Raises SettingsError."""
    made: dict[ApplicationId, Detector] = {}
    for organisation, stated in settings.recognition.items():
        its = [id_ for id_, one in applications.items() if one.organisation.id == organisation]
        if organisation not in {one.id for one in settings.organisations}:
            known = ", ".join(one.id for one in settings.organisations) or "none"
            raise SettingsError(f"recognition.{organisation}: no organisation has this id; there are: {known}")
        if strange := [name for name in stated.applications if name not in its]:
            raise SettingsError(
                f"recognition.{organisation}.applications: {strange[0]!r} is none of its applications; "
                f"there are: {', '.join(its) or 'none'}"
            )
        whole = detector_of(organisation, stated, shipped)
        code = CodeProfile(whole)
        for id_ in its:
            used = whole if stated.applications.get(id_, stated.profile) is Profile.FULL else code
            if used is not shipped:
                made[id_] = used
    return made


def detector_of(organisation: str, stated: RecognitionSettings, shipped: Detector) -> Detector:
    """Return the detector of an organisation: the one that ships when it has no entries. Raises SettingsError."""
    entries = entries_of(organisation, stated)
    if not entries:
        return shipped
    key = key_of(organisation, stated) if any(entry.is_hashed for entry in entries) else b""
    return OwnDetector(shipped, entries, key)


def entries_of(organisation: str, stated: RecognitionSettings) -> tuple[Entry, ...]:
    """Read every entry of an organisation. Raises SettingsError."""
    if missing := [folder for folder in stated.folders if not Path(folder).is_dir()]:
        raise SettingsError(f"recognition.{organisation}.folders: {missing[0]} is no folder")
    found: dict[str, tuple[Path, Entry]] = {}
    for path in files_of(stated):
        for entry in read(path):
            if entry.name in found:
                raise SettingsError(
                    f"{path}: an entry is called `{entry.name}`, as one of {found[entry.name][0]} is; "
                    "names are unique in an organisation: call it otherwise"
                )
            found[entry.name] = (path, entry)
    entries = tuple(entry for _, entry in found.values())
    if (size := count(entries)) > MOST:
        raise SettingsError(f"recognition.{organisation}: {size} words, patterns and hashes; at most {MOST}")
    return entries


def key_of(organisation: str, stated: RecognitionSettings) -> bytes:
    """Return the key of an organisation's hashes. Raises SettingsError."""
    if stated.key is None:
        raise SettingsError(
            f'recognition.{organisation}.key: hashes need their key: write key = "file:PATH" or "env:NAME"'
        )
    try:
        key = SecretResolver().resolve(stated.key).reveal().encode()
    except SecretUnavailable as error:
        raise SettingsError(f"recognition.{organisation}.key: {error.reference}: {error.why}") from None
    if len(key) < KEY_FROM:
        raise SettingsError(
            f"recognition.{organisation}.key: a key has at least {KEY_FROM} signs; `openssl rand -hex 32` makes one"
        )
    return key


# ------------------------------------------------------------------ reading
def read(path: Path) -> tuple[Entry, ...]:
    """Read a file of entries. Raises SettingsError with the line, the word that is meant and what to write."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: it cannot be read as TOML: {error}") from None
    where = _Lines(path, text)
    if unknown := [name for name in data if name != "entry"]:
        where.fail(None, unknown[0], f"`{unknown[0]}` is not known; each entry begins with a line [[entry]]")
    stated = data.get("entry", [])
    if not isinstance(stated, list) or not all(isinstance(one, dict) for one in stated):
        where.fail(None, "entry", "each entry begins with a line [[entry]]")
    return tuple(_entry(where, number, one) for number, one in enumerate(stated))


def _entry(where: "_Lines", number: int, stated: dict[str, object]) -> Entry:
    for name in stated:
        if name not in FIELDS:
            where.fail(number, name, f"`{name}` is not known; {_meant(name, FIELDS)}")
    try:
        read_as = msgspec.convert(stated, EntrySettings)
    except msgspec.ValidationError as error:
        field = str(error).rpartition("`$.")[2].partition("`")[0].partition("[")[0]
        where.fail(number, field if field in FIELDS else "", str(error))
    if read_as.data_class not in CLASSES:
        said = f"`{read_as.data_class}` is no data class for an entry; {_meant(read_as.data_class, sorted(CLASSES))}"
        where.fail(number, read_as.data_class, said)
    try:
        return Entry(
            name=read_as.name,
            kind=read_as.kind,
            data_class=DataClass(read_as.data_class),
            confidence=read_as.confidence,
            words=tuple(read_as.words),
            exact_case=read_as.exact_case,
            patterns=tuple(read_as.patterns),
            values=_hashes(read_as.values),
            lengths=frozenset(read_as.lengths),
            words_of=_hashes(read_as.fingerprint),
        )
    except EntryError as error:
        secret = error.field in {"words", "patterns"}
        said = f" `{error.word}`" if error.word and not secret else ""
        where.fail(number, error.word or error.field, f"{error.field}{said}: {error.why}")


def _hashes(rows: Sequence[str]) -> frozenset[bytes]:
    try:
        data = [bytes.fromhex(row) for row in rows]
    except ValueError:
        raise EntryError("values", "", "hashes are hexadecimal digits, as `ecluse recognition` prints them") from None
    if any(len(row) % SIZE for row in data):
        raise EntryError("values", "", "a row of hashes is cut: print it anew with `ecluse recognition`")
    return frozenset(row[at : at + SIZE] for row in data for at in range(0, len(row), SIZE))


def _meant(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, 1)
    return f"did you mean `{close[0]}`?" if close else f"write one of: {', '.join(known)}"


class _Lines:
    """Where things stand in a file, for whoever has to mend it."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()
        self._heads = [
            n for n, line in enumerate(self._lines) if line.split("#")[0].strip().replace(" ", "") == "[[entry]]"
        ]

    def fail(self, number: int | None, word: str, why: str) -> NoReturn:
        """Raise with the line of the word in the entry with this number, else of the entry."""
        known = number is not None and number < len(self._heads)
        first = self._heads[number] if number is not None and known else 0
        last = self._heads[number + 1] if number is not None and number + 1 < len(self._heads) else len(self._lines)
        written = msgspec.json.encode(word).decode()[1:-1]
        said = [n for n in range(first, last) if word and (word in self._lines[n] or written in self._lines[n])]
        raise SettingsError(f"{self._path}, line {(said[0] if said else first) + 1}: {why}")
