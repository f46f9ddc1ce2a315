"""How many kilobytes a CPU-second the classifier reads: `python bench/classify.py [seconds a row]`.

Prompts of 1, 8 and 64 KB are made from a fixed seed: prose without, with few and with many values, code, digits. The
figures hold for one thread and for patterns and gazetteers alone (there is no statistical tagger yet).
"""

import random
import sys
import time

from detector import detector

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


def rate(text: str, seconds: float) -> float:
    """Return KB of UTF-8 a CPU-second, after one warm-up."""
    search = detector().search
    search(text)
    rounds, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        search(text)
        rounds += 1
    return rounds * len(text.encode()) / 1024 / (time.process_time() - start)


def main() -> None:
    """Print the table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    texts = {
        "prose, no value": lambda size: text_of(size, PROSE),
        "prose, one sentence in ten": lambda size: text_of(size, PROSE, VALUES, 0.1),
        "nothing but values": lambda size: text_of(size, VALUES),
        "code": lambda size: text_of(size, CODE),
        "spaced digits": lambda size: "1 2 3 4 5 6 7 8 9 0 " * (size // 20),
    }
    print(f"{'KB per CPU-second':28}{'1 KB':>10}{'8 KB':>10}{'64 KB':>10}")
    for name, make in texts.items():
        print(f"{name:28}" + "".join(f"{rate(make(size * 1024), seconds):10.0f}" for size in (1, 8, 64)))


if __name__ == "__main__":
    main()
