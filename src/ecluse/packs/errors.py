"""The one error of packs: a fact or a rule that cannot be loaded.

Law: it names the file, the place in it, and what to write there; it never repairs and never skips.
"""


class PackError(ValueError):
    """A pack cannot be loaded. `file` is a file's name, `path` the place in it."""

    def __init__(self, file: str, path: str, what: str) -> None:
        """Keep where it is wrong and what to write."""
        super().__init__(f"{file}: {path}: {what}" if path else f"{file}: {what}")
        self.file = file
        self.path = path
        self.what = what
