"use strict";
// What the officer at the station sees. The page keeps nothing: a reload forgets every credential and every new list.
const bundle = JSON.parse(document.getElementById("bundle").textContent);
const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const lists = { trust: null, status: null };
const station = { language: bundle.languages[0], shown: null, turn: 0 };
const $ = (id) => document.getElementById(id);
const words = () => bundle.words[station.language];
const seconds = () => Math.floor(Date.now() / 1000);
const GROUPS = { VALID: "valid", STATUS_UNKNOWN: "unknown", SERIAL: "unknown", UNKNOWN_KEY: "bad", NOT_YET: "bad", EXPIRED: "bad", OTHER_ELECTION: "bad", REVOKED: "bad", SUSPENDED: "bad", REPLACED: "ended", LOST: "ended", WITHDRAWN: "ended" };
const SYMBOLS = { valid: "✔", aged: "✔", unknown: "?", bad: "✖", ended: "✖" };

async function load() {
  const problem = await cannotVerify();
  if (problem) { station.broken = true; return; }
  lists.roots = await Promise.all(bundle.roots.map(async (root) => {
    const raw = unhex(root);
    return { raw, keyId: hex(new Uint8Array(await crypto.subtle.digest("SHA-256", raw)).subarray(0, 8)) };
  }));
  if (bundle.trust) lists.trust = await openTrust(fromBase64(bundle.trust), lists.roots);
  if (bundle.status) lists.status = await openStatus(fromBase64(bundle.status), lists.trust);
  if (lists.status && isForeign(lists.status)) lists.status = null;
}

// A browser without Ed25519 must say so; it must never skip the signature.
async function cannotVerify() {
  try {
    await crypto.subtle.importKey("raw", unhex(bundle.roots[0]), bundle.roots[0].length === 64 ? "Ed25519" : { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
    return !("DecompressionStream" in window);
  } catch { return true; }
}

// As people type and scanners send it: a blank before it or a locked shift key is no forgery. A blank at the end is a digit.
function asTyped(text) {
  const begun = text.trimStart();
  return /^oac[1ts]:/i.test(begun) ? begun.toUpperCase() : text;
}

const SERIAL = /^\s*[A-Z0-9]{1,9} ?- ?[0-9]{3,7}\s*$/i;

// Whatever comes next, what is said of the badge before it is gone: its green must not answer for another code.
function clear() {
  station.shown = null;
  show();
  return ++station.turn;
}

async function check(typed) {
  const turn = clear(), text = asTyped(typed);
  if (SERIAL.test(text)) { station.shown = { code: "SERIAL" }; show(); $("verdict").focus(); return station.shown; }
  if (/^OAC[TS]:/.test(text)) return takeListFrom(() => base45(text.replace(/[\r\n]+$/, "").slice(5)));
  const verdict = station.broken || !lists.trust ? { code: "STATUS_UNKNOWN", detail: "this browser cannot verify" } : await judge(text, seconds(), lists.trust, lists.status);
  if (turn === station.turn) { station.shown = verdict; show(); $("verdict").focus(); }
  return verdict;
}

// The keys of an issuer sign for all its elections; what they say of another election says nothing here.
function isForeign(status) {
  const held = lists.status, own = bundle.election || (held && held.election);
  return Boolean(own && status.election !== own) || Boolean(held && status.uri !== held.uri);
}

// New lists of the same election replace older ones only, by number and by time of issue.
async function takeList(message) {
  const typ = parseSign1(message).headers.get(16);
  if (typ === TRUST_TYPE) {
    const trust = await openTrust(message, lists.roots);
    if (trust.issuer !== lists.trust.issuer) throw new Refused("LIST", "another issuer's");
    if (trust.sequence < lists.trust.sequence || trust.issuedAt < lists.trust.issuedAt) return note(words().list_older);
    lists.trust = trust;
  } else {
    const status = await openStatus(message, lists.trust);
    if (isForeign(status)) throw new Refused("LIST", "another election's");
    if (lists.status && (status.sequence < lists.status.sequence || status.issuedAt < lists.status.issuedAt)) return note(words().list_older);
    lists.status = status;
  }
  note(words().list_taken);
  return show();
}

async function takeListFrom(read) {
  try { await takeList(await read()); } catch { note(words().list_refused); }
  return null;
}

function note(text) { $("note").textContent = text; }

const PICTURES = /^(image\/|application\/pdf)|\.hei[cf]$/i;

async function takeFiles(files) {
  clear();
  note("");
  for (const file of files) {
    if (PICTURES.test(file.type || file.name)) await readPicture(file);
    else await takeListFrom(async () => new Uint8Array(await file.arrayBuffer()));
  }
}

function age(total) {
  const hours = Math.floor(total / 3600);
  return (hours < 48 ? words().hours : words().days).replace("{n}", new Intl.NumberFormat(station.language).format(hours < 48 ? hours : Math.floor(hours / 24)));
}

const day = (second) => new Intl.DateTimeFormat(station.language === "en" ? "en-GB" : station.language, { dateStyle: "medium", timeZone: bundle.zone }).format(second * 1000);

function show() {
  const verdict = station.shown, panel = $("verdict"), facts = $("facts");
  showAge();
  facts.replaceChildren();
  if (!verdict) { panel.hidden = true; return; }
  const group = (GROUPS[verdict.code] || "bad") + (verdict.code === "VALID" && verdict.aged ? " aged" : "");
  panel.hidden = false;
  panel.className = group;
  panel.dataset.code = verdict.code;
  $("symbol").textContent = SYMBOLS[group.split(" ")[0]];
  $("word").textContent = words().labels[verdict.code] || words().labels.NOT_VALID;
  $("sentence").textContent = station.broken && verdict.code !== "SERIAL" ? words().cannot_verify : words().sentences[verdict.code];
  if (verdict.claims) rows(verdict.claims).forEach(([label, value]) => fact(facts, label, value));
}

function rows(claims) {
  const named = (table, code) => (table[code] || {})[station.language] || (table[code] || {})[bundle.languages[0]] || code;
  const regions = claims.regions.length ? claims.regions.map((code) => named(bundle.regions, code)).join(", ") : words().all_regions;
  const notices = claims.regions.map((code) => bundle.notices[code]).filter(Boolean).map((texts) => texts[station.language] || texts[bundle.languages[0]]);
  return [["name", claims.name + (claims.truncated ? "…" : "")], ["role", named(bundle.roles, claims.role)], ["region", regions],
    ["notice", notices.join(" ")], ["organisation", named(bundle.organisations, claims.organisation)], ["nationality", claims.nationality],
    ["valid", `${day(claims.validFrom)} – ${day(claims.validUntil)}`], ["serial", claims.serial]].filter(([, value]) => value);
}

function fact(list, label, value) {
  const term = document.createElement("dt"), text = document.createElement("dd"), isolated = document.createElement("bdi");
  term.textContent = words()[label];
  isolated.textContent = value;
  text.append(isolated);
  list.append(term, text);
}

function showAge() {
  const panel = $("age"), { trust, status } = lists;
  if (!trust || !status) { panel.className = "bad"; panel.textContent = words().lists_missing; return; }
  const now = seconds(), oldest = Math.min(trust.issuedAt, status.issuedAt);
  const aged = now - status.issuedAt > status.ttl || now - trust.issuedAt > trust.ttl, problem = listProblem(now, trust, status);
  panel.className = problem ? "bad" : aged ? "aged" : "valid";
  const unusable = now < Math.max(trust.issuedAt, status.issuedAt) ? words().lists_early : words().lists_unusable;
  panel.textContent = problem ? unusable : words().lists_age.replace("{age}", age(now - oldest)) + (aged ? " " + words().lists_renew : "");
}

function speak() {
  document.documentElement.lang = station.language;
  document.documentElement.dir = words().dir;
  document.querySelectorAll("[data-word]").forEach((element) => { element.textContent = words()[element.dataset.word]; });
  if (!$("camera").hidden) $("camera-button").textContent = words().camera_stop;
  $("camera-button").hidden = !navigator.mediaDevices;
  show();
}

// A USB scanner types wherever the focus is: after a verdict its next code must still reach the field.
function typed(event) {
  const isText = event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey;
  if (isText && [document.body, $("verdict")].includes(document.activeElement)) $("token").focus();
}

function start() {
  for (const language of bundle.languages) $("language").append(new Option(bundle.words[language].own_name, language));
  $("language").addEventListener("change", (event) => { station.language = event.target.value; speak(); });
  $("camera-button").addEventListener("click", () => watchCamera().catch(() => { stopCamera(); note(words().no_camera); }));
  addEventListener("pagehide", stopCamera);
  $("file").addEventListener("change", (event) => takeFiles(event.target.files));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => { event.preventDefault(); takeFiles(event.dataTransfer.files); });
  setInterval(showAge, 60000);
  speak();
}

// What is typed or scanned while the lists are still being read is judged once they are.
function submitted(event) {
  event.preventDefault();
  const field = $("token"), text = field.value;
  field.value = "";
  note("");
  ready.then(() => check(text));
}

const ready = load().catch(() => { lists.status = null; }).then(start);
addEventListener("keydown", typed);
$("form").addEventListener("submit", submitted);
$("token").focus();
