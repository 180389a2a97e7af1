"use strict";
// What accredit audit check does, in a page: RFC 6962 paths, C2SP signed notes, Ed25519. Nothing is stored, nothing is sent.
const bundle = JSON.parse(document.getElementById("bundle").textContent);
const $ = (id) => document.getElementById(id);
const DASH = "\u2014 ", FORM = "accredit-proof/1", LARGEST = 5000000;
const state = { language: bundle.languages[0], proof: null, notes: [], key: null, result: null, refused: [] };

class Refused extends Error {}

const bytes = (text) => new TextEncoder().encode(text);
const hex = (raw) => [...raw].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (text) => {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Refused("hex");
  return Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
};
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const same = (left, right) => left.length === right.length && left.every((byte, place) => byte === right[place]);
const sha256 = async (raw) => new Uint8Array(await crypto.subtle.digest("SHA-256", raw));
const node = (left, right) => sha256(joined([1], left, right));

function unbase64(text) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) throw new Refused("base64");
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

async function readKey(text) {
  const [name, id, ...rest] = text.trim().split("+"), content = unbase64(rest.join("+"));
  const expected = (await sha256(joined(bytes(`${name}\n`), content))).subarray(0, 4);
  if (!name || content.length !== 33 || content[0] !== 1 || hex(expected) !== id) throw new Refused("key");
  return { name, id: expected, raw: content.subarray(1), text: text.trim() };
}

function readNote(note) {
  const at = note.lastIndexOf("\n\n"), below = note.slice(at + 2);
  if (at < 0 || !below.endsWith("\n") || note.length > 64000) throw new Refused("note");
  const text = note.slice(0, at + 1), [origin, size, root] = text.split("\n");
  const signatures = below.slice(0, -1).split("\n").map((line) => {
    const place = line.indexOf(" ", 2), content = unbase64(line.slice(place + 1));
    if (!line.startsWith(DASH) || place < 3 || content.length <= 4) throw new Refused("note");
    return { name: line.slice(2, place), id: content.subarray(0, 4), signature: content.subarray(4) };
  });
  const hash = unbase64(root || "");
  if (!origin || !/^(0|[1-9][0-9]{0,14})$/.test(size) || hash.length !== 32) throw new Refused("note");
  return { text, origin, size: Number(size), root: hash, signatures };
}

// true: signed; false: not signed by the key, or wrongly; null: this browser cannot tell.
async function isSigned(note, key) {
  const own = note.signatures.filter((one) => one.name === key.name && same(one.id, key.id));
  if (note.origin !== key.name || !own.length) return false;
  try {
    const imported = await crypto.subtle.importKey("raw", key.raw, "Ed25519", false, ["verify"]);
    const held = await Promise.all(own.map((one) => crypto.subtle.verify("Ed25519", imported, one.signature, bytes(note.text))));
    return held.every(Boolean);
  } catch { return null; }
}

// JSON with sorted keys and no blanks, as each event was hashed.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value && typeof value === "object") return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  return JSON.stringify(value);
}

async function hashes(entries) {
  const found = [];
  let head = "0".repeat(64);
  for (const { event } of entries) {
    const said = Object.fromEntries(Object.entries(event).filter(([name, value]) => value !== null || !bundle.later.includes(name)));
    head = hex(await sha256(bytes(`${head}\n${canonical(said)}`)));
    found.push(head);
  }
  return found;
}

async function commitment(salt, hashed) {
  const key = await crypto.subtle.importKey("raw", unhex(salt), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, unhex(hashed)));
}

// RFC 9162, 2.1.3.2.
async function rootOf(leaf, index, size, path) {
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) return null;
  let left = BigInt(index), last = BigInt(size - 1), root = leaf;
  for (const step of path) {
    if (last === 0n) return null;
    if (left & 1n || left === last) {
      root = await node(step, root);
      while (!(left & 1n) && left) { left >>= 1n; last >>= 1n; }
    } else root = await node(root, step);
    left >>= 1n;
    last >>= 1n;
  }
  return last === 0n ? root : null;
}

async function isIn(entry, hashed, checkpoint) {
  try {
    const leaf = await sha256(joined([0], await commitment(entry.salt, hashed)));
    const root = await rootOf(leaf, entry.position, checkpoint.size, entry.path.map(unhex));
    return root !== null && same(root, checkpoint.root);
  } catch { return false; }
}

async function check() {
  const { proof, notes } = state;
  if (!crypto.subtle) return { verdict: "cannot", remarks: [], entries: [] };
  const own = proof && readNote(proof.checkpoint), all = own ? [own, ...notes] : notes;
  const key = state.key || (proof && (await readKey(proof.key)));
  if (!key || !all.length) return null;
  const signed = await Promise.all(all.map((note) => isSigned(note, key)));
  const found = { key, checkpoint: own || notes[0], remarks: [], entries: [], verdict: "holds" };
  const worse = (verdict) => { found.verdict = verdict; };
  if (!state.key) found.remarks.push("own_key");
  if (proof && !notes.length) found.remarks.push("own_checkpoint");
  if (signed.includes(null)) worse("cannot");
  if (proof) {
    const heads = await hashes(proof.entries);
    for (const [place, entry] of proof.entries.entries()) {
      const isOwn = entry.event.application_id === proof.case;
      found.entries.push({ event: entry.event, holds: isOwn && (await isIn(entry, heads[place], own)) });
    }
    if (!found.entries.length || found.entries.some((entry) => !entry.holds)) worse("altered");
    if (notes.some((note) => note.text !== own.text)) worse("other_checkpoint");
  } else worse(found.verdict === "holds" ? "only_checkpoint" : found.verdict);
  if (signed.includes(false)) worse("unsigned");
  const forked = all.some((one) => all.some((other) => one.size === other.size && one.origin === other.origin && !same(one.root, other.root)));
  if (forked && signed.every(Boolean)) worse("forked");
  return found;
}

const words = () => bundle.words[state.language];

async function take(files) {
  state.refused = [];
  for (const file of files) {
    try {
      if (file.size > LARGEST) throw new Refused("size");
      await takeText(new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer()));
    } catch { state.refused.push(file.name); }
  }
  try { state.result = await check(); } catch { state.result = { verdict: "altered", remarks: [], entries: [] }; }
  show();
}

async function takeText(text) {
  if (text.trimStart().startsWith("{")) {
    const proof = JSON.parse(text);
    if (proof.form !== FORM || !Array.isArray(proof.entries) || !/^[0-9a-f-]{36}$/.test(proof.case)) throw new Refused("proof");
    state.proof = proof;
  } else if (text.includes("\n\n" + DASH)) {
    const note = readNote(text);
    if (!state.notes.some((one) => one.text === note.text)) state.notes = [...state.notes, note].slice(-2);
  } else state.key = await readKey(text);
}

// The number that people quote: twelve base32 characters, 60 bits of the id.
function caseNumber(id) {
  const bits = BigInt(`0x${String(id).replaceAll("-", "").slice(0, 15)}`);
  const letters = Array.from({ length: 12 }, (_, place) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[Number((bits >> BigInt(55 - 5 * place)) & 31n)]);
  return letters.join("").match(/.{4}/g).join("-");
}

const GROUPS = { holds: "good", only_checkpoint: "warn", cannot: "warn" };
const SYMBOLS = { good: "\u2713", warn: "!", bad: "\u2715" };

function line(list, text, className = "") {
  const item = document.createElement("li"), isolated = document.createElement("bdi");
  isolated.textContent = text;
  item.className = className;
  item.append(isolated);
  list.append(item);
}

function fact(label, value) {
  const term = document.createElement("dt"), text = document.createElement("dd"), isolated = document.createElement("bdi");
  term.textContent = words()[label];
  isolated.textContent = value;
  isolated.dir = "ltr";
  text.append(isolated);
  $("facts").append(term, text);
}

function show() {
  const result = state.result, number = new Intl.NumberFormat(state.language);
  for (const id of ["held", "remarks", "facts", "events"]) $(id).replaceChildren();
  const held = [["proof", state.proof], ["checkpoint", state.notes.length], ["key", state.key]];
  held.forEach(([name, there]) => line($("held"), `${there ? "\u2713" : "\u2013"} ${words()[name]}`));
  $("note").textContent = state.refused.map((name) => words().refused.replace("{file}", name)).join(" ");
  $("verdict").hidden = !result;
  $("entries").hidden = !result || !result.entries.length;
  if (!result) return;
  const group = GROUPS[result.verdict] || "bad";
  $("verdict").className = group;
  $("verdict").dataset.code = result.verdict;
  $("symbol").textContent = SYMBOLS[group];
  $("word").textContent = words().verdicts[group];
  $("sentence").textContent = words().sentences[result.verdict].replace("{count}", number.format(result.entries.length));
  result.remarks.forEach((remark) => line($("remarks"), words().remarks[remark]));
  if (result.checkpoint) {
    if (state.proof) fact("case", caseNumber(state.proof.case));
    fact("log", result.checkpoint.origin);
    fact("size", number.format(result.checkpoint.size));
    fact("key", result.key.text);
  }
  for (const { event, holds } of result.entries) {
    const what = `${String(event.at).replace("T", " ").slice(0, 16)} UTC \u00b7 ${String(event.kind).replaceAll("_", " ")}`;
    line($("events"), holds ? what : `${what} \u2014 ${words().not_in}`, holds ? "" : "bad");
  }
}

function speak() {
  document.documentElement.lang = state.language;
  document.documentElement.dir = words().dir;
  document.querySelectorAll("[data-word]").forEach((element) => { element.textContent = words()[element.dataset.word]; });
  show();
}

for (const language of bundle.languages) $("language").append(new Option(bundle.words[language].own_name, language));
$("language").addEventListener("change", (event) => { state.language = event.target.value; speak(); });
$("file").addEventListener("change", (event) => take([...event.target.files]));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => { event.preventDefault(); take([...event.dataTransfer.files]); });
speak();
