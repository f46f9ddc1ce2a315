"""A file to all that it holds: the readers by kind, and the one way in.

Law: each kind has its reader or is reported; the extra's readers are reported as missing where it is not installed.
"""

import time
from importlib.util import find_spec

from ecluse.edge.extras import load
from ecluse.scan.archive import read_bzip2, read_gzip, read_tar, read_xz, read_zip
from ecluse.scan.flat import read_flat
from ecluse.scan.found import Reading, Why
from ecluse.scan.kinds import Kind
from ecluse.scan.mail import read_mail, read_mailbox
from ecluse.scan.office import read_office
from ecluse.scan.opening import Item, Limits, Opening, Read
from ecluse.scan.picture import read_picture
from ecluse.scan.plain import read_html, read_text, read_xml
from ecluse.scan.sheets import read_sheets

_SHARE = 0.8
"""Part of the time after which nothing new is begun, so that what was read is told."""


def _unread(why: Why) -> Read:
    def read(opening: Opening, item: Item) -> None:
        opening.miss(item.path, why)

    return read


def readers() -> dict[Kind, Read]:
    """Return the reader of each kind."""
    found: dict[Kind, Read] = {
        Kind.TEXT: read_text,
        Kind.HTML: read_html,
        Kind.XML: read_xml,
        Kind.MAIL: read_mail,
        Kind.MAILBOX: read_mailbox,
        Kind.OFFICE: read_office,
        Kind.ODF: read_office,
        Kind.FLAT_ODF: read_flat,
        Kind.SHEETS: read_sheets,
        Kind.ZIP: read_zip,
        Kind.TAR: read_tar,
        Kind.GZIP: read_gzip,
        Kind.BZIP2: read_bzip2,
        Kind.XZ: read_xz,
        Kind.PICTURE: read_picture,
        Kind.SOUND: _unread(Why.SOUND),
        Kind.ENCRYPTED: _unread(Why.ENCRYPTED),
        Kind.UNKNOWN: _unread(Why.UNKNOWN_FORMAT),
    }
    if find_spec("kreuzberg") is None:
        return found | dict.fromkeys((Kind.PDF, Kind.OLD_OFFICE, Kind.RTF), _unread(Why.EXTRA_MISSING))
    old = load("ecluse.scan.old", "documents")
    return found | {
        Kind.PDF: load("ecluse.scan.pdf", "documents").read_pdf,
        Kind.OLD_OFFICE: old.read_old,
        Kind.RTF: old.read_rtf,
    }


def unfold(name: str, data: bytes, limits: Limits, known: dict[Kind, Read]) -> Reading:
    """Read a file and everything in it, in this process. A hostile one may exhaust it: see `reading.Reader`."""
    opening = Opening(limits=limits, readers=known, size=len(data), ends=time.monotonic() + limits.seconds * _SHARE)
    kind = opening.enter(Item(path=name, name=name, data=data))
    return opening.reading(kind)
