"""Optional parts: a module that needs an optional library is loaded only where the settings ask for it.

Law: a missing library is said with the words that install it.
"""

import importlib
from types import ModuleType


class ExtraMissing(ValueError):
    """An optional library is not installed. Says how to install it."""


def load(module: str, extra: str) -> ModuleType:
    """Import a module of ours that needs an extra. Raises ExtraMissing."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise ExtraMissing(f'{error.name} is not installed; `pip install "ecluse[{extra}]"` installs it') from error
