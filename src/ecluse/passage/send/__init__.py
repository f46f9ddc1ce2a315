"""A neutral request to bytes, and bytes back to events: the provider's side of each dialect.

A module here that exports `DIALECT` is an outbound dialect; `DIALECTS` finds them by name, so that adding one is adding
one file.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from ecluse.domain.dialect import OutboundDialect


def _found() -> Mapping[str, OutboundDialect]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    dialects: list[OutboundDialect] = [module.DIALECT for module in modules if hasattr(module, "DIALECT")]
    return {dialect.name: dialect for dialect in dialects}


DIALECTS: Mapping[str, OutboundDialect] = _found()
"""Every outbound dialect, by its name."""
