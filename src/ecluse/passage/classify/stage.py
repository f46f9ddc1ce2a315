"""The stage's entry: a request's slots, and what of it could not be read, to one classification.

Law: what cannot be read is classified unreadable, never skipped; what cannot be searched raises.
"""

import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module

from ecluse.domain.finding import Classification
from ecluse.domain.request import Slot, SlotPath
from ecluse.domain.snapshot import Detector, Memory, never
from ecluse.passage.classify import recognisers
from ecluse.passage.classify.engine import Engine
from ecluse.passage.classify.recogniser import Recogniser, Words
from ecluse.passage.classify.tagger import Tagger


def classify(
    detector: Detector,
    slots: Sequence[Slot],
    unreadable: tuple[SlotPath, ...] = (),
    stopped: Callable[[], bool] = never,
    memory: Memory | None = None,
) -> Classification:
    """Search every slot; add the paths that the caller knows to be unreadable to those that the detector found.

    Raises:
        GatewayError: `classification_unavailable`, when something could not be searched whole.
    """
    found = detector.classify(slots, stopped, memory)
    return replace(found, unreadable=tuple(dict.fromkeys((*found.unreadable, *unreadable))))


def built_in() -> Mapping[str, Recogniser]:
    """Return every recogniser of this package, by name: one a file, found by looking, named in no list."""
    found: dict[str, Recogniser] = {}
    for module in sorted(pkgutil.iter_modules(recognisers.__path__), key=lambda module: module.name):
        recogniser = import_module(f"{recognisers.__name__}.{module.name}").RECOGNISER
        if not isinstance(recogniser, Recogniser) or recogniser.name != module.name:
            raise TypeError(f"{module.name}.RECOGNISER is no recogniser of that name")
        found[recogniser.name] = recogniser
    return found


def engine(recognisers_used: Iterable[Recogniser], dictionaries: Words, tagger: Tagger | None = None) -> Engine:
    """Compile a detector, with or without the statistical tagger.

    Raises:
        ValueError: for a pattern that RE2 refuses, or a missing dictionary.
    """
    return Engine(recognisers_used, dictionaries, tagger)
