"""Which destinations in use need a signer, and the optional library that it needs.

Law: an optional library is loaded only for a destination in use that needs it, at start, and its absence is said with
the words to type.
"""

from collections.abc import Iterable, Mapping
from importlib import import_module

from ecluse.domain.destination import Destination
from ecluse.edge.config import SettingsError
from ecluse.edge.signing.signer import Signer

NEEDS: Mapping[str, tuple[str, str]] = {
    "bedrock_converse": ("aws", "ecluse.edge.signing.aws"),
    "vertex_openai": ("vertex", "ecluse.edge.signing.google"),
    "vertex_anthropic": ("vertex", "ecluse.edge.signing.google"),
    "vertex_mistral": ("vertex", "ecluse.edge.signing.google"),
}
"""Dialect to its extra, and the module that exports SIGNER."""


def signers(destinations: Iterable[Destination]) -> Mapping[str, Signer]:
    """Return the signers by dialect. Raises SettingsError naming the extra to install."""
    found: dict[str, Signer] = {}
    for destination in destinations:
        need = NEEDS.get(destination.dialect)
        if need is None or destination.credential is None:
            continue
        extra, module = need
        try:
            found[destination.dialect] = import_module(module).SIGNER
        except ImportError:
            raise SettingsError(f'{destination.id} needs a library: pip install "ecluse[{extra}]"') from None
    return found
