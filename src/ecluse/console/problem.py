"""What went wrong, told to whoever reads a page: in their language, else marked as English.

Law: a sentence of our own; never what somebody typed, but the name of a thing that they named.
"""

from dataclasses import dataclass

from starlette.requests import Request

from ecluse.console.view import reader_of
from ecluse.domain.errors import EcluseError
from ecluse.domain.misstated import Misstated


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A sentence, and the language that it is in."""

    text: str
    language: str


def problem_of(request: Request, error: Exception) -> Problem:
    """Tell an error to the reader."""
    language = reader_of(request).language
    if isinstance(error, EcluseError) or (isinstance(error, Misstated) and (error.fr or language == "en")):
        return Problem(text=error.sentence(language), language=language)
    return Problem(text=str(error), language="en")
