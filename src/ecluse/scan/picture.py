"""Pictures to words by tesseract, where it is installed.

Law: a picture that is not read is reported, never taken for empty; what was read off one is marked `ocr`.
"""

import hashlib
import re
import shutil
import subprocess

from ecluse.scan.found import How, Why
from ecluse.scan.opening import Item, Opening, OverLimit

SECONDS = 30
WANTED = ("fra", "eng", "deu", "spa", "ita", "nld", "por", "pol")
"""Languages asked for, of those that are installed: each costs time."""
_THUMBNAIL = re.compile(r"/(?:Thumbnails|docProps)/thumbnail\.(?:png|jpe?g)$")
"""A small likeness of the first page, which is read by itself: reported only where there is nothing to read it with."""
_SMALL = 1_024
"""Bytes under which a picture has no room for words: a rule, a dot, a spacer."""


def tesseract() -> str | None:
    """Return where tesseract is, if it is."""
    return shutil.which("tesseract")


def reads_pictures(opening: Opening) -> bool:
    """Say whether pictures are read at all: tesseract is there, and pictures may be looked at."""
    return opening.limits.pictures > 0 and tesseract() is not None


def languages(program: str) -> str:
    """Return the languages to read, as tesseract writes them."""
    listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603 - a program found on the PATH, no words of ours
    installed = set(listed.stdout.split())
    return "+".join([name for name in WANTED if name in installed][:2]) or "eng"


def ocr(opening: Opening, data: bytes) -> str | None:
    """Return the words on a picture; None when nothing here can read it. Raises ValueError for what is no picture."""
    program = tesseract()
    if program is None or not reads_pictures(opening):
        return None
    opening.pictures += 1
    if opening.pictures > opening.limits.pictures:
        raise OverLimit(Why.TOO_MANY)
    if opening.late():
        raise OverLimit(Why.TOO_LONG)
    try:
        done = subprocess.run(  # noqa: S603 - a program found on the PATH, its words are ours
            [program, "stdin", "stdout", "-l", languages(program)],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin:/usr/local/bin"},
        )
    except subprocess.TimeoutExpired:
        raise OverLimit(Why.TOO_LONG) from None
    if done.returncode:
        raise ValueError("tesseract does not read it")
    return done.stdout.decode("utf-8", "replace").strip()


def read_picture(opening: Opening, item: Item) -> None:
    """Read a picture, once for each that is the same."""
    name = hashlib.sha256(item.data).digest()
    if name in opening.seen:
        return
    opening.seen.add(name)
    if len(item.data) < _SMALL:
        opening.miss(item.path, Why.NO_TEXT if reads_pictures(opening) else Why.PICTURE, "too small for words")
        return
    words = ocr(opening, item.data)
    if words is None:
        opening.miss(item.path, Why.PICTURE)
    elif words:
        opening.say(item.path, words, How.OCR)
    elif not _THUMBNAIL.search(item.path):
        opening.miss(item.path, Why.NO_TEXT)
