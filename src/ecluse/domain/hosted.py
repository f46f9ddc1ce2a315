"""Tools that a provider runs for its model, and remote MCP servers, as a request asks for them.

Law: the list is closed; what is not on it is refused by name (decision 22).
"""

from dataclasses import dataclass
from enum import StrEnum


class HostedKind(StrEnum):
    """What a hosted tool does. The two words for running code are those of two wire formats."""

    WEB_SEARCH = "web_search"
    WEB_FETCH = "web_fetch"
    FILE_SEARCH = "file_search"
    CODE_INTERPRETER = "code_interpreter"
    CODE_EXECUTION = "code_execution"
    MCP = "mcp"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedRef:
    """Which hosted tool is meant: its kind and, of a remote server or a store of files, its address.

    `dialect` is the wire format in which it was asked for: no other can say the same.
    """

    kind: HostedKind
    dialect: str
    address: str = ""
