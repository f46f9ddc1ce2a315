"""Classification as a library: `ecluse.classify(text)`.

Law: the first call makes the detector ready (well under a second), the next ones share it. Nothing is sent or kept.
Findings stand on `text[start:end]` of the text that was given, in characters. What cannot be searched raises.
"""

from functools import cache

from ecluse.domain.finding import Classification
from ecluse.domain.request import Slot, SlotPath
from ecluse.packs import dictionaries, weights
from ecluse.passage.classify import Engine, built_in, engine
from ecluse.passage.classify import classify as search
from ecluse.passage.classify.tagger import Tagger, Weights


def detector(*, tagger: bool = True) -> Engine:
    """Compile the recognisers that ship, with the statistical tagger or without; once, since nothing changes one."""
    return _compiled(tagger)


@cache
def _compiled(tagger: bool) -> Engine:  # noqa: FBT001 - private, and cached by it
    weighed = Tagger(Weights.of(weights.load())) if tagger else None
    return engine(built_in().values(), dictionaries.load(), weighed)


def classify(text: str, *, tagger: bool = True) -> Classification:
    """Return what is recognised in a text: its findings, and the data classes that they make.

    Without `tagger`, names that no pattern, title or dictionary shows are missed, and it is faster.

    Raises:
        ecluse.domain.errors.GatewayError: `classification_unavailable`, when the text cannot be searched whole, as for
            more than 16 Mi characters. It is never less than all that is searched.
    """
    return search(detector(tagger=tagger), (Slot(path=SlotPath("text"), text=text),))
