"""Verifies a receipt or an export of an Ecluse trail with Python's standard library alone, to be read in one sitting.

python3 verify_trail.py KEY FILE [OLD_CHECKPOINT]: KEY is the log's public key (name+id+base64), FILE a receipt
(`.tlog-proof`) or an export in JSON lines. It shares no code with Ecluse, and checks no line of a witness."""
import base64, hashlib, json, sys

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # Ed25519: its field, the order of its base point
D = -121665 * pow(121666, -1, P) % P  # its curve is -x² + y² = 1 + D x² y²

def check(good, why):
    if not good:
        raise ValueError(why)

def add(p, q):  # the sum of two points of the curve
    (a, b), (c, d), t = p, q, D * p[0] * p[1] * q[0] * q[1]
    return (a * d + b * c) * pow(1 + t, -1, P) % P, (b * d + a * c) * pow(1 - t, -1, P) % P

def times(n, p):  # a point n times, by doubling
    return add(times(n >> 1, add(p, p)), p if n & 1 else (0, 1)) if n else (0, 1)

def on_curve(data):  # RFC 8032, 5.1.3: 255 bits of y, then the sign of x
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    x = root if (root * root - square) % P == 0 else root * pow(2, (P - 1) // 4, P) % P
    check(y < P and (x * x - square) % P == 0 and (x or not sign), "not a point of the curve")
    return (P - x if x & 1 != sign else x), y

def check_signature(public, message, signature):  # RFC 8032, 5.1.7: s times the base is R and h times the key
    s, digest = int.from_bytes(signature[32:], "little"), hashlib.sha512(signature[:32] + public + message).digest()
    check(len(signature) == 64 and s < L, "the signature is not 64 bytes in their one form")
    base, h = on_curve((4 * pow(5, -1, P) % P).to_bytes(32, "little")), int.from_bytes(digest, "little") % L
    check(times(s, base) == add(on_curve(signature[:32]), times(h, on_curve(public))), "the signature does not verify")

def unbase64(text):  # in its one spelling, so that no byte of a file can be changed unseen
    raw = base64.b64decode(text, validate=True)
    check(base64.b64encode(raw).decode() == text, "not base64 in its one spelling")
    return raw

def open_checkpoint(note, vkey):  # c2sp.org/signed-note, tlog-checkpoint: how many entries the key signed, their root
    (name, key_id, key), (text, _, block) = vkey.strip().split("+", 2), note.rpartition("\n\n")
    public, lines = unbase64(key), [line.split(" ") for line in block.removesuffix("\n").split("\n")]
    own_id = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4].hex()
    check(len(public) == 33 and public[0] == 1 and own_id == key_id, "not an Ed25519 key, or under another's id")
    check(block.endswith("\n") and all(line[0] == "\u2014" for line in lines), "not a signed note")
    signed = [unbase64(line[2]) for line in lines if len(line) == 3 and line[1] == name]  # others' lines: witnesses
    ours = [raw for raw in signed if raw[:4].hex() == key_id]
    check(ours, "not signed by this key")
    for raw in ours:
        check_signature(public[1:], f"{text}\n".encode(), raw[4:])
    origin, size, root = text.split("\n")
    check(origin == name and str(int(size)) == size and len(unbase64(root)) == 32, "not a checkpoint of this log")
    return int(size), unbase64(root)

def node(*parts):  # the hash of 0 and an entry, or of 1 and the two hashes below
    return hashlib.sha256((b"\x00" if len(parts) == 1 else b"\x01") + b"".join(parts)).digest()

def root_of(hashes):  # RFC 6962, 2.1: to the left the largest power of two that leaves something to the right
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    middle = 1 << (len(hashes) - 1).bit_length() - 1
    return node(root_of(hashes[:middle]), root_of(hashes[middle:]))

def climb(leaf, index, size, path):  # RFC 6962, 2.1.1: the same tree, where the path has what lies beside it
    check((size == 1) == (not path) and 0 <= index < size, "the path is of another length, or not in the log")
    if size == 1:
        return leaf
    middle, below, beside = 1 << (size - 1).bit_length() - 1, path[:-1], path[-1]
    if index < middle:
        return node(climb(leaf, index, middle, below), beside)
    return node(beside, climb(leaf, index - middle, size - middle, below))

def verify_receipt(text, vkey):  # c2sp.org/tlog-proof: one entry, in its place in the tree that was signed
    first, extra, index, *path = text.partition("\n\n")[0].split("\n")
    check((first, extra[:6], index) == ("c2sp.org/tlog-proof@v1", "extra ", f"index {int(index[6:])}"), "not a receipt")
    (size, root), entry, number = open_checkpoint(text.partition("\n\n")[2], vkey), unbase64(extra[6:]), int(index[6:])
    check(climb(node(entry), number, size, list(map(unbase64, path))) == root, "the path leads elsewhere")
    return f"The receipt holds: entry {number} of {size}.\n{entry.decode()}"

def verify_export(text, vkey, old=None):  # all entries are those that were signed, and so were those before `old`
    *lines, last = text.removesuffix("\n").split("\n")
    check(last.startswith('{"checkpoint":'), "its last line is no signed checkpoint: the end of the export is missing")
    (size, root), hashes = open_checkpoint(json.loads(last)["checkpoint"], vkey), []
    for index, line in enumerate(lines):
        begin = f'{{"index":{index},"entry":'
        check(line.startswith(begin) and line.endswith("}"), f"line {index + 1} is not entry {index}: one is missing")
        hashes.append(node(line[len(begin) : -1].encode()))
    check(len(hashes) == size and root_of(hashes) == root, "the entries are not those that were signed")
    before, earlier = open_checkpoint(old, vkey) if old else (size, root)
    check(before <= size and root_of(hashes[:before]) == earlier, "history before the older checkpoint was rewritten")
    return f"The trail holds: {size} entries."

if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    try:
        key, text, *old = [sys.argv[1], *(open(name, encoding="utf-8", newline="").read() for name in sys.argv[2:])]
        print(verify_receipt(text, key) if text.startswith("c2sp.org/") else verify_export(text, key, *old))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        sys.exit(f"It does NOT hold: {error}")
