r"""Words of code that fetch: commands, functions and libraries that carry away what stands beside them.

Law: a closed list, and no proof: code can fetch without any of these words. It is read in any text, since nothing says
surely where code begins. Each pattern begins with a mark that prose has few of, so that the search costs little.
"""

import re
from collections.abc import Sequence

_COMMANDS = (
    "curl", "wget", "ncat", "netcat", "iwr", "irm", "invoke-webrequest", "invoke-restmethod", "start-bitstransfer",
)  # fmt: skip
_FUNCTIONS = (
    "fetch", "axios", "ajax", "sendbeacon", "eventsource", "websocket", "xmlhttprequest", "importscripts", "urlopen",
    "urlretrieve", "create_connection", "file_get_contents", "fsockopen", "curl_init", "curl_setopt",
    ".post", ".put", ".patch", ".getjson", ".sendto", ".sendall", ".getasync", ".postasync", ".putasync", ".request",
    ".getstringasync", "http.get", "https.get", "http.newrequest",
)  # fmt: skip
_LIBRARIES = (
    "requests", "httpx", "httpx2", "axios", "aiohttp", "urllib", "urllib2", "urllib3", "pycurl", "reqwest",
    "superagent", "httparty", "faraday", "net::http",
)  # fmt: skip


def _behind(words: Sequence[str], mark: str) -> str:
    """Return a pattern that holds after one of `words` and a mark; a word begins where one may begin."""
    return "|".join(
        f"(?<={word}{mark})" + ("" if word.startswith("\\.") else f"(?<![0-9a-z_]{word}{mark})")
        for word in map(re.escape, words)
    )


_ENDINGS = "|".join(sorted({word[-3:] for word in _COMMANDS}))
CALL = (
    rf"[\s\"'](?<=(?:{_ENDINGS})[\s\"'])(?:" + _behind(_COMMANDS, r"[\s\"']") + r")"
    r"|\((?:" + _behind(_FUNCTIONS, r"\(") + r")"
    r"|[.:](?:" + _behind(_LIBRARIES, "[.:]") + r"):?[a-z]"
)
"""Matches the mark after a word that fetches, and of a library the letter after it. For any case, ASCII."""
COMMAND_ALONE = re.compile(rf"\"(?:[\w.-]*[/\\])*(?:{'|'.join(_COMMANDS)})(?:\.exe)?\Z", re.IGNORECASE | re.ASCII)
"""The end of a string that is a command that fetches and nothing else: its arguments follow in the list."""
