"""What the surfaces in OpenAI's form have in common on the caller's side: errors, models, no count of tokens.

Law: a dialect says its name, its routes, how it reads and how it writes; all else is as in openai_chat.py.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from ecluse.domain.dialect import Listed
from ecluse.domain.errors import EcluseError
from ecluse.domain.request import Request, Surface
from ecluse.passage.admit import openai_bodies


class OpenAIReplies(ABC):
    """The replies that are no answer of a model."""

    counts: Mapping[str, Surface] = {}
    refused: Mapping[str, str] = {}
    mark = None
    signs = False

    @abstractmethod
    def admit(self, surface: Surface, body: bytes) -> Request:
        """Read a request. Raises CallerError."""

    def count(self, surface: Surface, body: bytes) -> Request:
        """Read a request to be counted. Raises CallerError."""
        return self.admit(surface, body)

    def counted(self, tokens: int) -> bytes:
        """Return the body that answers a count."""
        return openai_bodies.counted(tokens)

    def error(self, error: EcluseError, language: str) -> bytes:
        """Return the body of an error reply."""
        return openai_bodies.error_body(error, language)

    def models(self, listed: Sequence[Listed]) -> bytes:
        """Return the list of models."""
        return openai_bodies.models(listed)

    def model(self, listed: Listed) -> bytes:
        """Return one model."""
        return openai_bodies.model(listed)
