// What every page shares: forms that answer as they change, buttons that copy, a menu that closes.
// Every form works without this file: it only saves a click.
const csrf = document.querySelector('meta[name="csrf"]').content;

/** Ask for a page with a form's values and put one part of the answer in place. */
async function refresh(form, signal) {
  const part = document.getElementById(form.dataset.live);
  part.setAttribute("aria-busy", "true");
  const answer = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { "x-csrf-token": csrf },
    signal,
  });
  if (answer.redirected || answer.status === 401) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(form.dataset.live);
  if (!fresh) return;
  nameCells(fresh);
  part.replaceWith(document.importNode(fresh, true));
}

for (const form of document.querySelectorAll("form[data-live]")) {
  let timer, running;
  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      running?.abort();
      running = new AbortController();
      try { await refresh(form, running.signal); } catch (error) { if (error.name !== "AbortError") throw error; }
    }, wait);
  };
  form.addEventListener("input", (event) => later(event.target.tagName === "TEXTAREA" ? 450 : 120));
  form.addEventListener("submit", (event) => { event.preventDefault(); later(0); });
}

for (const select of document.querySelectorAll("form[data-auto] select"))
  select.addEventListener("change", () => select.form.requestSubmit());

/** Say in each cell which column it is of: on a phone a row is shown as a card, without its head. */
function nameCells(part) {
  for (const table of part.querySelectorAll("table.rows:not(.spans)")) {
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((cell) => cell.textContent.trim());
    for (const body of table.tBodies)
      for (const row of body.rows) [...row.cells].forEach((cell, n) => { if (heads[n]) cell.dataset.column = heads[n]; });
    if (heads.length) table.classList.add("cards");
  }
}
nameCells(document);

const words = { fr: ["Copier", "Copié"], en: ["Copy", "Copied"] }[document.documentElement.lang];
for (const box of document.querySelectorAll(".copy")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button plain";
  button.textContent = words[0];
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(box.querySelector("pre").textContent);
    button.textContent = words[1];
    setTimeout(() => { button.textContent = words[0]; }, 1600);
  });
  box.append(button);
}

// Follow live: the same page, asked for again, while the box is ticked.
for (const box of document.querySelectorAll("[data-poll]")) {
  box.hidden = false;
  let timer;
  box.querySelector("input").addEventListener("change", (event) => {
    clearInterval(timer);
    if (!event.target.checked) return;
    timer = setInterval(async () => {
      if (document.hidden) return;
      const answer = await fetch(location.href);
      if (answer.redirected) return location.reload();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(box.dataset.poll);
      if (!fresh) return;
      nameCells(fresh);
      document.getElementById(box.dataset.poll).replaceWith(document.importNode(fresh, true));
    }, 2500);
  });
}

// What is still being made is asked for again; without this file, loading the page again does the same.
// Whoever is filling something in is not interrupted.
function again() {
  if (document.activeElement?.matches("input, select, textarea")) setTimeout(again, 1200);
  else location.reload();
}
if (document.querySelector("[data-again]")) setTimeout(again, 1200);
