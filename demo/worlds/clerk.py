"""Who answers behind the simulators while a month is written: an invented clerk with a few French sentences.

Law: it sees what the provider was sent; of it, it repeats surrogates alone, as a model that answers a masked letter
does. What it says and how long it takes depend on the text alone.
"""

import hashlib
import re
from collections.abc import AsyncGenerator, Sequence

from simulators.brain import VECTOR, Ending, Piece, Question, Vectors, plain

SURROGATE = re.compile(r"\b(?:PERSON|WOMAN|MAN|PHONE|IBAN|NIR|CARD|EMAIL|ADDRESS)_[0-9A-Z]{6,7}\b")
SENTENCES = (
    "Bonjour, voici une proposition de réponse, à relire avant envoi.",
    "La demande porte sur un seul point ; il est résumé ci-dessous.",
    "Trois éléments sont à vérifier avant de répondre.",
    "Le texte est clair ; seule la date mérite d'être confirmée.",
    "Voici un plan en quatre parties, du constat à la décision.",
    "La réponse tient en deux phrases, que voici.",
)
LETTERS_A_TOKEN = 4


class Clerk:
    """Answers from the sentences."""

    async def answer(self, question: Question) -> AsyncGenerator[Piece, None]:
        """Say two sentences, and name whom the letter is about by the surrogates that stand in it."""
        asked = "\n".join(plain(message.get("content")) for message in question.messages)
        draw = hashlib.sha256(asked.encode()).digest()
        said = [SENTENCES[draw[0] % len(SENTENCES)], SENTENCES[draw[1] % len(SENTENCES)]]
        said += [f" Concerne : {found}." for found in dict.fromkeys(SURROGATE.findall(asked))][:3]
        for sentence in said:
            yield f"{sentence} "
        tokens_out = 60 + draw[2] * 3
        yield Ending(reason="stop", tokens_in=max(1, len(asked) // LETTERS_A_TOKEN), tokens_out=tokens_out)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return the same vector for each text."""
        return Vectors(values=(VECTOR,) * len(texts), tokens_in=len(texts))

    async def close(self) -> None:
        """Hold nothing."""


def seconds_of(asked: bytes) -> float:
    """Return how long the answer to a body takes to begin, from 0.3 to 2.8 seconds."""
    return 0.3 + hashlib.sha256(asked).digest()[3] / 100
