"""What atheris runs, `python -m tests.scan.fuzzing CORPUS`: the readers that are ours, in this process.

Nothing that they raise is caught here: `unfold` answers for every file. What is not ours (kreuzberg, tesseract) is left
out; those run in a process of their own (`test_hostile.py`).
"""

import sys

import atheris

with atheris.instrument_imports(include=["ecluse.scan"]):
    from ecluse.scan.found import Why
    from ecluse.scan.kinds import Kind
    from ecluse.scan.opening import Item, Limits, Opening
    from ecluse.scan.unfold import readers, unfold

LIMITS = Limits(seconds=10.0, unfolded=8 * 2**20, free=2**20, pictures=0)


def unread(opening: Opening, item: Item) -> None:
    opening.miss(item.path, Why.UNKNOWN_FORMAT)


READERS = readers() | dict.fromkeys((Kind.PDF, Kind.OLD_OFFICE, Kind.RTF, Kind.PICTURE), unread)


def one(data: bytes) -> None:
    reading = unfold("a", data, LIMITS, READERS)
    assert reading.parts or reading.unread or not data.strip(b" \t\r\n\v\f\0")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
