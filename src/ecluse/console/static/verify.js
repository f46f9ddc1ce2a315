// Verifies a proof of passage with nothing but WebCrypto: RFC 9162 (2.1.3.2) and a C2SP signed note with Ed25519.
// The page's server is not asked whether the proof holds: everything is computed here, from the entry's bytes.
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const hex = (data) => [...data].map((b) => b.toString(16).padStart(2, "0")).join("");
const same = (a, b) => a.length === b.length && a.every((value, i) => value === b[i]);
const joined = (...parts) => {
  const whole = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
};
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
const LEAF = Uint8Array.of(0), NODE = Uint8Array.of(1), ED25519 = 1;

/** Climb from a leaf to the root. Throws when the path is too short or too long. Sizes stay below 2^53. */
export async function root(leaf, index, size, path) {
  if (!(index >= 0 && index < size)) throw new Error("index");
  let position = index, last = size - 1, top = leaf;
  const half = (n) => Math.floor(n / 2);
  for (const step of path) {
    if (last === 0) throw new Error("too long");
    if (position % 2 === 1 || position === last) {
      top = await sha256(NODE, step, top);
      while (position % 2 === 0 && position !== 0) { position = half(position); last = half(last); }
    } else {
      top = await sha256(NODE, top, step);
    }
    position = half(position); last = half(last);
  }
  if (last !== 0) throw new Error("too short");
  return top;
}

/** Read a signed head that `vkey` signed: its size and root. Throws for anything else. */
export async function head(note, vkey) {
  const cut = vkey.indexOf("+"), next = vkey.indexOf("+", cut + 1);
  const name = vkey.slice(0, cut), key = bytes(vkey.slice(next + 1));
  if (key[0] !== ED25519 || key.length !== 33) throw new Error("key");
  const id = (await sha256(new TextEncoder().encode(`${name}\n`), key)).slice(0, 4);
  if (hex(id) !== vkey.slice(cut + 1, next)) throw new Error("key id");
  const end = note.lastIndexOf("\n\n");
  const text = note.slice(0, end + 1);
  const lines = text.split("\n");
  if (lines.length !== 4 || lines[0] !== name || !/^(0|[1-9][0-9]*)$/.test(lines[1])) throw new Error("note");
  const signatures = note.slice(end + 2).split("\n").filter((line) => line.startsWith(`\u2014 ${name} `))
    .map((line) => bytes(line.split(" ")[2])).filter((raw) => same(raw.slice(0, 4), id));
  if (!signatures.length) throw new Error("no signature");
  const known = await crypto.subtle.importKey("raw", key.slice(1), "Ed25519", false, ["verify"]);
  for (const raw of signatures)
    if (!(await crypto.subtle.verify("Ed25519", known, raw.slice(4), new TextEncoder().encode(text)))) throw new Error("signature");
  return { name, size: Number(lines[1]), root: bytes(lines[2]) };
}

/** Say whether this browser has Ed25519. */
async function able() {
  try { await crypto.subtle.importKey("raw", new Uint8Array(32), "Ed25519", false, ["verify"]); return true; }
  catch (error) { return error.name !== "NotSupportedError"; }
}

const button = document.getElementById("verify");
const list = document.getElementById("checks");
const said = Object.fromEntries([...document.getElementById("step-words").content.children].map((w) => [w.dataset.word, w.textContent]));
const number = new Intl.NumberFormat(document.documentElement.lang);

function tell(tone, word, values = {}) {
  const line = document.createElement("li");
  line.className = tone;
  line.textContent = said[word].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  list.append(line);
  return tone;
}

async function check(proof) {
  const tones = [];
  let top;
  try { top = await head(proof.note, proof.vkey); tones.push(tell("good", "signature", { name: top.name })); }
  catch { tones.push(tell("bad", "signature", { name: proof.vkey.split("+")[0] })); }
  for (const one of proof.entries) {
    const index = number.format(one.index), data = bytes(one.entry);
    const leaf = await sha256(LEAF, data);
    tones.push(tell(hex(leaf) === one.leaf ? "good" : "bad", "leaf", { index, kind: said[one.kind], bytes: number.format(data.length) }));
    if (!one.size) { tones.push(tell("wait", "waiting", { index })); continue; }
    let holds = false;
    try { holds = top && one.size === top.size && same(await root(leaf, one.index, one.size, one.path.map(bytes)), top.root); } catch { /* does not hold */ }
    tones.push(tell(holds ? "good" : "bad", "path", { index, steps: one.path.length, size: number.format(one.size) }));
  }
  const worst = tones.includes("bad") ? "broken" : tones.includes("wait") ? "partly" : "holds";
  tell(worst === "holds" ? "good whole" : worst === "broken" ? "bad whole" : "wait whole", worst);
}

button.hidden = false;
button.addEventListener("click", async () => {
  button.disabled = true;
  list.replaceChildren();
  if (await able()) await check(await (await fetch(button.dataset.proof)).json());
  else tell("wait whole", "unable");
  button.disabled = false;
});
