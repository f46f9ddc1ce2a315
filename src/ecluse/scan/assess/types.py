"""The types of documents in words.

Law: each kind that a reader knows has its words in both languages.
"""

from ecluse.scan.kinds import Kind

TYPES: dict[Kind, tuple[str, str]] = {
    Kind.TEXT: ("plain text, CSV", "texte simple, CSV"),
    Kind.HTML: ("web page", "page web"),
    Kind.XML: ("XML", "XML"),
    Kind.MAIL: ("mail", "courriel"),
    Kind.MAILBOX: ("mailbox", "boîte de courriels"),
    Kind.PDF: ("PDF", "PDF"),
    Kind.OFFICE: ("Word or PowerPoint", "Word ou PowerPoint"),
    Kind.SHEETS: ("Excel", "Excel"),
    Kind.ODF: ("OpenDocument", "OpenDocument"),
    Kind.FLAT_ODF: ("OpenDocument, one XML", "OpenDocument en un XML"),
    Kind.OLD_OFFICE: ("Office before 2007, Outlook message", "Office d'avant 2007, message Outlook"),
    Kind.RTF: ("RTF", "RTF"),
    Kind.ZIP: ("ZIP archive", "archive ZIP"),
    Kind.TAR: ("TAR archive", "archive TAR"),
    Kind.GZIP: ("gzip file", "fichier gzip"),
    Kind.BZIP2: ("bzip2 file", "fichier bzip2"),
    Kind.XZ: ("xz file", "fichier xz"),
    Kind.PICTURE: ("picture", "image"),
    Kind.SOUND: ("sound or video", "son ou vidéo"),
    Kind.ENCRYPTED: ("encrypted file", "fichier chiffré"),
    Kind.UNKNOWN: ("unknown", "inconnu"),
}
"""Each kind in English and French."""
