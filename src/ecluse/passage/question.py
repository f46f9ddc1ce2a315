"""What the rules are asked about a request: one place, so that explain and the walk ask the same (INVARIANT 7).

Law: classes are found and stated ones together; what is stated covers text that no recogniser marked, so a mask cannot
cover it. A purpose that is not on record is asked as such, and the rules refuse it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ecluse.domain.caller import Application, Purpose
from ecluse.domain.errors import CallerError
from ecluse.domain.finding import Classification, DataClass
from ecluse.domain.hosted import HostedRef
from ecluse.domain.request import AS_IS_ONLY, Surface
from ecluse.domain.verdict import Action, Question

RAISABLE: Mapping[str, DataClass] = {
    "personal": DataClass.PERSONAL,
    "health": DataClass.HEALTH,
    "special": DataClass.SPECIAL,
    "restricted": DataClass.RESTRICTED,
    "classified": DataClass.CLASSIFIED,
    "professional_secret": DataClass.PROFESSIONAL_SECRET,
    "trade_secret": DataClass.TRADE_SECRET,
    "sren31": DataClass.SREN31,
}
"""What `x-ecluse-sensitivity` may add."""

NOT_ON_RECORD = Purpose("(not on record)")
"""Stands for a purpose that a header asked for and the application does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the caller's headers ask for, already read: nothing in it lowers anything.

    `fresh` asks for an answer that is made now and not kept.
    """

    purpose: str | None = None
    conversation: str | None = None
    sensitivity: tuple[str, ...] = ()
    language: str = "en"
    fresh: bool = False

    @property
    def raised(self) -> frozenset[DataClass]:
        """The classes that the header adds. Raises CallerError for a word that is none."""
        if any(name not in RAISABLE for name in self.sensitivity):
            raise CallerError("invalid_request", f"x-ecluse-sensitivity takes {', '.join(sorted(RAISABLE))}")
        return frozenset(RAISABLE[name] for name in self.sensitivity)


def question_of(
    application: Application,
    asked: Asked,
    surface: Surface,
    classification: Classification,
    *,
    in_pieces: bool = False,
    tools: frozenset[HostedRef] = frozenset(),
) -> Question:
    """Ask the rules about a request by `application`.

    `in_pieces` is whether the answer would show text piece by piece in a form that is not restored (`logprobs`).
    `tools` are the hosted tools of the request.
    """
    stated = application.declared | asked.raised
    purpose = application.purposes[0]
    if asked.purpose is not None:
        purpose = Purpose(asked.purpose) if asked.purpose in application.purposes else NOT_ON_RECORD
    as_is_only = surface in AS_IS_ONLY or in_pieces
    return Question(
        application=application,
        action=Action.EMBED if surface is Surface.EMBEDDINGS else Action.INFER,
        purpose=purpose,
        classes=classification.classes | stated,
        covered=frozenset() if as_is_only else classification.coverable - stated,
        tools=tools,
    )
