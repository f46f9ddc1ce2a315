"""A letter as a PDF, made on the spot: what somebody attaches to a question."""

import typst

_SOURCE = b"#set page(margin: 3cm)\n#sys.inputs.letter"


def pdf(letter: str) -> bytes:
    """Return a PDF of a text."""
    made = typst.compile(_SOURCE, format="pdf", sys_inputs={"letter": letter})
    if not isinstance(made, bytes):
        raise TypeError("one document was asked for")
    return made
