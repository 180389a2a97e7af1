// Codes in pictures and in the camera's view, read in the page itself: the same reader as notifications/badge/reader.py
// has (zxing-cpp), as WebAssembly inside this file. Pictures stay in memory and are gone with the next one.
const codeReader = { module: null, instance: null };

async function decoder() {
  if (!codeReader.module) {
    const packed = fromBase64(document.getElementById("decoder").textContent.trim());
    const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    codeReader.module = await WebAssembly.compile(await new Response(unpacked).arrayBuffer());
  }
  if (!codeReader.instance) {
    const nothing = Object.fromEntries(WebAssembly.Module.imports(codeReader.module).map((wanted) => [wanted.name, () => 0]));
    codeReader.instance = (await WebAssembly.instantiate(codeReader.module, { wasi_snapshot_preview1: nothing })).exports;
    codeReader.instance._initialize();
  }
  return codeReader.instance;
}

// The texts of all codes in RGBA pixels. A code that is built against the rules ends the reader: the next call makes a new one.
async function codesIn({ data, width, height }) {
  const reader = await decoder();
  try {
    const at = reader.room(width * height), grey = new Uint8Array(reader.memory.buffer, at, width * height);
    for (let n = 0, from = 0; n < grey.length; n++, from += 4) grey[n] = (data[from] * 299 + data[from + 1] * 587 + data[from + 2] * 114) / 1000;
    const length = reader.read(width, height);
    const said = new TextDecoder("latin1").decode(new Uint8Array(reader.memory.buffer, reader.text(), length));
    return [...new Set(said.split("\n").filter(Boolean))];
  } catch { codeReader.instance = null; return []; }
}

const sheet = document.createElement("canvas");

// What *source* shows, with no side longer than *side*; see-through parts are white, as paper is.
function pixelsOf(source, width, height, side) {
  const scale = Math.min(1, side / Math.max(width, height));
  sheet.width = Math.max(1, Math.round(width * scale));
  sheet.height = Math.max(1, Math.round(height * scale));
  const pen = sheet.getContext("2d", { willReadFrequently: true, alpha: false });
  pen.imageSmoothingQuality = "high";
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.drawImage(source, 0, 0, sheet.width, sheet.height);
  return pen.getImageData(0, 0, sheet.width, sheet.height);
}

// A large picture is looked at in several sizes: what is blurred in one is sharp enough in a smaller one.
async function codesOf(picture) {
  const longest = Math.max(picture.width, picture.height);
  for (const side of longest > 1600 ? [1600, 900, 4000] : longest > 900 ? [1600, 900] : [1600]) {
    const codes = await codesIn(pixelsOf(picture, picture.width, picture.height, side));
    if (codes.length) return codes;
  }
  return [];
}

async function readPicture(file) {
  let picture;
  try { picture = await createImageBitmap(file); } catch { return note(words().no_picture); }
  const codes = await codesOf(picture);
  picture.close();
  return codes.length ? takeCodes(codes) : note(words().no_code);
}

// Of several badges none is judged: one green answer would be taken for all of them.
async function takeCodes(codes) {
  const lists = codes.filter((code) => /^OAC[TS]:/.test(code)).sort().reverse(), badges = codes.filter((code) => code.startsWith("OAC1:"));
  for (const list of lists) await check(list);
  if (badges.length > 1) return note(words().several_codes);
  return lists.length && !badges.length ? null : check(badges[0] || codes[0]);
}

function stopCamera() {
  const video = $("camera");
  if (video.srcObject) video.srcObject.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
  video.hidden = true;
  $("camera-button").textContent = words().camera;
}

async function watchCamera() {
  const video = $("camera");
  if (video.srcObject) return stopCamera();
  clear();
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } } });
  video.hidden = false;
  $("camera-button").textContent = words().camera_stop;
  note("");
  await video.play();
  while (video.srcObject) {
    const codes = video.videoWidth ? await codesIn(pixelsOf(video, video.videoWidth, video.videoHeight, 1920)) : [];
    if (codes.length && video.srcObject) { stopCamera(); return takeCodes(codes); }
    await new Promise((again) => { setTimeout(again, 100); });
  }
  return null;
}
