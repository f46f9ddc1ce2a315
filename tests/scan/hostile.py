"""Documents spoilt on purpose: real ones cut, overwritten, spliced, and packages whose parts are bombs."""

import io
import random
import zipfile
import zlib
from collections.abc import Callable, Mapping

from ecluse.scan.opening import FAULTS
from tests.scan.made import W, docx, mail, pdf, xlsx, zipped
from tests.scan.ole import message
from tests.scan.test_real import REAL, real

NAME = "Mme Marie Curie"
LONG, MANY = "x" * 100, "&a;" * 1000
ATTRIBUTES = " ".join(f"b{n}=''" for n in range(5_000))
DOCTYPE = f'<!DOCTYPE a [<!ENTITY a "{LONG}"><!ENTITY b "{MANY}">]><a>&b;</a>'
EXTERNAL = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>'
DEEP = "<a>" * 20_000
PARTS: Mapping[str, str | bytes] = {
    "entities": DOCTYPE,
    "external": EXTERNAL,
    "deep": DEEP,
    "wide": f"<a {ATTRIBUTES}/>",
    "long": "<a>" + "x" * 3_000_000 + "</a>",
    "cut": f"<w:document {W}><w:p>",
    "empty": "",
    "bomb": b"\0" * 30_000_000,
    "surrogates": "<a>&#xD800;</a>",
    "encoding": '<?xml version="1.0" encoding="utf-7"?><a>+AGE-</a>',
    "wrong": b"\xff\xfe\x00",
}
"""What stands in the place of a part."""


def documents() -> dict[str, bytes]:
    """Return documents of every kind, real ones and made ones."""
    made = {
        "a.docx": docx(NAME, word__header1=f"<w:hdr {W}>{NAME}</w:hdr>"),
        "a.xlsx": xlsx('<row><c t="s"><v>0</v></c><c><v>12</v></c></row>', (NAME,)),
        "a.eml": mail("Bonjour", ("a.docx", docx(NAME)), ("b.zip", zipped({"c.txt": NAME}))),
        "a.zip": zipped({"a/b.docx": docx(NAME), "c.html": f"<p title='{NAME}'>x", "d.gz": zlib.compress(b"x")}),
        "a.pdf": pdf(NAME, picture=(20, 20)),
        "a.html": f"<html><body>{NAME}<img src='data:image/png;base64,iVBO'>".encode(),
        "a.msg": message("Dossier", NAME, NAME),
        "a.mbox": b"From a\n" + mail("un") + b"\nFrom b\n" + mail("deux"),
    }
    return made | {name: real(name) for name in REAL}


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def overwritten(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.randrange(1, 40)):
        out[chance.randrange(len(out))] = chance.choice((0, 0xFF, 0x7F, 0x80, chance.randrange(256)))
    return bytes(out)


def spliced(data: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:end] + data[start:end] * chance.randrange(3) + data[end:]


def dropped(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randrange(1, 512) :]


def repacked(data: bytes, chance: random.Random) -> bytes:
    """Return a package with one part replaced, or standing twice; another file is cut."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as held:
            files = {name: held.read(name) for name in held.namelist()}
    except FAULTS:
        return cut(data, chance)
    if not files:
        return cut(data, chance)
    files[chance.choice(sorted(files))] = _bytes(PARTS[chance.choice(sorted(PARTS))])
    return zipped(files)


def _bytes(part: str | bytes) -> bytes:
    return part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")


WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (cut, overwritten, spliced, dropped, repacked, repacked)


def spoilt(data: bytes, seed: int) -> bytes:
    """Spoil a document in one to three ways."""
    chance = random.Random(seed)  # noqa: S311 - a test draws the same again
    for _ in range(chance.randrange(1, 4)):
        if data:
            data = chance.choice(WAYS)(data, chance)
    return data
