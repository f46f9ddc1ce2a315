"""Files that stand in calls: whether they are read here, and what that lacks.

Law: it is said once, whatever the organisations; a file that is not read is unreadable, so nothing is to be feared.
"""

import shutil
from collections.abc import Iterator
from importlib.util import find_spec

from ecluse.edge.classification_settings import FileSettings
from ecluse.edge.doctor.remark import Grade, Remark


def file_remarks(files: FileSettings) -> Iterator[Remark]:
    """Look at what reads the files of calls."""
    if not files.read:
        says = "files in calls are not read (classification.files.read): each is unreadable as a whole"
        yield Remark(about="files", grade=Grade.GOOD, says=says)
        return
    if find_spec("kreuzberg") is None:
        yield Remark(
            about="files",
            grade=Grade.WEIGH,
            says="files in calls cannot be read: each is unreadable as a whole, and goes only to a model of one's own",
            next_step='pip install "ecluse[documents]", or set classification.files.read = false',
        )
        return
    if files.ocr and shutil.which("tesseract") is None:
        yield Remark(
            about="files",
            grade=Grade.WEIGH,
            says="classification.files.ocr is on, and no tesseract is installed: words on pictures are not looked for",
            next_step="install tesseract with its languages, or set classification.files.ocr = false",
        )
        return
    yield Remark(about="files", grade=Grade.GOOD, says="files in calls are read; what is not read of one is unreadable")
