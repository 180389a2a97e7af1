"use strict";
// Search and pages in a register that is whole without them. Nothing is sent: the lines are already here.
const PAGE = 50;
const $ = (id) => document.getElementById(id);
const rows = [...document.querySelectorAll("tbody tr")];
// Without accents and case; a serial also without its dash and zeros, as people say it.
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const short = (text) => text.replace(/-0*/g, "");
const lines = rows.map((row) => { const serial = plain(row.id); return ` ${plain(row.textContent)} ${short(serial)} `; });
let matching = rows, first = 0;

function show() {
  const form = $("search"), last = Math.min(first + PAGE, matching.length), seen = new Set(matching.slice(first, last));
  for (const row of rows) row.hidden = !seen.has(row);
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const facts = { from: number.format(first + 1), to: number.format(last), all: number.format(matching.length) };
  $("found").textContent = matching.length ? form.dataset.count.replace(/\{(\w+)\}/g, (_, name) => facts[name]) : form.dataset.none;
  $("previous").disabled = first === 0;
  $("next").disabled = last >= matching.length;
}

function search() {
  const words = plain($("wanted").value).split(/\s+/).filter(Boolean);
  matching = rows.filter((_, n) => words.every((word) => lines[n].includes(word) || lines[n].includes(` ${short(word)} `)));
  first = 0;
  show();
}

function turn(by) { first += by * PAGE; show(); $("search").scrollIntoView(); }

// register.html#SERIAL leads to the serial's page and marks its line.
function follow() {
  const row = rows.find((line) => line.id === decodeURIComponent(location.hash.slice(1)));
  if (!row) return;
  $("wanted").value = "";
  matching = rows;
  first = Math.floor(rows.indexOf(row) / PAGE) * PAGE;
  show();
  row.scrollIntoView({ block: "center" });
}

$("search").hidden = false;
$("search").addEventListener("submit", (event) => event.preventDefault());
$("wanted").addEventListener("input", search);
$("previous").addEventListener("click", () => turn(-1));
$("next").addEventListener("click", () => turn(1));
addEventListener("hashchange", follow);
show();
follow();
