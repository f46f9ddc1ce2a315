#!/usr/bin/env python3
"""Verifies a receipt or an export of an Ecluse trail with Python's standard library alone, to be read in one sitting.

    python3 verify_trail.py KEY FILE [OLD_CHECKPOINT]

KEY is the log's public key (name+id+base64), FILE a receipt (`.tlog-proof`) or an export in JSON lines. It shares no
code with Ecluse. Formats: c2sp.org/signed-note, tlog-checkpoint, tlog-proof; RFC 6962 (tree), RFC 8032 (Ed25519).
"""

import base64
import json
import sys
from hashlib import sha256, sha512

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


class Wrong(Exception):
    """It does not hold."""


def check(good, why):
    if not good:
        raise Wrong(why)


def on_curve(data):  # RFC 8032, 5.1.3
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    check(y < P, "not a point of the curve")
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    check((x * x - square) % P == 0 and (x or not sign), "not a point of the curve")
    return (P - x if x & 1 != sign else x), y


def add(p, q):
    (a, b), (c, d) = p, q
    t = D * a * b * c * d % P
    return (a * d + b * c) * pow(1 + t, -1, P) % P, (b * d + a * c) * pow(1 - t, -1, P) % P


def times(n, p):
    total = (0, 1)
    while n:
        total, p, n = (add(total, p) if n & 1 else total), add(p, p), n >> 1
    return total


def check_signature(public, message, signature):  # RFC 8032, 5.1.7
    check(len(signature) == 64, "a signature has 64 bytes")
    s = int.from_bytes(signature[32:], "little")
    check(s < L, "the signature is not in its one form")
    h = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % L
    base = on_curve((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    check(times(s, base) == add(on_curve(signature[:32]), times(h, on_curve(public))), "the signature does not verify")


def unbase64(text):
    raw = base64.b64decode(text, validate=True)
    check(base64.b64encode(raw).decode() == text, "not base64 in its one spelling")
    return raw


def open_checkpoint(note, vkey):
    """Return size and root of a checkpoint that the key signed."""
    name, key_id, key = vkey.strip().split("+", 2)
    public = unbase64(key)
    check(len(public) == 33 and public[0] == 1, "not an Ed25519 key")
    check(sha256(name.encode() + b"\n" + public).digest()[:4].hex() == key_id, "the key's id is not its own")
    text, _, block = note.rpartition("\n\n")
    check(block.endswith("\n") and all(line.startswith("\u2014 ") for line in block[:-1].split("\n")), "not a signed note")
    lines = [line.split(" ") for line in block[:-1].split("\n")]
    raw = [unbase64(line[2]) for line in lines if len(line) == 3 and line[1] == name]
    ours = [signature[4:] for signature in raw if signature[:4].hex() == key_id]
    check(ours, "not signed by this key")
    for signature in ours:
        check_signature(public[1:], f"{text}\n".encode(), signature)
    origin, size, root = text.split("\n")
    check(origin == name and str(int(size)) == size and len(unbase64(root)) == 32, "not a checkpoint of this log")
    return int(size), unbase64(root)


def leaf(entry):
    return sha256(b"\x00" + entry).digest()


def node(left, right):
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes):  # RFC 6962, 2.1
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    middle = 1 << (len(hashes) - 1).bit_length() - 1
    return node(root_of(hashes[:middle]), root_of(hashes[middle:]))


def climb(hashed, index, size, path):  # RFC 9162, 2.1.3.2
    last = size - 1
    for step in path:
        check(last, "the path is too long")
        if index & 1 or index == last:
            hashed = node(step, hashed)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            hashed = node(hashed, step)
        index, last = index >> 1, last >> 1
    check(last == 0, "the path is too short")
    return hashed


def verify_receipt(text, vkey):
    head, _, note = text.partition("\n\n")
    first, extra, index, *path = head.split("\n")
    check(first == "c2sp.org/tlog-proof@v1" and extra[:6] == "extra " and index[:6] == "index ", "not a receipt")
    entry, number = unbase64(extra[6:]), int(index[6:])
    size, root = open_checkpoint(note, vkey)
    check(str(number) == index[6:] and 0 <= number < size, "the index is not in the log")
    check(climb(leaf(entry), number, size, [unbase64(step) for step in path]) == root, "the path leads elsewhere")
    return f"The receipt holds: entry {number} of {size}.\n{entry.decode()}"


def verify_export(text, vkey, old):
    *lines, last = text.removesuffix("\n").split("\n")
    size, root = open_checkpoint(json.loads(last)["checkpoint"], vkey)
    hashes = []
    for index, line in enumerate(lines):
        begin = f'{{"index":{index},"entry":'
        check(line.startswith(begin) and line.endswith("}"), f"line {index + 1} is not entry {index}: one is missing")
        hashes.append(leaf(line[len(begin) : -1].encode()))
    check(len(hashes) == size, f"{len(hashes)} entries, but {size} were signed")
    check(root_of(hashes) == root, "the entries are not those that were signed")
    if old:
        before, root = open_checkpoint(old, vkey)
        check(before <= size and root_of(hashes[:before]) == root, "history before the older checkpoint was rewritten")
    return f"The trail holds: {size} entries."


def main(vkey, name, old=None):
    def read(path):
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()

    try:
        text, older = read(name), read(old) if old else None
        receipt = text.startswith("c2sp.org/")
        print(verify_receipt(text, vkey) if receipt else verify_export(text, vkey, older))
    except (Wrong, ValueError, KeyError, TypeError, IndexError) as error:
        sys.exit(f"It does NOT hold: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:]) if 3 <= len(sys.argv) <= 4 else sys.exit(__doc__)
