"""Bytes to a neutral request, and events back to bytes: the caller's side of each dialect.

A module here that exports `DIALECT` is an inbound dialect; `DIALECTS` finds them by name, so that adding one is adding
one file.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from ecluse.domain.dialect import InboundDialect


def _found() -> Mapping[str, InboundDialect]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    dialects: list[InboundDialect] = [module.DIALECT for module in modules if hasattr(module, "DIALECT")]
    return {dialect.name: dialect for dialect in dialects}


DIALECTS: Mapping[str, InboundDialect] = _found()
"""Every inbound dialect, by its name."""
