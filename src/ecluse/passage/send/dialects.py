"""The outbound dialects, found by their files: a module here that exports `DIALECT` is one.

Law: no central list; adding a dialect is adding one file.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from ecluse.domain.dialect import OutboundDialect

_PACKAGE = __name__.rpartition(".")[0]


def _found() -> Mapping[str, OutboundDialect]:
    names = (module.name for module in iter_modules(import_module(_PACKAGE).__path__, prefix=f"{_PACKAGE}."))
    modules = [import_module(name) for name in names if name != __name__]
    dialects: list[OutboundDialect] = [module.DIALECT for module in modules if hasattr(module, "DIALECT")]
    return {dialect.name: dialect for dialect in dialects}


DIALECTS: Mapping[str, OutboundDialect] = _found()
"""Every outbound dialect, by its name."""
