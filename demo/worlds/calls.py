"""What is put on the wire for one call of a world: the body that an SDK would send, in the caller's dialect.

Law: the text is filled from the world's own templates; a scanned page is an image that nothing here can read.
"""

import base64
import random
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import msgspec

from demo.worlds.play import Traffic
from demo.worlds.slots import filled
from ecluse.domain.request import Surface

SIDE = 16
"""Pixels of a scanned page: enough to be an image."""
MOST_TOKENS = 900


def body(traffic: Traffic, chance: random.Random, words: Mapping[str, Any]) -> tuple[str, Surface, bytes]:
    """Write a call: the inbound dialect's name, its surface and the body."""
    text = filled(chance.choice(traffic.texts), chance, words)
    match traffic.shape:
        case "agent":
            return "anthropic_messages", Surface.CHAT, msgspec.json.encode(_agent(traffic, text))
        case "scan":
            page = base64.b64encode(_page(chance)).decode()
            url = {"url": f"data:image/png;base64,{page}"}
            content: Any = [{"type": "text", "text": text}, {"type": "image_url", "image_url": url}]
        case _:
            content = text
    messages = [{"role": "system", "content": traffic.system}] if traffic.system else []
    messages.append({"role": "user", "content": content})
    asked = {"model": traffic.model, "messages": messages, "max_tokens": MOST_TOKENS, "stream": traffic.streamed}
    return "openai_chat", Surface.CHAT, msgspec.json.encode(asked)


def _agent(traffic: Traffic, text: str) -> dict[str, object]:
    """Write the turn in which a coding agent hands over the file that it has just read."""
    use, read = "toolu_01", "Read"
    schema = {"type": "object", "properties": {"file_path": {"type": "string"}}, "required": ["file_path"]}
    return {
        "model": traffic.model,
        "max_tokens": MOST_TOKENS,
        "system": traffic.system or "Tu es un agent de développement.",
        "tools": [{"name": read, "description": "Lit un fichier du dépôt.", "input_schema": schema}],
        "messages": [
            {"role": "user", "content": "Regarde la configuration et explique pourquoi le démarrage échoue."},
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": use, "name": read, "input": {"file_path": ".env"}}],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": use, "content": text}]},
        ],
    }


def _page(chance: random.Random) -> bytes:
    """Draw a small grey image in PNG, as of a scanner."""
    rows = b"".join(b"\x00" + chance.randbytes(SIDE) for _ in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    pieces = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_piece(name, data) for name, data in pieces)


def _piece(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
