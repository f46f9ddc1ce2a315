// The chat page. The conversation lives here and in this browser's storage; the server keeps none of it.
// Everything that a person or a model wrote is set as text, never as markup.
const csrf = document.querySelector('meta[name="csrf"]').content;
const $ = (id) => document.getElementById(id);
const told = $("words").content;
const word = Object.fromEntries([...told.querySelectorAll("[data-word]")].map((w) => [w.dataset.word, w.textContent]));
const places = Object.fromEntries([...told.querySelectorAll("[data-destination]")].map((d) => [d.dataset.destination, { model: d.textContent, place: d.dataset.place }]));
const ids = Object.keys(places).sort((a, b) => b.length - a.length);
/** Say destinations by their names. */
const named = (text) => ids.reduce((said, id) => said.replaceAll(id, `${places[id].model} (${places[id].place})`), text);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const make = (tag, name, text) => { const one = document.createElement(tag); if (name) one.className = name; if (text !== undefined) one.textContent = text; return one; };
const STORE = "ecluse.chat", MOST = 50;
/** Said beforehand too: a destination that cannot stream is not where the message goes. */
const STREAMED = { stream: true };

let kept = [], current = fresh(), running;
try { kept = JSON.parse(localStorage.getItem(STORE)) ?? []; } catch { kept = []; }
function fresh() { return { id: crypto.randomUUID(), application: $("application").value, messages: [] }; }
function keep() {
  kept = [current, ...kept.filter((one) => one.id !== current.id)].filter((one) => one.messages.length).slice(0, MOST);
  try { localStorage.setItem(STORE, JSON.stringify(kept)); } catch { /* full or forbidden: the page goes on without */ }
  list();
}
function list() {
  $("history").replaceChildren(...kept.map((one) => {
    const button = make("button", "", one.messages[0].text.slice(0, 60));
    button.type = "button";
    if (one.id === current.id) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => { current = one; $("application").value = one.application; draw(); list(); });
    const line = make("li"); line.append(button); return line;
  }));
}
function draw() {
  $("transcript").replaceChildren(...(current.messages.length ? current.messages.map(shown) : [make("p", "hush", word.empty)]));
  $("transcript").scrollTop = $("transcript").scrollHeight;
}

function shown(message) {
  const box = make("article", `turn ${message.role} ${message.refusal ? "refusal" : ""}`);
  box.append(make("h2", "unseen", message.role === "user" ? word.you : word.answer));
  if (message.refusal) { box.append(...refusal(message)); return box; }
  box.append(make("p", "words", message.text));
  if (message.role === "assistant") box.append(foot(message));
  return box;
}
function foot(message) {
  const line = make("p", "foot");
  line.append(make("span", "", word.generated));
  const place = places[message.destination];
  if (place) line.append(make("span", "", fill(word.by, place)));
  if (message.way) line.append(make("span", `way ${message.way}`, word[message.way]));
  if (message.entry) { const link = make("a", "", word.see); link.href = `/decisions/${encodeURIComponent(message.entry)}`; line.append(link); }
  if (message.note) line.append(make("span", "bad", message.note));
  return line;
}
function refusal(message) {
  const parts = [make("p", "verdict", word.not_sent), make("h3", "", word.because)];
  for (const reason of message.refusal.reasons) {
    const box = make("div", "reason refused");
    box.append(make("p", "", reason.reason));
    const from = make("p", "from"); from.append(make("span", "tag", word[`basis-${reason.basis}`] ?? reason.basis), ` ${reason.source}`);
    box.append(from); parts.push(box);
  }
  if (message.refusal.help.length) {
    const hints = make("ul"); hints.append(...message.refusal.help.map((one) => make("li", "", named(one))));
    parts.push(make("h3", "", word.do), hints);
  }
  const line = make("p", "foot"), button = make("button", "button plain", word.contest), answer = make("p", "note", "");
  button.type = "button"; answer.hidden = true; answer.setAttribute("role", "status");
  const field = make("label", "field", word.reason), reason = make("input");
  reason.maxLength = 500; field.append(reason);
  button.addEventListener("click", async () => {
    button.disabled = true;
    answer.replaceChildren(...await contest(message, reason.value.trim())); answer.hidden = false;
    answer.scrollIntoView({ block: "nearest" });
  });
  line.append(button);
  if (message.entry) { const link = make("a", "", word.see); link.href = `/decisions/${encodeURIComponent(message.entry)}`; line.append(link); }
  return [...parts, field, line, answer];
}
/** One button: the same request goes to the gateway again with a reason, and another person decides. */
async function contest(message, reason) {
  const entry = message.entry;
  let told = { matter: null, sentence: word.not_lodged };
  try {
    const request = { model: "auto", messages: message.refusal.messages };
    const answer = await ask("/chat/contest", null, { entry, reason: reason || word.reason_none, request }, undefined, message.refusal.application);
    if (answer.ok) told = await answer.json();
  } catch (error) { if (!(error instanceof TypeError)) throw error; }
  if (!told.matter) return [`${told.sentence} `, ...whom(entry)];
  if (!$("words").dataset.follows) return [told.sentence];
  const link = make("a", "", word.follow);
  link.href = `/exceptions#m-${encodeURIComponent(told.matter)}`;
  return [`${told.sentence} `, link];
}
function whom(entry) {
  const contact = $("words").dataset.contact, text = `${fill(word.contested, { reference: entry ?? "–" })} `;
  if (!contact) return [text, word.contest_dpo];
  const link = make("a", "", fill(word.contest_to, { contact }));
  link.href = `mailto:${contact}?subject=${encodeURIComponent(`Ecluse ${entry ?? ""}`)}`;
  return [text, link];
}

// ------------------------------------------------------------ asking
const sent = () => current.messages.filter((one) => !one.refusal && !one.failed && !one.refused).map((one) => ({ role: one.role, content: one.text }));
const ask = (path, messages, more = {}, signal = undefined, application = $("application").value) => fetch(`${path}?application=${encodeURIComponent(application)}`, {
  method: "POST", signal, body: JSON.stringify(messages ? { model: "auto", messages, ...more } : more),
  headers: { "content-type": "application/json", "x-csrf-token": csrf, "accept-language": document.documentElement.lang, "x-ecluse-conversation": current.id },
});

let timer, looking;
function look() {
  clearTimeout(timer);
  looking?.abort();
  const text = $("message").value.trim();
  if (!text) { $("look").replaceChildren(); $("look").className = "look"; return; }
  timer = setTimeout(async () => {
    looking = new AbortController();
    try {
      const answer = await ask("/chat/look", [...sent(), { role: "user", content: text }], STREAMED, looking.signal);
      if (answer.status === 401) return location.reload();
      const found = await answer.json();
      $("look").className = `look ${found.tone}`;
      const unfolded = $("look").querySelector("details")?.open ?? false;
      $("look").replaceChildren(make("p", "", found.sentence), ...found.hints.map((one) => make("p", "small", named(one))), ...others(found, unfolded));
    } catch (error) { if (error.name !== "AbortError") throw error; }
  }, 350);
}

/** The other destinations that stay open, folded; what was unfolded stays so while one types. */
function others(found, unfolded) {
  if (!found.open.length) return [];
  const fold = make("details", "small"), names = make("ul");
  fold.open = unfolded;
  names.append(...found.open.map((one) => make("li", "", one)));
  fold.append(make("summary", "", found.more), names);
  return [fold];
}

async function* events(body) {
  let rest = "";
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) if (line.startsWith("data: ") && line !== "data: [DONE]") yield JSON.parse(line.slice(6));
    else if (line === "data: [DONE]") return;
  }
}

async function send(text) {
  const question = { role: "user", text };
  const messages = [...sent(), { role: "user", content: text }];
  current.application = $("application").value;
  current.messages.push(question);
  draw(); keep();
  running = new AbortController();
  busy(true);
  const message = { role: "assistant", text: "" };
  try {
    const answer = await ask("/chat/completions", messages, STREAMED, running.signal);
    if (answer.status === 401) return location.reload();
    message.entry = answer.headers.get("x-ecluse-entry");
    if (!answer.ok) await failed(answer, question, message, messages);
    else {
      message.destination = answer.headers.get("x-ecluse-destination");
      message.way = answer.headers.get("x-ecluse-verdict") === "permit_masked" ? "masked" : "as_is";
      current.messages.push(message); draw();
      const words = $("transcript").lastElementChild.querySelector(".words");
      for await (const event of events(answer.body)) {
        if (event.error) { message.note = word.cut; break; }
        message.text += event.choices?.[0]?.delta?.content ?? "";
        words.textContent = message.text;
        $("transcript").scrollTop = $("transcript").scrollHeight;
      }
    }
  } catch (error) {
    message.note = word.cut;
    if (!current.messages.includes(message)) current.messages.push({ ...message, failed: true });
    if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
  } finally { busy(false); draw(); keep(); }
}
async function failed(answer, question, message, messages) {
  const error = (await answer.json()).error ?? {};
  if (error.code === "policy_denied") {
    question.refused = true;
    current.messages.push({ ...message, refusal: { reasons: error.reasons ?? [], help: error.would_help ?? [], messages, application: current.application } });
  } else {
    question.refused = true;
    current.messages.push({ ...message, failed: true, text: fill(word.failed, { why: error.message ?? answer.status }) });
  }
}
function busy(on) { $("send").disabled = on; $("stop").hidden = !on; $("transcript").setAttribute("aria-busy", String(on)); }

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("message").value.trim();
  if (!text || $("send").disabled) return;
  $("message").value = ""; $("file-told").replaceChildren(); look(); send(text);
});
/** A file's text is read by the gateway and put in the message, where the person sees it before it is sent. */
$("file").addEventListener("change", async () => {
  const file = $("file").files[0];
  if (!file) return;
  let told = { text: "", sentences: [word.file_large] };
  if (file.size <= 1_400_000) {
    const data = await new Promise((done) => { const reader = new FileReader(); reader.addEventListener("load", () => done(reader.result.split(",")[1] ?? "")); reader.readAsDataURL(file); });
    const answer = await ask("/chat/file", null, { file: { filename: file.name, data }, with_text: true });
    told = answer.ok ? await answer.json() : { text: "", sentences: [word.file_failed] };
  }
  $("file").value = "";
  $("file-told").replaceChildren(...told.sentences.map((one) => make("p", "", one)));
  if (!told.text) return;
  $("message").value = `${$("message").value.trimEnd()}\n\n${file.name}\n${told.text}`.trimStart();
  look(); $("message").focus();
});
$("message").addEventListener("input", look);
$("message").addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("ask").requestSubmit(); });
$("application").addEventListener("change", () => { if (current.messages.length) { current = fresh(); draw(); list(); } look(); });
$("stop").addEventListener("click", () => running?.abort());
$("new").addEventListener("click", () => { current = fresh(); draw(); list(); $("message").focus(); });
$("forget").addEventListener("click", () => { kept = []; current = fresh(); localStorage.removeItem(STORE); draw(); list(); });
list();
