"""What a model is told of surrogates, when there are any.

Law: the sentence is constant, so that it tells nothing and a provider's prefix cache keeps it; it is in the language of
the conversation, French or English, and it stands after the caller's own instructions.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ecluse.domain.request import Message, Request, Role, TextPart

SENTENCES: Mapping[str, str] = {
    "en": (
        "Some values in this conversation are replaced by stand-ins: a word in capitals (PERSON, WOMAN, MAN, "
        "EMAIL...), an underscore, and six or seven letters and digits. Treat a stand-in as the value itself. Whenever "
        "you mention one, in text or in the arguments of a tool, copy it exactly and whole; never translate, split, "
        "complete or invent one. Stand-ins that differ only by a seventh digit are spellings of the same value, or "
        "names of the same person."
    ),
    "fr": (
        "Certaines valeurs de cette conversation sont remplacées par des substituts : un mot en capitales (PERSON, "
        "WOMAN, MAN, EMAIL...), un tiret bas, puis six ou sept lettres et chiffres. Traitez un substitut comme la "
        "valeur elle-même. Chaque fois que vous en citez un, dans le texte ou dans les arguments d'un outil, "
        "recopiez-le exactement et en entier ; ne le traduisez pas, ne le coupez pas, ne le complétez pas et n'en "
        "inventez aucun. Des substituts qui ne diffèrent que par un septième chiffre sont des graphies de la même "
        "valeur, ou des noms de la même personne."
    ),
}

_READ = 4_000
"""Characters of a conversation that are enough to tell its language."""
_WORD = re.compile(r"[a-zà-öø-ÿœ]+")
_FRENCH = re.compile(
    r"(?:les?|la|une?|des?|du|et|est|qu[ei]|dans|pour|sur|avec|par|aux?|ce|cette|ces|vous|nous|je|ils?|elles?|pas|plus"
    r"|votre|vos|sont?|ses?|mon|ma|mes|[dlcjnms]|qu)"
)
_ENGLISH = re.compile(
    r"(?:the|an|and|of|is|in|that|which|to|for|with|by|at|this|these|you|we|he|she|not|more|your|his|her|its|my|are|was"
    r"|be|it|as|from|or|please)"
)


def language(request: Request) -> str:
    """Return `fr` if the latest words of the conversation look French, else `en`."""
    words = _WORD.findall("\n".join(_latest(request.messages))[:_READ].lower())
    french = sum(_FRENCH.fullmatch(word) is not None for word in words)
    english = sum(_ENGLISH.fullmatch(word) is not None for word in words)
    return "fr" if french > english else "en"


def _latest(messages: Iterable[Message]) -> Iterable[str]:
    """Yield what users wrote, the latest first, then what the application asked."""
    turns = tuple(messages)
    for role in (Role.USER, Role.SYSTEM):
        for message in reversed(turns):
            if message.role is role:
                yield from (part.text for part in message.parts if isinstance(part, TextPart))


def instruct(request: Request, sentence: str) -> Request:
    """Add `sentence` to the system message that opens the conversation, or open it with one."""
    messages = request.messages
    if not messages or messages[0].role is not Role.SYSTEM:
        opening = Message(role=Role.SYSTEM, parts=(TextPart(text=sentence),))
        return replace(request, messages=(opening, *messages))
    first = messages[0]
    if first.parts and isinstance(last := first.parts[-1], TextPart):
        parts = (*first.parts[:-1], replace(last, text=f"{last.text}\n\n{sentence}"))
    else:
        parts = (*first.parts, TextPart(text=sentence))
    return replace(request, messages=(replace(first, parts=parts), *messages[1:]))
