// What the console does beyond links and forms: it follows what happens, answers without reloading, and has keys.
"use strict";

const REFRESH_MS = 30000;
const main = document.getElementById("main");
const wire = document.getElementById("wire");
let source = null;
let loading = null;

// A form keeps the id of its command until it was sent: sent twice, it counts once. Its seal is always the newest.
function keepIds(page, sent) {
  const copy = (from, to, name) => {
    const [source, target] = [from, to].map((form) => form.querySelector(`[name=${name}]`));
    target.setAttribute("value", source.getAttribute("value"));
  };
  for (const next of page.querySelectorAll("form[data-order]")) {
    const mine = document.querySelector(`form[data-order="${next.dataset.order}"]`);
    if (!mine) continue;
    copy(next, mine, "csrf");
    if (next.dataset.order === sent) copy(next, mine, "command_id");
    else copy(mine, next, "command_id");
  }
}

// Takes over those parts of a page of ours that may change, each by its id. The server has escaped every word in it.
function take(text, sent) {
  const page = new DOMParser().parseFromString(text, "text/html");
  keepIds(page, sent);
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = page.getElementById(part.id);
    if (!next || next.innerHTML === part.innerHTML) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    if (focused && focused.matches("input, select, textarea")) continue;
    const link = focused && focused.getAttribute("href");
    const known = new Set([...part.querySelectorAll("[data-key]")].map((item) => item.dataset.key));
    const open = new Set([...part.querySelectorAll("details[open][id]")].map((item) => item.id));
    part.innerHTML = next.innerHTML;
    for (const item of part.querySelectorAll("details[id]")) if (open.has(item.id)) item.open = true;
    for (const item of part.querySelectorAll("[data-key]")) if (!known.has(item.dataset.key)) item.classList.add("arrived");
    if (link) {
      const again = [...part.querySelectorAll("a")].find((item) => item.getAttribute("href") === link);
      if (again) again.focus();
    }
  }
  const title = page.querySelector("title");
  if (title) document.title = title.textContent;
  document.dispatchEvent(new Event("tocsin:changed"));
}

async function refresh() {
  if (loading) {
    loading.again = true;
    return;
  }
  loading = { again: false };
  try {
    const reply = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "manual" });
    if (reply.ok) take(await reply.text());
  } catch {
    lost(true);
  }
  const again = loading.again;
  loading = null;
  if (again) refresh();
}

function lost(yes) {
  wire.classList.toggle("lost", yes);
  wire.textContent = yes ? wire.dataset.stale : wire.dataset.fine;
}

// A hidden page lets go of its connection: a browser has few for one site.
function follow() {
  if (!wire || document.hidden) {
    if (source) source.close();
    source = null;
    return;
  }
  if (source) return;
  source = new EventSource("/events");
  source.onopen = () => {
    lost(false);
    refresh();
  };
  source.onerror = () => lost(true);
  source.addEventListener("changed", (event) => {
    const told = JSON.parse(event.data);
    const mine = main.dataset.incident;
    if (!mine || told.ids.includes(mine) || !told.fresh) refresh();
  });
}

// Forms of responders: sent in the background, so that a page that is being read does not jump.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-order]")) return;
  event.preventDefault();
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  try {
    const reply = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "text/html" } });
    const text = await reply.text();
    form.reset();
    if (form.contains(document.activeElement)) document.activeElement.blur();
    take(text, form.dataset.order);
    const message = document.getElementById("message");
    if (message && message.firstElementChild) message.scrollIntoView({ block: "nearest" });
  } catch {
    lost(true);
  }
  for (const button of buttons) button.disabled = false;
});

function step(by) {
  const items = [...document.querySelectorAll("[data-step]")];
  if (!items.length) return;
  const at = items.indexOf(document.activeElement);
  items[Math.min(Math.max(at + by, 0), items.length - 1)].focus();
}

function order(name) {
  const form = document.querySelector(`form[data-order="${name}"]`);
  if (!form) return;
  const fold = form.closest("details");
  if (fold) fold.open = true;
  (form.querySelector("select, input:not([type=hidden])") || form.querySelector("button")).focus();
}

const help = document.getElementById("help");
const KEYS = {
  j: () => step(1), k: () => step(-1), i: () => location.assign("/incidents"), b: () => location.assign("/brands"),
  h: () => location.assign("/health"), "/": () => location.assign("/posts#words"), a: () => order("ack"),
  s: () => order("silence"), r: () => order("resolve"), n: () => order("note"), "?": () => help && help.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  if (document.querySelector("dialog[open]")) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

for (const button of document.querySelectorAll("[data-help]")) button.addEventListener("click", () => help.showModal());
if (location.hash === "#words") document.getElementById("words")?.focus();
if (wire) {
  document.addEventListener("visibilitychange", follow);
  setInterval(() => document.hidden || refresh(), REFRESH_MS);
  follow();
}
