// One question of a class, answer by answer. The server holds the truth: what is saved here is in nbgrader's gradebook.

const base = document.documentElement.dataset.base;
const $ = (id) => document.getElementById(id);
const PARTS = "Part ";

let asked = null; // the question, as the server tells it
let shown = []; // its answers that the filter lets through, in order
let at = 0; // which of them is on the screen
let shares = []; // of each part of the rubric: 1, 0.5, 0, or null where nothing was chosen
let undo = []; // what was saved: {id, score, comment}, as it was before
const texts = new Map(); // id → the promise of what the student wrote
let saving = Promise.resolve(); // one save after the other
let pending = 0; // saves that the server has not answered yet

// --- the server -------------------------------------------------------------------------------------

const cookie = () => decodeURIComponent(document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1] ?? "");

async function call(path, body) {
  const put = { method: "PUT", body: JSON.stringify(body), headers: { "X-XSRFToken": cookie() } };
  let answer;
  try {
    answer = await fetch(`${base}/api/questions${path}`, body ? put : {});
  } catch {
    throw new Error("The server does not answer: is it still running?");
  }
  const said = await answer.json().catch(() => ({ message: `The server answered ${answer.status}. Load the page again.` }));
  if (!answer.ok) throw Object.assign(new Error(said.message), { status: answer.status, now: said.now });
  return said;
}

const place = (id = "") => `/${asked.module}/${asked.name}${id && `/${id}`}`;

function tell(error) {
  $("message").textContent = error?.message ?? "";
  $("message").hidden = !error;
}

// --- a question -------------------------------------------------------------------------------------

async function begin() {
  const { questions } = await call("");
  if (!questions.length) throw new Error("No answers yet. First: tito grade MODULE");
  const wanted = new URLSearchParams(location.search);
  const option = (one) => {
    const added = new Option(`${one.module}: ${one.label} (${one.waits} of ${one.answers} wait)`, `${one.module}/${one.name}`);
    $("question").add(added);
    return { ...one, added };
  };
  const all = questions.map(option);
  const here = all.filter((one) => one.module === (wanted.get("module") ?? one.module));
  if (!here.length) throw new Error(`Nobody's answers to ${wanted.get("module")} are in the gradebook. First: tito grade ${wanted.get("module")}`);
  const first = here.find((one) => one.name === wanted.get("question")) ?? here.find((one) => one.waits) ?? here[0];
  $("question").value = first.added.value;
  await open();
}

async function open() {
  const [module, name] = $("question").value.split("/");
  asked = { module, name, ...(await call(`/${module}/${name}`)) };
  history.replaceState(null, "", `?module=${module}&question=${name}`);
  texts.clear();
  undo = [];
  $("text").innerHTML = asked.text; // the server made it safe
  $("remarks").textContent = asked.remarks;
  $("of").textContent = `of ${asked.points}`;
  $("items").replaceChildren(...asked.items.map(item));
  choose();
}

function item(one, number) {
  const button = Object.assign(document.createElement("button"), { type: "button" });
  const [key, text, mark] = ["kbd", "span", "span"].map((tag) => document.createElement(tag));
  [key.textContent, text.textContent, mark.className] = [number + 1, one.text, "mark"];
  button.append(key, text, mark);
  button.onclick = () => turn(number);
  const row = document.createElement("li");
  row.append(button);
  return row;
}

/** Choose the answers that are shown. The order stays while a person reads. */
function choose() {
  const [part, of] = $("share").value.split("/").map(Number);
  const fits = { all: () => true, waits: (one) => one.waits, flagged: (one) => one.flagged }[$("filter").value];
  shown = asked.answers.filter((one, index) => index % of === part - 1 && fits(one));
  go(0);
}

// --- an answer --------------------------------------------------------------------------------------

const textOf = (one) => {
  if (!texts.has(one.id)) texts.set(one.id, call(place(one.id)).finally(() => setTimeout(() => texts.size > 20 && texts.delete(texts.keys().next().value))));
  return texts.get(one.id);
};

const current = () => shown[at];

function go(to) {
  at = Math.max(0, Math.min(to, shown.length));
  show();
}

async function show() {
  const one = current();
  count();
  $("grade").hidden = !one;
  document.querySelector("main > section:last-child > details").hidden = !one;
  if (!one) {
    $("who").textContent = shown.length ? "That was the last one" : "No such answers";
    $("state").textContent = "";
    $("answer").replaceChildren(shown.length ? "Choose another question above, or show all." : "Choose another filter above.");
    return;
  }
  $("who").textContent = $("names").checked ? `${one.name || one.student} (${one.student})` : `Answer ${at + 1}`;
  const who = one.by ? `graded by ${one.by}, ${new Date(one.at).toLocaleString()}` : "graded";
  $("state").textContent = one.waits ? "waits for you" : one.untouched ? "nothing was answered" : who;
  $("score").value = one.waits ? "" : one.score ?? "";
  $("comment").value = one.comment;
  shares = readShares(one.comment);
  drawShares();
  offer();
  $("answer").replaceChildren("…");
  $("answer").focus({ preventScroll: true }); // at once: when the text arrives, a comment may be on its way
  try {
    const text = await textOf(one);
    if (current() !== one) return;
    $("answer").innerHTML = text.text; // the server made it safe
    machine(text.machine);
    if (shown[at + 1]) textOf(shown[at + 1]).catch(() => {}); // ahead, so that a key shows it at once
  } catch (error) {
    texts.delete(one.id);
    $("answer").replaceChildren("");
    tell(error);
  }
}

function machine(rows) {
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  $("machine-total").textContent = `The machine gave ${sum("score")} of ${sum("points")} points`;
  $("machine").replaceChildren(
    ...rows.map((row) => {
      const line = document.createElement("tr");
      line.insertCell().textContent = row.label;
      line.insertCell().textContent = `${row.score} of ${row.points}`;
      line.className = row.score < row.points ? "lost" : "";
      return line;
    }),
  );
}

function count() {
  const done = asked.answers.filter((one) => !one.waits).length;
  $("counter").textContent = `${done} of ${asked.answers.length} graded` + (shown.length ? ` · ${Math.min(at + 1, shown.length)} / ${shown.length}` : "");
  $("progress").value = asked.answers.length ? done / asked.answers.length : 0;
  const chosen = $("question").selectedOptions[0];
  chosen.textContent = `${asked.module}: ${asked.label} (${asked.answers.length - done} of ${asked.answers.length} wait)`;
}

// --- the rubric, and comments -----------------------------------------------------------------------

const word = (share) => ({ 1: "✓", 0.5: "½", 0: "✗" })[share];
const partsLine = () => PARTS + shares.map((share, index) => `${index + 1} ${word(share ?? 0)}`).join(", ");

/** The shares that a comment's first line tells of. */
function readShares(comment) {
  const first = comment.split("\n")[0];
  if (!first.startsWith(PARTS)) return asked.items.map(() => null);
  return asked.items.map((_, index) => {
    const mark = first.match(new RegExp(`\\b${index + 1} ([✓½✗])`))?.[1];
    return mark ? { "✓": 1, "½": 0.5, "✗": 0 }[mark] : null;
  });
}

function turn(number) {
  if (number >= shares.length) return;
  const next = shares[number] === 1 ? 0.5 : shares[number] === 0.5 ? 0 : 1;
  setShares(shares.map((share, index) => (index === number ? next : share ?? 0)));
}

function setShares(to) {
  shares = to;
  const sum = asked.items.reduce((total, one, index) => total + one.points * shares[index], 0);
  $("score").value = Math.min(asked.points, sum);
  const rest = withoutParts($("comment").value);
  $("comment").value = partsLine() + (rest && `\n${rest}`);
  drawShares();
}

/** All points, or none: by the rubric where it has items. */
function giveAll(share) {
  if (shares.length) setShares(shares.map(() => share));
  else $("score").value = share * asked.points;
}

const withoutParts = (comment) => (comment.startsWith(PARTS) ? comment.split("\n").slice(1).join("\n") : comment);

function drawShares() {
  [...$("items").children].forEach((row, index) => {
    const [button, share] = [row.firstChild, shares[index]];
    if (share === null) delete button.dataset.share;
    else button.dataset.share = share;
    button.querySelector(".mark").textContent = share === null ? `${asked.items[index].points}` : `${word(share)} ${share * asked.items[index].points}`;
  });
}

function offer() {
  $("offered").replaceChildren(
    ...asked.comments.slice(0, 9).map((text, index) => {
      const [row, button, key] = ["li", "button", "kbd"].map((tag) => document.createElement(tag));
      button.type = "button";
      key.textContent = `⇧${index + 1}`;
      button.append(key, ` ${text.length > 80 ? `${text.slice(0, 79)}…` : text}`);
      button.title = text;
      button.onclick = () => insert(index);
      row.append(button);
      return row;
    }),
  );
}

function insert(index) {
  const text = asked.comments[index];
  if (!text || withoutParts($("comment").value).includes(text)) return;
  $("comment").value = [$("comment").value.trimEnd(), text].filter(Boolean).join("\n");
}

function remember(comment) {
  const text = withoutParts(comment).trim();
  if (text && !asked.comments.includes(text)) asked.comments.push(text);
}

// --- saving -----------------------------------------------------------------------------------------

function typedScore() {
  const text = $("score").value.trim().replace(",", ".");
  const number = Number(text);
  if (text === "") throw new Error("Give points first: A for all, 0 for none, a number for a part of the rubric.");
  if (!Number.isFinite(number) || number < 0 || number > asked.points) throw new Error(`Points are a number from 0 to ${asked.points}, not ${text}.`);
  return number;
}

function save() {
  const one = current();
  if (!one) return;
  let score;
  try {
    score = typedScore();
  } catch (error) {
    tell(error);
    $("score").focus();
    return;
  }
  tell(null);
  undo.push({ one, score: one.waits ? null : one.score, comment: one.comment });
  put(one, score, $("comment").value.trim());
  go(at + 1);
}

/** Save an answer, and show at once what will be so; if that fails, say it, and show what is. */
function put(one, score, comment) {
  const before = { ...one };
  Object.assign(one, { score, comment, waits: score === null, untouched: false });
  remember(comment);
  $("undo").disabled = !undo.length;
  const [question, path] = [asked, place(one.id)];
  wait(1);
  saving = saving.then(async () => {
    try {
      Object.assign(one, (await call(path, { score, comment, version: one.version })).answer);
    } catch (error) {
      Object.assign(one, before);
      if (error.status === 409 && question === asked) await settle(one, error.now, score, comment);
      else tell(new Error(`${$("names").checked ? one.student : "An answer"} was not saved. ${error.message}`));
      if (current() === one) show(); // another answer's points and comment may be half typed
    }
    if (question === asked) count();
    wait(-1);
  });
}

function wait(more) {
  pending += more;
  $("pending").textContent = pending ? `saving ${pending}…` : "";
}

/** Somebody else has graded the answer: a person decides whose grade stands. */
function settle(one, now, score, comment) {
  Object.assign(one, now);
  const when = now.at ? ` at ${new Date(now.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}` : "";
  $("theirs").textContent = `Graded by ${now.by ?? "somebody else, or handed in again,"}${when}: ${now.waits ? "it waits" : `${now.score} of ${asked.points}`}`;
  $("theirs-comment").textContent = now.comment;
  $("yours").textContent = `You: ${score} of ${asked.points}`;
  $("yours-comment").textContent = comment;
  $("stale").showModal();
  return new Promise((done) => {
    $("keep").onclick = () => ($("stale").close(), done());
    $("replace").onclick = async () => {
      $("stale").close();
      await call(place(one.id), { score, comment, version: now.version }).then((said) => Object.assign(one, said.answer), tell);
      done();
    };
    $("stale").oncancel = () => done();
  });
}

function takeBack() {
  const last = undo.pop();
  if (!last) return;
  $("undo").disabled = !undo.length;
  tell(null);
  put(last.one, last.score, last.comment);
  saving.then(() => {
    const found = shown.indexOf(last.one);
    if (found >= 0) go(found);
  });
}

// --- keys -------------------------------------------------------------------------------------------

function press(event) {
  const { id: field, tagName: tag } = event.target;
  const [digit, letter] = [event.code.match(/^(?:Digit|Numpad)(\d)$/)?.[1], event.key.toLowerCase()];
  const enter = event.key === "Enter" && (field === "comment" ? event.ctrlKey || event.metaKey : true);
  if ($("stale").open || ["BUTTON", "SELECT", "SUMMARY"].includes(tag) && ["Enter", " "].includes(event.key)) return;
  if (enter) save();
  else if (event.key === "Escape") $("answer").focus();
  else if (event.ctrlKey || event.metaKey || event.altKey || ["comment", "score"].includes(field) || tag === "SELECT") return;
  else if (digit && event.shiftKey) insert(Number(digit) - 1);
  else if (digit === "0") giveAll(0);
  else if (digit) turn(Number(digit) - 1);
  else if (KEYS[letter] && !event.shiftKey) KEYS[letter]();
  else return;
  event.preventDefault();
}

const KEYS = {
  a: () => giveAll(1),
  c: () => $("comment").focus(),
  j: () => go(at + 1),
  k: () => go(at - 1),
  n: () => $("names").click(),
  u: takeBack,
};

for (let of = 1; of <= 6; of++) for (let part = 1; part <= of; part++) $("share").add(new Option(of === 1 ? "everybody" : `${part} of ${of}`, `${part}/${of}`));
document.addEventListener("keydown", press);
$("grade").addEventListener("submit", (event) => (event.preventDefault(), save()));
$("question").onchange = () => open().catch(tell);
$("filter").onchange = $("share").onchange = () => (choose(), document.activeElement.blur());
$("names").onchange = () => (show(), document.activeElement.blur());
$("next").onclick = () => go(at + 1);
$("previous").onclick = () => go(at - 1);
$("undo").onclick = takeBack;
addEventListener("beforeunload", (event) => pending && event.preventDefault());
begin().catch(tell);
