"""How many kilobytes a CPU-second the classifier reads: `python bench/classify.py [KB a row]`.

Texts of 1, 8 and 64 KB, each read once on one thread, after the engine was warmed on others: patterns, validators and
gazetteers alone, then the whole cascade with the tagger. Beside them, in the same run, what is usual: the same patterns
one after the other with Python's `re`, matches counted and nothing asked of them. `prose` repeats five sentences;
`manual` is this repository's, `code` its sources; `names never seen` are invented for each text: no cache knows them.
"""

import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from detector import detector

from ecluse.packs import dictionaries
from ecluse.passage.classify import built_in
from ecluse.passage.classify.engine import patterns_of
from ecluse.passage.classify.normalise import read

ROOT = Path(__file__).resolve().parents[1]

PROSE = (
    "La réunion de lundi a porté sur le budget de l'année prochaine et sur l'organisation des équipes.",
    "Merci de relire ce paragraphe, d'en corriger l'orthographe et de proposer un titre plus court.",
    "Le marché public sera publié avant l'été ; les offres seront analysées par la commission compétente.",
    "Please summarise the following minutes in three bullet points, and keep the decisions apart.",
    "Cœur de réseau, œuvre collective : l'étude montre que les coûts baissent quand les usages se partagent.",
)
VALUES = (
    "Mme Marie Dubois, née le 12 mars 1980, habite 12 rue des Lilas, 69003 Lyon.",
    "Joindre M. Karim Benali au 06 12 34 56 78 ou à karim.benali@orange.fr.",
    "Son IBAN est FR76 3000 6000 0112 3456 7890 189 et son NIR 2 85 03 69 123 456 87.",
    "Mon patient a un diabète de type 2 sous metformine.",
)
CODE = (
    "def total(lines: list[int]) -> int:\n    return sum(line * 2 for line in lines if line > 1024)\n",
    "for (const item of items) { console.log(item.identifier, items.length / 2); }\n",
    'export PATH="$HOME/.local/bin:$PATH" && docker run --rm -p 8080:80 nginx:1.27\n',
)


def text_of(size: int, parts: tuple[str, ...], rare: tuple[str, ...] = (), share: float = 0.0) -> str:
    """Draw sentences from a fixed seed until `size` bytes are reached; `share` of them from `rare`."""
    draw = random.Random(20261124)  # noqa: S311 - a fixed seed, so that two runs read the same text
    pieces: list[str] = []
    length = 0
    while length < size:
        piece = draw.choice(rare if rare and draw.random() < share else parts)
        pieces.append(piece)
        length += len(piece.encode()) + 1
    return " ".join(pieces)


SENTENCES = (
    "M. {a} {b} et Mme {c} {d} ont rencontré {a} {e} à {f}, le {n} mars {y}.",
    "Le dossier {n}/{y} de {c} {b} a été transmis à {d} {e} par le service de {f}.",
    "{a} {d}, de {f}, demande une copie ; {c} {e} n'a pas répondu depuis {y}.",
)
SYLLABLES = [
    "ba",
    "be",
    "bri",
    "ca",
    "cha",
    "dé",
    "dou",
    "el",
    "fa",
    "gué",
    "jo",
    "ka",
    "lan",
    "lo",
    "mé",
    "mo",
    "na",
    "né",
    "or",
    "pé",
    "qui",
    "ra",
    "ro",
    "sé",
    "ta",
    "thi",
    "vo",
    "wa",
    "yan",
    "zé",
]


def invented(size: int, seed: int) -> str:
    """Write French sentences dense with names that no text had before."""
    draw = random.Random(seed)  # noqa: S311 - a fixed seed, so that two runs read the same text

    def name() -> str:
        return "".join(draw.choice(SYLLABLES) for _ in range(draw.randint(2, 4))).capitalize()

    pieces: list[str] = []
    while sum(map(len, pieces)) < size:
        said = draw.choice(SENTENCES)
        pieces.append(
            said.format(**{at: name() for at in "abcdef"}, n=draw.randint(1, 28), y=draw.randint(1950, 2026)) + " "
        )
    return "".join(pieces)[:size]


def pieces(text: str, size: int) -> Iterator[str]:
    """Cut a text."""
    return (text[at : at + size] for at in range(0, max(1, len(text) - size), size))


def files(pattern: str) -> str:
    """Return files of this repository, one after the other."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(ROOT.glob(pattern)))


def texts(kilobytes: int) -> dict[str, Callable[[int], Iterator[str]]]:
    """Return, by name, how to make different texts of a size in bytes."""
    whole = 1024 * kilobytes
    manual, code = files("docs/**/*.md"), files("src/ecluse/edge/**/*.py")
    return {
        "prose": lambda size: pieces(text_of(whole, PROSE), size),
        "manual": lambda size: pieces(manual, size),
        "code": lambda size: pieces(code, size),
        "names never seen": lambda size: (invented(size, 7 * size + n) for n in range(whole // size + 1)),
        "prose, one sentence in ten": lambda size: pieces(text_of(whole, PROSE, VALUES, 0.1), size),
        "nothing but values": lambda size: pieces(text_of(whole, VALUES), size),
        "spaced digits": lambda size: pieces("1 2 3 4 5 6 7 8 9 0 " * (whole // 20), size),
    }


def usual() -> Callable[[str], object]:
    """Return the loop over Python's `re`."""
    words = dictionaries.load()
    patterns = [re.compile(p, re.ASCII) for one in built_in().values() for p in patterns_of(one, words)]

    def search(text: str) -> int:
        plain = read(text).text
        return sum(1 for pattern in patterns for _ in pattern.finditer(plain))

    return search


def rate(search: Callable[[str], object], read_once: Sequence[str]) -> float:
    """Return KB of UTF-8 a CPU-second."""
    start = time.process_time()
    for text in read_once:
        search(text)
    return sum(len(text.encode()) for text in read_once) / 1024 / max(time.process_time() - start, 1e-9)


def main() -> None:
    """Print the table."""
    kilobytes = int(sys.argv[1]) if len(sys.argv) > 1 else 512
    patterns, cascade, loop = detector(tagger=False).search, detector().search, usual()
    for warm in (text_of(65_536, PROSE, VALUES, 0.3), text_of(65_536, CODE), invented(65_536, 1)):
        for piece in pieces(warm, 1024):
            patterns(piece), cascade(piece), loop(piece[:64])
    print(f"{'KB a CPU-second':28}{'patterns alone':>24}{'whole cascade':>24}{'re loop':>9}{'ratio':>7}")
    print(f"{'':28}" + 2 * f"{'1 KB':>8}{'8 KB':>8}{'64 KB':>8}" + f"{'1 KB':>9}")
    for name, make in texts(kilobytes).items():
        of = {size: list(islice(make(1024 * size), max(1, kilobytes // size))) for size in (1, 8, 64)}
        alone = [rate(patterns, of[size]) for size in of]
        whole = [rate(cascade, of[size]) for size in of]
        beside = rate(loop, of[1][:32])
        print(
            f"{name:28}"
            + "".join(f"{figure:8.0f}" for figure in (*alone, *whole))
            + f"{beside:9.0f}{alone[0] / beside:6.0f}x"
        )


if __name__ == "__main__":
    main()
