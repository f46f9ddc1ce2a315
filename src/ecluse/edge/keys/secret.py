"""A text that must not be seen.

Law: it has no readable form but `reveal()`: not in a repr, a format, a log line, a traceback or a pickle.
"""

import hmac
from typing import NoReturn


class Secret:
    """A secret text. Compared in constant time, never hashed, never pickled."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text, for the one place that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    __hash__ = None  # type: ignore[assignment] # a secret is no key of a table

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")
