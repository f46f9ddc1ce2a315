"""Mail: its headers, its bodies, each attachment as a file of its own, mails in mails.

Law: every leaf of the MIME tree is read or reported, whatever its disposition says. Headers that state a sensitivity
are labels (`msip_labels` of Exchange, `Sensitivity` of RFC 4021, `X-...-Classification`).
"""

import re
from email import policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser

from ecluse.scan.found import How, Why
from ecluse.scan.office import MSIP, mark_msip
from ecluse.scan.opening import Item, Opening
from ecluse.scan.plain import decoded

_SENSITIVE = re.compile(r"^(?:x-)?(?:[\w-]*-)?(?:sensitivity|classification)(?:-label)?$", re.IGNORECASE)
_USUAL = frozenset({"normal", "none", "auto"})
_SEALED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted"})
_FROM = re.compile(rb"(?m)^From [^\n]*\n")
_RULE = re.compile(r"MSIP_Label_([0-9A-Fa-f-]{36})_(\w+)=([^;]*)")


def read_mail(opening: Opening, item: Item) -> None:
    """Read one mail."""
    message = BytesParser(policy=policy.compat32).parsebytes(item.data)
    _headers(opening, item.path, message)
    _leaves(opening, item, message, [0])


def read_mailbox(opening: Opening, item: Item) -> None:
    """Read a mailbox in the mbox format."""
    starts = [m.end() for m in _FROM.finditer(item.data)]
    heads = [m.start() for m in _FROM.finditer(item.data)]
    for n, (start, end) in enumerate(zip(starts, [*heads[1:], len(item.data)], strict=True), 1):
        inside = Item(path=f"{item.path}/mail[{n}]", name="mail.eml", data=item.data[start:end], depth=item.depth + 1)
        opening.enter(inside)


def _headers(opening: Opening, path: str, message: Message) -> None:
    lines: list[str] = []
    for name, raw in message.items():
        value = re.sub(r"\r?\n[ \t]+", " ", _words_of(str(raw)))
        lines.append(f"{name}: {value}")
        if name.lower() == "msip_labels" or MSIP.search(value):
            mark_msip(opening, path, [(m[1], m[2], m[3].strip()) for m in _RULE.finditer(value)])
        elif _SENSITIVE.match(name) and value.strip().lower() not in _USUAL:
            opening.mark(path, f"{name.lower()}: {value.strip()}", value)
    opening.say(f"{path}#headers", "\n".join(lines), How.METADATA)


def _words_of(raw: str) -> str:
    try:
        return str(make_header(decode_header(raw)))
    except (ValueError, LookupError, MessageError):
        return raw


def _leaves(opening: Opening, item: Item, message: Message, count: list[int]) -> None:
    media = message.get_content_type()
    if media in _SEALED:
        opening.miss(f"{item.path}/{media}", Why.ENCRYPTED)
        return
    held = message.get_payload()
    if isinstance(held, list):
        for part in held:
            if not isinstance(part, Message):
                continue
            if media == "message/rfc822":
                count[0] += 1
                inside = f"{item.path}/attachment[{count[0]}]"
                opening.enter(
                    Item(path=inside, name="mail.eml", data=part.as_bytes(), depth=item.depth + 1, media=media)
                )
            else:
                _leaves(opening, item, part, count)
        for said in (message.preamble, message.epilogue):
            opening.say(f"{item.path}#between", said or "", How.METADATA)
        return
    _leaf(opening, item, message, count)


def _leaf(opening: Opening, item: Item, message: Message, count: list[int]) -> None:
    data = message.get_payload(decode=True)
    name = _words_of(message.get_filename() or "")
    if not isinstance(data, bytes):
        opening.miss(f"{item.path}/{message.get_content_type()}", Why.BROKEN)
        return
    if message.get_content_type() == "text/plain" and not name:
        charset = message.get_content_charset() or ""
        opening.say(f"{item.path}#text", decoded(opening.spend(data), charset))
        return
    if message.get_content_type() == "text/html" and not name:
        charset = message.get_content_charset() or ""
        opening.enter(
            Item(
                path=f"{item.path}#html",
                name="",
                data=decoded(opening.spend(data), charset).encode("utf-8", "replace"),
                depth=item.depth + 1,
                media="text/html",
            )
        )
        return
    count[0] += 1
    path = f"{item.path}/attachment[{count[0]}]" + (f" {_plain(name)}" if name else "")
    opening.say(f"{path}#name", name, How.METADATA)
    opening.enter(
        Item(path=path, name=name, data=opening.spend(data), depth=item.depth + 1, media=message.get_content_type())
    )


def _plain(name: str) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in name)[:200]
