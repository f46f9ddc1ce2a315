"""Settings of how texts are searched, and of the files that stand in a call.

Law: what is not read of a file stays unreadable; no setting here makes it anything less.
"""

from typing import Annotated

import msgspec

from ecluse.domain.finding import DataClass


class FileSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Whether files with their bytes in a call are read, and within what bounds of one call.

    `ocr` has words read off pictures: their classes are added, and the picture stays unreadable. `bytes` is of one
    file; `most` is how many files of a call are read that were not read before, in `seconds` for all of them. With
    `as_text`, documents leave as their text, which can be masked.
    """

    read: bool = True
    ocr: bool = False
    as_text: bool = False
    bytes: Annotated[int, msgspec.Meta(ge=1, le=64 * 2**20)] = 16 * 2**20
    most: Annotated[int, msgspec.Meta(ge=1, le=100)] = 8
    seconds: Annotated[float, msgspec.Meta(ge=0.1, le=60)] = 10.0

    def __post_init__(self) -> None:
        """Refuse texts of files that nobody reads."""
        if self.as_text and not self.read:
            raise ValueError("as_text needs read = true")


class ClassificationSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How texts are searched. Without the statistical tagger, names that no pattern or dictionary shows are missed.

    `labels` says which data class a label on a document stands for, by its id or name.
    """

    tagger: bool = True
    labels: dict[str, DataClass] = {}
    files: FileSettings = FileSettings()
