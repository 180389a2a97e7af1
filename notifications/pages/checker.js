"use strict";
// The checks of domain/credentials/verdict.py, in the same order and with the same codes. Nothing is stored, nothing is sent.
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const LONGEST_TOKEN = 430, LARGEST_PAYLOAD = 198, LONGEST_NAME = 60, LATEST_SECOND = 2 ** 32 - 1, LARGEST_LIST = 1 << 20;
const TRUST_TYPE = "application/oac1-trust+cwt", STATUS_TYPE = "application/statuslist+cwt";
const STATES = ["active", "retired", "compromised"], PURPOSES = ["badge", "status"];
const STANDINGS = { 0: "VALID", 1: "REVOKED", 2: "SUSPENDED", 3: "REPLACED", 11: "LOST", 12: "WITHDRAWN" };
const ALGORITHMS = { "-19": 32, "-8": 32, "-7": 65 };

class Refused extends Error {
  constructor(code, detail, rest = {}) { super(detail); this.verdict = { code, detail, ...rest }; }
}

function base45(text) {
  if (text.length % 3 === 1) throw new Refused("BASE45", "a dangling character");
  const bytes = [];
  for (let at = 0; at < text.length; at += 3) {
    const group = [...text.slice(at, at + 3)].map((character) => ALPHABET.indexOf(character));
    if (group.includes(-1) || group.length < Math.min(3, text.length - at)) throw new Refused("BASE45", "a character outside the alphabet");
    const number = group.reduce((sum, value, place) => sum + value * 45 ** place, 0);
    if (number >= 256 ** (group.length - 1)) throw new Refused("BASE45", "a group beyond its bytes");
    if (group.length === 3) bytes.push(number >> 8);
    bytes.push(number & 255);
  }
  return Uint8Array.from(bytes);
}

const isBytes = (value) => value instanceof Uint8Array;
const isList = Array.isArray;
const isWhole = Number.isSafeInteger;
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));

// Deterministic CBOR only (RFC 8949, 4.2.1): shortest heads, sorted and single keys, no floats, whole input.
class Reader {
  constructor(bytes) { this.bytes = bytes; this.at = 0; }
  fail(detail) { throw new Refused("CBOR", detail); }
  take(length) {
    if (this.at + length > this.bytes.length) this.fail("the item is cut short");
    return this.bytes.subarray(this.at, (this.at += length));
  }
  head() {
    const initial = this.take(1)[0], major = initial >> 5, low = initial & 31;
    if (low < 24) return [major, low, low];
    if (low > 27) this.fail("an indefinite length or a reserved head");
    const width = 1 << (low - 24);
    const argument = this.take(width).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    if (argument < (low === 24 ? 24n : 1n << BigInt(4 * width))) this.fail("an integer longer than its shortest form");
    if (argument > BigInt(Number.MAX_SAFE_INTEGER) && major < 2) this.fail("an integer beyond 53 bits");
    return [major, low, Number(argument)];
  }
  item(depth = 8) {
    if (depth === 0) this.fail("nested too deeply");
    const [major, low, argument] = this.head();
    switch (major) {
      case 0: return argument;
      case 1: if (argument >= Number.MAX_SAFE_INTEGER) this.fail("an integer beyond 53 bits"); return -1 - argument;
      case 2: return this.take(argument);
      case 3:
        try { return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.take(argument)); }
        catch (error) { if (error instanceof Refused) throw error; return this.fail("a text that is not UTF-8"); }
      case 4: { const list = []; for (let n = 0; n < argument; n++) list.push(this.item(depth - 1)); return list; }
      case 5: return this.map(argument, depth - 1);
      case 6: return { tag: argument, content: this.item(depth - 1) };
      default: if (low >= 20 && low <= 22) return [false, true, null][low - 20]; return this.fail("a float or an unknown simple value");
    }
  }
  map(length, depth) {
    const map = new Map();
    let previous = new Uint8Array();
    for (let n = 0; n < length; n++) {
      const start = this.at, key = this.item(depth), spelled = this.bytes.subarray(start, this.at);
      if (!isWhole(key) && typeof key !== "string" && !isBytes(key)) this.fail("a map key that is neither integer nor string");
      if (n && hex(spelled) <= hex(previous)) this.fail("a duplicate map key or keys out of order");
      previous = spelled;
      map.set(isBytes(key) ? `h'${hex(key)}'` : key, this.item(depth));
    }
    return map;
  }
}

function cbor(bytes) {
  const reader = new Reader(bytes), value = reader.item();
  if (reader.at !== bytes.length) reader.fail("bytes follow the item");
  return value;
}

function byteString(bytes) {
  const n = bytes.length;
  const head = n < 24 ? [64 + n] : n < 256 ? [88, n] : n < 65536 ? [89, n >> 8, n & 255] : [90, n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255];
  return [...head, ...bytes];
}

function parseSign1(message) {
  let content = cbor(message);
  for (const tag of [61, 18]) if (content && content.tag === tag && "content" in content) content = content.content;
  const parts = isList(content) && content.length === 4 ? content : [];
  const [protectedBytes, unprotected, payload, signature] = parts;
  if (!isBytes(protectedBytes) || !(unprotected instanceof Map) || !isBytes(payload) || !isBytes(signature)) {
    throw new Refused("STRUCTURE", "not an array of headers, payload and signature");
  }
  const headers = protectedBytes.length ? cbor(protectedBytes) : new Map();
  if (!(headers instanceof Map)) throw new Refused("STRUCTURE", "protected headers that are not a map");
  if (unprotected.size) throw new Refused("STRUCTURE", "headers other than algorithm and key id");
  return { protectedBytes: headers.size ? protectedBytes : new Uint8Array(), headers, payload, signature };
}

const importedKeys = new Map();
async function verified(sign1, raw) {
  if (sign1.signature.length !== 64) return false;
  const name = raw.length === 32 ? "Ed25519" : "ECDSA", id = hex(raw);
  if (!importedKeys.has(id)) {
    importedKeys.set(id, await crypto.subtle.importKey("raw", raw, name === "Ed25519" ? name : { name, namedCurve: "P-256" }, false, ["verify"]));
  }
  const signed = Uint8Array.from([0x84, 0x6a, ...new TextEncoder().encode("Signature1"), ...byteString(sign1.protectedBytes), 0x40, ...byteString(sign1.payload)]);
  return crypto.subtle.verify(name === "Ed25519" ? name : { name, hash: "SHA-256" }, importedKeys.get(id), sign1.signature, signed);
}

function decodeToken(text) {
  const token = text.replace(/^[\r\n]+|[\r\n]+$/g, "");
  if (!token.startsWith("OAC1:")) throw new Refused("PREFIX", "the text does not begin with OAC1:");
  if ([...token].length > LONGEST_TOKEN) throw new Refused("SIZE", "longer than any token");
  if (/[^0-9A-Z $%*+\-./:]/u.test(token)) throw new Refused("BASE45", "a character outside the alphabet");
  const sign1 = parseSign1(base45(token.slice(5)));
  if ([...sign1.headers.keys()].some((label) => label !== 1 && label !== 4)) throw new Refused("STRUCTURE", "headers other than algorithm and key id");
  return sign1;
}

async function believedKey(sign1, trust) {
  const algorithm = sign1.headers.get(1), kid = sign1.headers.get(4), keyId = isBytes(kid) ? hex(kid) : null;
  if (!isWhole(algorithm) || !(String(algorithm) in ALGORITHMS)) throw new Refused("ALG", "an algorithm that is not allowed", { keyId });
  const key = trust.keys.find((one) => one.keyId === keyId);
  if (!key) throw new Refused("UNKNOWN_KEY", "no trusted key has this key id", { keyId });
  if (key.raw.length !== ALGORITHMS[algorithm]) throw new Refused("KEY_STATE", "the algorithm is not this key's", { keyId });
  if (key.state === "compromised" || key.purpose !== "badge") throw new Refused("KEY_STATE", `the key is ${key.state} for ${key.purpose}`, { keyId });
  const issued = issueSecond(sign1.payload);
  if (issued !== null && (issued < key.notBefore || issued > key.notAfter)) throw new Refused("KEY_STATE", "issued outside the key's window", { keyId });
  if (!(await verified(sign1, key.raw))) throw new Refused("SIGNATURE", "the signature is wrong", { keyId });
  return key;
}

function issueSecond(payload) {
  try {
    const claims = cbor(payload), issued = claims instanceof Map ? claims.get(6) : null;
    return isWhole(issued) ? issued : null;
  } catch { return null; }
}

const wholeUntil = (limit) => (value) => isWhole(value) && value >= 0 && value <= limit;
const matching = (pattern) => (value) => typeof value === "string" && pattern.test(value);
const octets = (length) => (value) => isBytes(value) && value.length === length;
const REGION = /^[A-Z0-9][A-Z0-9-]{0,15}$/;
const CLAIMS = new Map([[1, matching(/^[A-Z0-9]{2,8}$/)], [2, matching(/^[A-Z0-9-]{4,16}$/)],
  [4, wholeUntil(LATEST_SECOND)], [5, wholeUntil(LATEST_SECOND)], [6, wholeUntil(LATEST_SECOND)],
  [65535, (value) => wholeUntil(2 ** 24 - 1)(statusIndex(value))], [-70001, (value) => value instanceof Map]]);
const HOLDER = new Map([[1, isName], [2, matching(/^[A-Z0-9-]{1,8}$/)], [3, matching(REGION)], [4, matching(/^[A-Z]{3}$/)],
  [5, (value) => isList(value) && value.length > 0 && value.length <= 6 && value.every(matching(REGION))],
  [6, wholeUntil(23)], [7, octets(16)], [8, octets(8)], [9, (value) => value === 1]]);

function isName(name) {
  if (typeof name !== "string" || !name || name !== name.normalize("NFC")) return false;
  if (new TextEncoder().encode(name).length > LONGEST_NAME) return false;
  if (/\p{C}/u.test(name.replace(/[\u200c\u200d]/g, ""))) return false;
  return !/^ | $|  |[^\S ]/u.test(name);
}

function statusIndex(status) {
  if (!(status instanceof Map) || status.size !== 1) return null;
  if (status.has(1)) return status.get(1);
  const listed = status.get("status_list");
  return listed instanceof Map && listed.size === 2 && typeof listed.get("uri") === "string" ? listed.get("idx") : null;
}

function checkAll(map, rules, required) {
  if (!(map instanceof Map)) return "claims";
  for (const label of required) if (!map.has(label)) return label;
  for (const [label, value] of map) if (!rules.has(label) || !rules.get(label)(value)) return label;
  return null;
}

function decodeClaims(sign1, key) {
  const refuse = (detail) => { throw new Refused("CLAIMS", detail, { keyId: key.keyId }); };
  let claims;
  try { claims = cbor(sign1.payload); } catch (error) { if (error instanceof Refused) refuse(error.message); throw error; }
  const wrong = checkAll(claims, CLAIMS, CLAIMS.keys()) ?? checkAll(claims.get(-70001), HOLDER, [1, 2, 3, 4]);
  if (wrong !== null) refuse(`claim ${wrong}`);
  const holder = claims.get(-70001), index = statusIndex(claims.get(65535));
  if (claims.get(4) < claims.get(5)) refuse("the validity ends before it begins");
  if (shortLength(sign1.payload.length, claims.get(65535), index) > LARGEST_PAYLOAD) refuse("these claims do not fit a token");
  return { issuer: claims.get(1), serial: claims.get(2), validUntil: claims.get(4), validFrom: claims.get(5), index,
    name: holder.get(1), role: holder.get(2), organisation: holder.get(3), nationality: holder.get(4),
    regions: holder.get(5) || [], truncated: holder.has(9) };
}

// What the claims would take with the short form of the status reference, which is the form we issue.
function shortLength(length, status, index) {
  if (status.has(1)) return length;
  const size = (n) => (n < 24 ? 1 : n < 256 ? 2 : n < 65536 ? 3 : 5);
  const uri = new TextEncoder().encode(status.get("status_list").get("uri")).length;
  const reference = 1 + 12 + 1 + 4 + size(index) + 4 + size(uri) + uri;
  return length - reference + 2 + size(index);
}

// The verdict on a text at a second; never throws, and never says VALID without lists in force.
async function judge(text, now, trust, status) {
  try {
    const sign1 = decodeToken(text), key = await believedKey(sign1, trust), claims = decodeClaims(sign1, key);
    const known = { keyId: key.keyId, claims };
    if (claims.issuer !== key.issuer) throw new Refused("ISSUER", "the key belongs to another issuer", known);
    if (now < claims.validFrom) throw new Refused("NOT_YET", "before the validity", known);
    if (now > claims.validUntil) throw new Refused("EXPIRED", "after the validity", known);
    return standing(claims, known, now, trust, status);
  } catch (error) {
    if (error instanceof Refused) return error.verdict;
    throw error;
  }
}

function standing(claims, known, now, trust, status) {
  const problem = listProblem(now, trust, status);
  if (problem) return { code: "STATUS_UNKNOWN", detail: problem, ...known };
  if (status.serials.length && !status.serials.includes(claims.serial.slice(0, claims.serial.lastIndexOf("-")))) return { code: "OTHER_ELECTION", detail: "its serial is of another election", ...known };
  const age = Math.max(now - status.issuedAt, now - trust.issuedAt);
  const aged = now - status.issuedAt > status.ttl || now - trust.issuedAt > trust.ttl;
  const code = STANDINGS[status.entry(claims.index)] || "STATUS_UNKNOWN";
  return { code, detail: code === "STATUS_UNKNOWN" ? "not in the status list" : "", age, aged, ...known };
}

function listProblem(now, trust, status) {
  if (!status) return "no status list";
  if (now > trust.expiresAt || now > status.expiresAt) return "a list is past its end";
  if (now < trust.issuedAt || now < status.issuedAt) return "the clock is before the lists";
  return statusKeys(trust, status.issuedAt).some((key) => key.keyId === status.keyId) ? "" : "the status list is not this issuer's";
}

const statusKeys = (trust, now) => trust.keys.filter((key) => key.purpose === "status" && key.state !== "compromised" && key.notBefore <= now && now <= key.notAfter);

async function signedClaims(message, keys, typ) {
  const sign1 = parseSign1(message), algorithm = sign1.headers.get(1), kid = sign1.headers.get(4);
  const key = keys.find((one) => isBytes(kid) && one.keyId === hex(kid));
  const fits = key && isWhole(algorithm) && key.raw.length === ALGORITHMS[algorithm];
  if (!fits || sign1.headers.get(16) !== typ || !(await verified(sign1, key.raw))) throw new Refused("LIST", "cannot be believed");
  const claims = cbor(sign1.payload);
  const times = claims instanceof Map && [4, 6].every((label) => wholeUntil(LATEST_SECOND)(claims.get(label)));
  if (!times) throw new Refused("LIST", "has no times");
  return { claims, facts: { keyId: key.keyId, expiresAt: claims.get(4), issuedAt: claims.get(6), ttl: claims.get(65534) ?? 86400 } };
}

async function openTrust(message, roots) {
  const { claims, facts } = await signedClaims(message, roots, TRUST_TYPE);
  const body = claims.get(-70002), issuer = claims.get(1);
  const keys = await Promise.all(body.get(2).map(async ([alg, raw, notBefore, notAfter, state, purpose]) => ({
    issuer, raw, notBefore, notAfter, state: STATES[state], purpose: PURPOSES[purpose], alg,
    keyId: hex(new Uint8Array(await crypto.subtle.digest("SHA-256", raw)).subarray(0, 8)),
  })));
  return { ...facts, issuer, sequence: body.get(1), keys };
}

async function openStatus(message, trust) {
  const issuedAt = issueSecond(parseSign1(message).payload) ?? 0;
  const { claims, facts } = await signedClaims(message, statusKeys(trust, issuedAt), STATUS_TYPE);
  const list = claims.get(65533), bits = list.get("bits");
  if (![1, 2, 4, 8].includes(bits)) throw new Refused("LIST", "has no list of 1, 2, 4 or 8 bits");
  const array = await inflated(list.get("lst"));
  const entry = (index) => (index < (array.length * 8) / bits ? (array[Math.floor((index * bits) / 8)] >> ((index * bits) % 8)) & ((1 << bits) - 1) : undefined);
  const [election, sequence, serials = []] = claims.get(-70003) ?? ["", 0];
  if (!Array.isArray(serials)) throw new Refused("LIST", "does not say what the serials of its election begin with");
  return { ...facts, uri: claims.get(2), election, sequence, serials, entry };
}

async function inflated(compressed) {
  const reader = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const parts = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > LARGEST_LIST) throw new Refused("LIST", "unfolds into too much");
    parts.push(part.value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
}
