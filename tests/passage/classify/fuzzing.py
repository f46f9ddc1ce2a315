"""What atheris runs, `python -m tests.passage.classify.fuzzing CORPUS`: the search, guided by what of it was run.

Nothing that it raises is caught here: a text of this size is searched whole.
"""

import sys

import atheris

with atheris.instrument_imports(include=["ecluse.passage.classify"]):
    from tests.passage.classify.hostile import Law, cascade

LAW = Law(cascade())


def one(data: bytes) -> None:
    LAW(data.decode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
