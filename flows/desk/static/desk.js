// The desk's pages: keys, forms as JSON, and passkeys. Nothing is fetched from anywhere else, nothing is evaluated.
"use strict";

const token = document.querySelector('meta[name="desk-token"]').content;
const texts = document.getElementById("texts").dataset;
const byId = (id) => document.getElementById(id);

// --- Requests -------------------------------------------------------------------------------------------------------

async function send(url, body, method = "POST", headers = { "Content-Type": "application/json" }) {
  const answer = await fetch(url, {
    method,
    body: body instanceof Blob ? body : JSON.stringify(body),
    headers: { ...headers, "X-Desk-Token": token },
    credentials: "same-origin",
    redirect: "error",
  });
  const told = await answer.json().catch(() => ({ problem: texts.failed }));
  if (answer.status === 401) return { go: "/signin" };
  return told;
}

function bodyOf(form) {
  const body = {};
  for (const [name, value] of new FormData(form)) {
    if (form.querySelector(`input[type="checkbox"][name="${name}"]`)) (body[name] ??= []).push(value);
    else if (value !== "") body[name] = value;
  }
  return body;
}

function open(where) {
  const target = new URL(where, location.href);
  if (target.pathname + target.search === location.pathname + location.search) location.reload();
  else location.assign(target);
}

function complain(sentence, form) {
  const place = form?.querySelector("[data-problem]") ?? byId("problem");
  if (place) {
    place.textContent = sentence;
    place.hidden = false;
    return;
  }
  const note = document.createElement("p");
  note.className = "note bad";
  note.textContent = sentence;
  byId("said").replaceChildren(note);
  byId("said").scrollIntoView({ block: "nearest" });
}

function follow(told, form) {
  if (told.go) open(told.go);
  else if (told.sign) askToSign(told.sign, form);
  else complain(told.problem ?? texts.failed, form);
}

async function once(form, work) {
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  try {
    await work();
  } catch {
    complain(texts.failed, form);
  } finally {
    delete form.dataset.busy;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const { post, sign, upload } = form.dataset;
  if (post === undefined && sign === undefined && upload === undefined) return;
  event.preventDefault();
  if (event.submitter?.dataset.needs && !form.querySelector(`[name="${event.submitter.dataset.needs}"]:checked`)) return;
  if (upload !== undefined) void once(form, () => sendFile(form));
  else void once(form, async () => follow(await send(post ?? "/sign/draft", bodyOf(form)), form));
});

async function sendFile(form) {
  const file = form.elements.namedItem("file").files[0];
  const button = form.querySelector("button");
  button.textContent = texts.sending;
  const headers = {
    "Content-Type": "application/octet-stream",
    "X-File-Name": encodeURIComponent(file.name),
    "X-Organisation": form.elements.namedItem("organisation").value,
  };
  follow(await send("/upload", file.slice(), "PUT", headers), form);
}

// --- Passkeys -------------------------------------------------------------------------------------------------------

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

async function assertion(options) {
  const allowCredentials = (options.allowCredentials ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
  const found = await navigator.credentials.get({
    publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials },
  });
  const { authenticatorData, clientDataJSON, signature, userHandle } = found.response;
  return {
    id: found.id,
    rawId: text(found.rawId),
    type: found.type,
    response: {
      authenticatorData: text(authenticatorData),
      clientDataJSON: text(clientDataJSON),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    },
  };
}

async function newPasskey(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: [],
    },
  });
  const { attestationObject, clientDataJSON } = made.response;
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    response: { attestationObject: text(attestationObject), clientDataJSON: text(clientDataJSON) },
  };
}

function askToSign(asked, form) {
  const dialog = byId("sign");
  byId("sign-title").textContent = asked.title;
  byId("sign-digest").textContent = asked.digest;
  byId("sign-problem").hidden = true;
  byId("sign-lines").replaceChildren(
    ...asked.lines.filter(Boolean).map((line) => {
      const item = document.createElement("li");
      item.dir = "auto";
      item.textContent = line;
      return item;
    }),
  );
  byId("sign-now").onclick = () => void once(dialog, () => signNow(asked, form));
  byId("sign-not").onclick = () => dialog.close();
  form?.closest("dialog")?.close();
  dialog.showModal();
  byId("sign-now").focus();
}

async function signNow(asked, form) {
  let answer;
  try {
    answer = await assertion(asked.options);
  } catch {
    byId("sign-problem").textContent = texts.cancelled;
    byId("sign-problem").hidden = false;
    return;
  }
  const told = await send("/sign", { draft: asked.draft, answer, back: form?.elements.namedItem("back")?.value ?? "" });
  if (told.go) open(told.go);
  else {
    byId("sign").close();
    complain(told.problem ?? texts.failed, null);
  }
}

byId("signin")?.addEventListener("click", (event) => {
  void once(event.target, async () => {
    const { options, problem } = await send("/signin/challenge", {});
    if (!options) return complain(problem);
    const answer = await assertion(options).catch(() => null);
    if (!answer) return complain(texts.nopasskey);
    return follow(await send("/signin", { answer }));
  });
});

byId("enrol")?.addEventListener("click", (event) => {
  void once(event.target, async () => {
    const secret = location.hash.slice(1);
    const { options, problem } = await send("/enrol/options", { token: secret });
    if (!options) return complain(problem);
    const answer = await newPasskey(options).catch(() => null);
    if (!answer) return complain(texts.cancelled);
    let told = await send("/enrol", { token: secret, answer });
    if (told.options) {
      const first = await assertion(told.options).catch(() => null);
      if (!first) return complain(texts.cancelled);
      told = await send("/enrol/first", { answer: first });
    }
    if (!told.done) return complain(told.problem ?? texts.failed);
    history.replaceState(null, "", location.pathname);
    byId("done").textContent = told.done;
    byId("done").hidden = false;
    byId("enrol").hidden = true;
    byId("onward").hidden = !told.signin;
    return undefined;
  });
});

// --- The page behind a letter's one-time link ------------------------------------------------------------------------

const linked = byId("linked");
if (linked) {
  const { language, link } = linked.dataset;
  const token = location.hash.slice(1);
  const read = async () => {
    const { asked, problem } = await send(`${link}/read`, { token, language });
    if (!asked) return complain(problem ?? texts.failed);
    for (const place of linked.querySelectorAll("[id^=asked-]")) place.textContent = asked[place.id.slice("asked-".length)];
    byId("asked").hidden = false;
    return undefined;
  };
  linked.addEventListener("click", (event) => {
    const { answer } = event.target.dataset;
    if (!answer) return;
    void once(event.target, async () => {
      const { done, problem } = await send(link, { token, language, answer });
      byId("asked").hidden = true;
      if (!done) return complain(problem ?? texts.failed);
      history.replaceState(null, "", location.pathname);
      byId("done").textContent = done;
      byId("done").hidden = false;
      return undefined;
    });
  });
  void read();
}

// --- Dialogs and fields ---------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dialog], [data-close], [data-send]");
  if (!button) return;
  if (button.dataset.close !== undefined) button.closest("dialog").close();
  else if (button.dataset.send) {
    const body = bodyOf(button.form);
    if (!button.dataset.needs || body[button.dataset.needs])
      void once(button.form, async () => follow(await send(button.dataset.send, { ...body, back: location.pathname + location.search })));
  } else {
    if (button.dataset.dialog === "keys") listKeys();
    const dialog = byId(button.dataset.dialog);
    dialog.showModal();
    dialog.querySelector('input:not([type="hidden"]), textarea, select')?.focus();
  }
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.dataset.submit !== undefined) {
    const form = field.form;
    if (form.dataset.post) void once(form, async () => follow(await send(form.dataset.post, { ...bodyOf(form), back: location.pathname + location.search })));
    else form.requestSubmit();
  }
  const opened = field.dataset.opens && byId(field.dataset.opens);
  if (opened) opened.hidden = !field.checked;
});

// --- Keys -----------------------------------------------------------------------------------------------------------

const rows = [...document.querySelectorAll("[data-row]")];
// A field of a dialog that was closed keeps the focus until the next frame is drawn.
const isTyped = (target) => target.matches?.('textarea, select, input:not([type="checkbox"])') && !target.closest("dialog:not([open])");

function move(by) {
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  row?.querySelector("a")?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

function press(key) {
  if (rows.length && key === "j") return move(1);
  if (rows.length && key === "k") return move(-1);
  if (rows.length && key === "x") return document.activeElement.closest("[data-row]")?.querySelector('input[type="checkbox"]')?.click();
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((one) => !one.closest("dialog") && !one.disabled);
  if (found) found.click();
  return found;
}

document.addEventListener("keydown", (event) => {
  const dialog = document.querySelector("dialog[open]");
  if (event.key === "Enter" && event.ctrlKey && dialog?.querySelector("form")) {
    event.preventDefault();
    dialog.querySelector("form").requestSubmit();
    return;
  }
  if (dialog || event.ctrlKey || event.metaKey || event.altKey || isTyped(event.target)) return;
  if (event.key === "/" && document.querySelector('[data-focus="/"]')) {
    event.preventDefault();
    document.querySelector('[data-focus="/"]').focus();
    return;
  }
  if (event.key === "Enter" && !event.target.matches("body, main")) return;
  if (event.key === "Enter" && byId("signin")) byId("signin").click();
  else if (press(event.key)) event.preventDefault(); // a key that opens a dialog is not typed into its field
});

function listKeys() {
  const explained = [...document.querySelectorAll("[data-explain]")].map((one) => [one.dataset.explain, one.textContent]);
  const pressed = [...document.querySelectorAll("[data-key]")]
    .filter((one) => !one.closest("dialog"))
    .map((one) => [one.dataset.key, [...one.childNodes].filter((node) => node.nodeName !== "KBD").map((node) => node.textContent).join("").trim()]);
  byId("keys-list").replaceChildren(
    ...[...explained, ...pressed].map(([key, meaning]) => {
      const item = document.createElement("li");
      const shown = document.createElement("kbd");
      shown.textContent = key;
      item.append(shown, ` ${meaning}`);
      return item;
    }),
  );
}

// A page that waits for work in the background looks again.
const again = document.querySelector("[data-again]");
if (again) setTimeout(() => location.reload(), Number(again.dataset.again));
