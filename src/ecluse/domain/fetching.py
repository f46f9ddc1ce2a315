r"""Words of code that fetch: commands, functions and libraries that carry away what stands beside them.

Law: a closed list, and no proof: code can fetch without any of these words. It is read in any text, since nothing says
surely where code begins. Each pattern begins with a mark that prose has few of, so that the search costs little.
"""

import re
from collections.abc import Sequence

_COMMANDS = (
    "curl", "wget", "ncat", "netcat", "iwr", "irm", "invoke-webrequest", "invoke-restmethod", "start-bitstransfer",
    "aria2c", "nslookup", "telnet", "rsync", "sftp", "scp", "socat", "xdg-open", "sendmail", "@import",
)  # fmt: skip
_FUNCTIONS = (
    "fetch", "axios", "ajax", "sendbeacon", "eventsource", "websocket", "xmlhttprequest", "importscripts", "urlopen",
    "urlretrieve", "create_connection", "file_get_contents", "fsockopen", "curl_init", "curl_setopt",
    ".post", ".put", ".patch", ".getjson", ".sendto", ".sendall", ".getasync", ".postasync", ".putasync", ".request",
    ".getstringasync", "http.get", "https.get", "http.newrequest", "session.get", "client.get",
    "xhr.open", "window.open", "webbrowser.open", "location.assign", "location.replace", "rtcpeerconnection",
    ".downloadstring", ".downloadfile", ".uploadstring", ".uploaddata", "openconnection", "openstream", "uri.open",
    "download.file", "http_get", "http_post", "image-set",
)  # fmt: skip
_FORMULAS = (
    "hyperlink", "lien_hypertexte", "webservice", "serviceweb", "importdata", "importxml", "importhtml", "importfeed",
    "importrange", "filterxml",
    *(f"{sign}{pause}image" for sign in "=,;(&+" for pause in ("", " ")),
)  # fmt: skip
"""Functions of spreadsheets that fetch. An `image(` that is part of no formula is a word: `une image(s)`."""
_LIBRARIES = (
    "requests", "httpx", "httpx2", "axios", "aiohttp", "urllib", "urllib2", "urllib3", "pycurl", "reqwest",
    "superagent", "httparty", "faraday", "net::http", "smtplib", "ftplib", "paramiko", "boto3", "websocket",
    "websockets", "socket",
)  # fmt: skip


def _behind(words: Sequence[str], mark: str) -> str:
    """Return a pattern that holds after one of `words` and a mark; a word begins where one may begin."""
    return "|".join(
        f"(?<={re.escape(word)}{mark})" + (f"(?<![0-9a-z_]{re.escape(word)}{mark})" if word[0].isalpha() else "")
        for word in words
    )


_LONG = "|".join(sorted({word[-4:] for word in _COMMANDS if len(word) > 3}))  # noqa: PLR2004 - letters
_SHORT = "|".join(word for word in _COMMANDS if len(word) == 3)  # noqa: PLR2004 - letters
CALL = (
    rf"[\s\"'](?:(?<=(?:{_LONG})[\s\"'])|(?<=(?:{_SHORT})[\s\"']))(?:" + _behind(_COMMANDS, r"[\s\"']") + r")"
    r"|\((?:" + _behind((*_FUNCTIONS, *_FORMULAS), r"\(") + r")"
    r"|[.:](?:" + _behind(_LIBRARIES, "[.:]") + r"):?[a-z]"
)
"""Matches the mark after a word that fetches, and of a library the letter after it. For any case, ASCII."""
ADDRESS = r"[a-z0-9_\-]{0,24}(?:ur[li]s?|href|links?|endpoint|webhook|hostname|domain)"
"""The name of a field that has an address in it: `url`, `imageUrl`, `webhook_uri`. In any case, ASCII."""
ADDRESS_ALONE = re.compile(rf"\"{ADDRESS}\Z", re.IGNORECASE | re.ASCII)
"""The end of a string that is such a name and nothing else."""
_ADDRESS = re.compile(ADDRESS, re.IGNORECASE | re.ASCII)
ATTRIBUTE = (
    r"(?<![a-z0-9])(?:(?:lazy|low|dyn)?src|(?:image)?srcset|href|(?:form)?action|poster|ping|background|ur[li]"
    r"|longdesc|manifest|codebase|location|(?<=<object\s)data)"
)
"""An attribute that is fetched, the `url=` of a page that goes elsewhere, and `location =`. In any case, ASCII."""
COMMAND_ALONE = re.compile(rf"\"(?:[\w.-]*[/\\])*(?:{'|'.join(_COMMANDS)})(?:\.exe)?\Z", re.IGNORECASE | re.ASCII)
"""The end of a string that is a command that fetches and nothing else: its arguments follow in the list."""


def is_address(name: str) -> bool:
    """Tell whether a field of this name has an address in it."""
    return _ADDRESS.fullmatch(name) is not None
