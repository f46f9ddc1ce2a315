"""What a document gave: texts, labels, and what could not be read, each with its way inside the containers.

Law: everything in a file is a text, a label or an unread part with the reason; nothing is passed over in silence.
"""

from enum import StrEnum

import msgspec


class How(StrEnum):
    """How a text was come by. `ocr` was read off a picture and may be wrong; `metadata` is about the document."""

    TEXT = "text"
    OCR = "ocr"
    METADATA = "metadata"


class Why(StrEnum):
    """Why a part was not read."""

    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    HOSTILE = "hostile"
    UNKNOWN_FORMAT = "unknown_format"
    PICTURE = "picture"
    DRAWING = "drawing"
    SOUND = "sound"
    NO_TEXT = "no_text"
    TOO_DEEP = "too_deep"
    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    EXTRA_MISSING = "extra_missing"


SAYS: dict[Why, tuple[str, str]] = {
    Why.ENCRYPTED: ("it is encrypted", "il est chiffré"),
    Why.BROKEN: ("it is damaged, or not what it says it is", "il est abîmé, ou n'est pas ce qu'il prétend être"),
    Why.HOSTILE: ("it is built to exhaust its reader", "il est construit pour épuiser son lecteur"),
    Why.UNKNOWN_FORMAT: ("its format is not read", "son format n'est pas lu"),
    Why.PICTURE: (
        "a picture, and no tesseract is installed to read it",
        "une image, et aucun tesseract n'est installé pour la lire",
    ),
    Why.DRAWING: (
        "something is drawn on it as lines and curves, which are not read",
        "quelque chose y est dessiné en traits et en courbes, qui ne sont pas lus",
    ),
    Why.SOUND: ("sound or video is not read", "le son et la vidéo ne sont pas lus"),
    Why.NO_TEXT: ("nothing could be read in it", "rien n'a pu y être lu"),
    Why.TOO_DEEP: ("it lies too deep in other files", "il est trop profondément imbriqué"),
    Why.TOO_MANY: ("there are too many parts", "il y a trop de parties"),
    Why.TOO_LARGE: ("it is too large", "il est trop volumineux"),
    Why.TOO_LONG: ("it took too long", "sa lecture a pris trop de temps"),
    Why.EXTRA_MISSING: (
        'it needs `pip install "ecluse[documents]"`',
        'il faut `pip install "ecluse[documents]"`',
    ),
}
"""Each reason in English and French, as the end of a sentence about a part."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A text of a document. `path` leads there, e.g. `mail.eml/attachment[1] report.docx`."""

    path: str
    text: str
    how: How = How.TEXT


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """A part that was not read."""

    path: str
    why: Why
    detail: str = ""


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """A mark that a program or a person put on a document. `id` is a GUID, or the header's name and value."""

    path: str
    id: str
    name: str = ""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """All that a document gave. `kind` is what it turned out to be, whatever its name says."""

    kind: str
    parts: list[Part] = []
    unread: list[Unread] = []
    labels: list[Label] = []


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One file to read."""

    name: str
    data: bytes
