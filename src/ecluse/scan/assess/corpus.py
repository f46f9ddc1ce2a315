"""The files of a folder, in the order of their names.

Law: a link is not followed and nothing outside the folder is read; what cannot be read is told like any unread part.
"""

import os
from collections.abc import Iterator
from pathlib import Path


def files(folder: Path) -> list[Path]:
    """List the files of a folder and of those in it. Raises OSError when the folder cannot be read."""
    return sorted(_files(folder))


def _files(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as held:
        for entry in held:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path))
            else:
                yield Path(entry.path)


def content(file: Path, most: int) -> bytes | None:
    """Return what a file holds; None for a link, a device and a file of more than `most` bytes. Raises OSError."""
    if file.is_symlink() or not file.is_file() or file.stat().st_size > most:
        return None
    return file.read_bytes()
