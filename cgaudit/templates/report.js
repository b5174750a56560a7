// The page says everything without this script. With it the class table sorts, the samples filter,
// and labels are decided on: by keys, mouse or touch, kept in this browser, downloaded as a file.
// Nothing is sent anywhere; the page's policy would not let it.

/**
 * @typedef {{action: "relabel"|"keep"|"drop"|"skip", label?: string}} Decision
 * @typedef {{index: number, node: HTMLElement, id: string|null, hash: string|null, given: number,
 *   suggested: number, flagged: boolean, score: number|null, top: number[], odds: number[]}} Card
 * @typedef {{k: number, n: number, low: number, high: number}} Interval
 */

/** How many of the last decided flags, by rank, tell what to expect of the next ones. */
const WINDOW = 20;

/** Fewer decisions than this say nothing about the others. */
const ENOUGH = 5;

const ACTIONS = ["relabel", "keep", "drop"];

// ---------------------------------------------------------------------------------- statistics

/**
 * The Wilson score interval (Wilson 1927), 95 %, for k of n.
 * @returns {Interval}
 */
function wilson(k, n) {
  const z = 1.959964;
  const centre = (k + z ** 2 / 2) / (n + z ** 2);
  const half = (z / (n + z ** 2)) * Math.sqrt((k * (n - k)) / n + z ** 2 / 4);
  return { k, n, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

const isWrong = (decision) => decision.action === "relabel" || decision.action === "drop";

/** The interval of the share of wrong labels among decisions, skipped ones left out. */
function shareWrong(decisions) {
  const decided = decisions.filter((decision) => decision.action !== "skip");
  return wilson(decided.filter(isWrong).length, decided.length);
}

/** What the decided flags say about those that remain. */
function remainingFlags(review) {
  const flagged = review.cards.slice(0, review.data.worst).filter((card) => card.flagged);
  const decisions = flagged.map((card) => review.decisions.of(card)).filter(Boolean);
  const judged = decisions.filter((decision) => decision.action !== "skip");
  const left = review.data.counts.flagged - judged.length;
  if (judged.length < Math.min(ENOUGH, flagged.length)) {
    const needed = Math.min(ENOUGH, flagged.length) - judged.length;
    return `After ${needed} more ${needed === 1 ? "decision" : "decisions"} on flagged samples this says how many of the rest are worth a look.`;
  }
  if (judged.length === 0) return "";
  const last = shareWrong(judged.slice(-WINDOW));
  const share = `${last.k} of the last ${last.n} flags decided, by rank, had a wrong label: ${percent(last.k / last.n)} (95 % interval ${percent(last.low)} to ${percent(last.high)}, Wilson).`;
  if (left === 0) return `${share} No flag is left to decide.`;
  return `${share} ${count(left)} flagged ${left === 1 ? "remains" : "remain"}; they rank lower, so expect at most about that share of them to be wrong.`;
}

/** What the random sample says about all labels: its start up to the first undecided one. */
function labelErrors(review) {
  const decisions = review.data.drawn.map((index) => review.decisions.of(review.cards[index]));
  const open = decisions.findIndex((decision) => !decision);
  const start = open < 0 ? decisions : decisions.slice(0, open);
  const share = shareWrong(start);
  const later = decisions.slice(start.length).filter(Boolean).length;
  const notes = [];
  if (start.length > share.n) notes.push(`${count(start.length - share.n)} skipped left out.`);
  if (later) notes.push(`${count(later)} decided further on will count once those before are decided.`);
  if (share.n < ENOUGH) {
    return ["Decide them in this order: each says something about all labels.", ...notes].join(" ");
  }
  const all = review.data.counts.labelled;
  const low = Math.max(share.k, Math.floor(share.low * all));
  const high = Math.ceil(share.high * all);
  return [
    `${share.k} of ${share.n} drawn at random had a wrong label: ${percent(share.k / share.n)} (95 % interval ${percent(share.low)} to ${percent(share.high)}, Wilson) of all ${count(all)} labels, or ${count(low)} to ${count(high)} of them.`,
    ...notes,
  ].join(" ");
}

// ----------------------------------------------------------------------------------- decisions

/** The decisions on this report, kept in this browser under the report's key. */
class Decisions {
  /** @type {Map<number, Decision>} */
  #made = new Map();
  #past = [];
  #key;
  /** Whether the browser keeps them. */
  kept = true;

  constructor(key) {
    this.#key = `cgaudit:${key}`;
    this.read();
  }

  /** @returns {Decision|undefined} */
  of(card) {
    return this.#made.get(card.index);
  }

  get size() {
    return this.#made.size;
  }

  decide(card, decision) {
    this.decideAll([[card, decision]]);
  }

  /** @param {[Card, Decision][]} pairs */
  decideAll(pairs) {
    for (const [card, decision] of pairs) {
      this.#past.push([card.index, this.#made.get(card.index)]);
      this.#set(card.index, decision);
    }
    this.#write();
  }

  /** Take the last decision back; return the index of its sample, or null. */
  undo() {
    const last = this.#past.pop();
    if (!last) return null;
    this.#set(...last);
    this.#write();
    return last[0];
  }

  forget() {
    this.#made.clear();
    this.#past = [];
    this.#write();
  }

  /** Read what this browser keeps, as another tab may have written it. */
  read() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.#key) ?? "[]");
      this.#made = new Map(kept);
    } catch {
      this.kept = false;
    }
  }

  #set(index, decision) {
    if (decision) this.#made.set(index, decision);
    else this.#made.delete(index);
  }

  #write() {
    try {
      localStorage.setItem(this.#key, JSON.stringify([...this.#made]));
    } catch {
      this.kept = false;
    }
  }
}

/** The rows of the file that `cgaudit apply` reads; what was skipped is not decided. */
function fixes(review) {
  return review.cards
    .map((card) => [card, review.decisions.of(card)])
    .filter(([, decision]) => decision && ACTIONS.includes(decision.action))
    .map(([card, decision]) => ({
      id: card.id,
      action: decision.action,
      ...(decision.action === "relabel" && { label: decision.label }),
      given_label: review.label(card.given),
      ...(card.hash !== null && { content_hash: card.hash }),
    }));
}

/** Take decisions from such a file; return a sentence about what became of them. */
function takeFixes(review, text) {
  const rows = JSON.parse(text);
  if (!Array.isArray(rows)) throw new Error("it holds no list of decisions");
  const byId = new Map(review.cards.map((card) => [card.id, card]));
  const taken = [];
  let changed = 0;
  for (const row of rows) {
    const card = byId.get(row?.id);
    if (!card || !ACTIONS.includes(row.action)) continue;
    if ((row.given_label ?? review.label(card.given)) !== review.label(card.given)) changed += 1;
    else if (row.action === "relabel" && typeof row.label !== "string") continue;
    else {
      const label = row.action === "relabel" ? { label: row.label } : {};
      taken.push([card, { action: row.action, ...label }]);
    }
  }
  review.decisions.decideAll(taken);
  const parts = [`${count(taken.length)} of ${count(rows.length)} decisions loaded.`];
  if (changed) parts.push(`${count(changed)} were made on another label than this report's.`);
  const absent = rows.length - taken.length - changed;
  if (absent) parts.push(`${count(absent)} are not on samples shown here.`);
  return parts.join(" ");
}

function download(review) {
  const rows = fixes(review).map((row) => `  ${JSON.stringify(row)}`);
  const file = new Blob([`[\n${rows.join(",\n")}\n]\n`], { type: "application/json" });
  const link = make("a", { href: URL.createObjectURL(file), download: "fixes.json" });
  link.click();
  URL.revokeObjectURL(link.href);
}

// ------------------------------------------------------------------------------------- filters

/** What the filter form asks for, as a test of a card. */
function asked(form, decisions) {
  const field = (name) => form.elements[name].value;
  const [given, suggested, decision] = [field("given"), field("suggested"), field("decision")];
  const low = field("low") === "" ? -Infinity : Number(field("low"));
  const high = field("high") === "" ? Infinity : Number(field("high"));
  const id = field("id").trim().toLowerCase();
  const flagged = form.elements.flagged.checked;
  return (card) =>
    (given === "" || card.given === Number(given)) &&
    (suggested === "" || card.suggested === Number(suggested)) &&
    (!flagged || card.flagged) &&
    (card.score === null || (card.score >= low && card.score <= high)) &&
    (id === "" || (card.id ?? "").toLowerCase().includes(id)) &&
    (decision === "" || (decisions.of(card)?.action ?? "open") === decision);
}

// -------------------------------------------------------------------------------------- review

/** The review: which samples there are, which of them are asked for, which one is on the desk. */
class Review {
  /** @type {Card[]} what the filters ask for, in order */
  queue = [];
  /** @type {Card|null} */
  current = null;
  /** @type {"worst"|"random"} */
  mode = "worst";
  #shown = STEP;

  constructor(data, key, nodes, pictures) {
    this.data = data;
    this.decisions = new Decisions(key);
    this.pictures = pictures;
    /** @type {Card[]} */
    this.cards = nodes.map((node, index) => ({
      index,
      node,
      id: data.id[index],
      hash: data.hash[index],
      given: data.given[index],
      suggested: data.suggested[index],
      flagged: Boolean(data.flagged[index]),
      score: data.score[index],
      top: data.top[index],
      odds: data.odds[index],
    }));
    this.byNode = new Map(this.cards.map((card) => [card.node, card]));
  }

  /** The label of a class as it is in the data; null where it is too long for this page. */
  label(code) {
    return this.data.labels[code] ?? null;
  }

  /** The cards of this mode, in its order. */
  get pool() {
    if (this.mode === "worst") return this.cards.slice(0, this.data.worst);
    return this.data.drawn.map((index) => this.cards[index]);
  }

  /** Ask anew which cards fit; keep the current one where it still does. */
  filter() {
    this.queue = this.pool.filter(asked($("filters"), this.decisions));
    this.#shown = STEP;
    if (!this.queue.includes(this.current)) this.current = this.#firstOpen(0);
    this.draw();
  }

  /** Put a card on the desk. */
  open(card, { follow = true } = {}) {
    this.current = card;
    while (this.queue.indexOf(card) >= this.#shown) this.#shown += STEP;
    this.draw();
    if (follow && deskIsBeside()) card.node.scrollIntoView({ block: "nearest" });
  }

  step(by) {
    const at = this.queue.indexOf(this.current) + by;
    if (at >= 0 && at < this.queue.length) this.open(this.queue[at]);
  }

  showMore() {
    this.#shown += STEP;
    this.draw();
  }

  /** Decide on the current sample and go on to the next open one. */
  decide(decision) {
    const card = this.current;
    if (!card || !this.#decidable(card, decision)) return;
    const after = this.queue.indexOf(card) + 1;
    this.decisions.decide(card, decision);
    say(`${card.id}: ${inWords(decision)}.`);
    const next = this.#firstOpen(after);
    this.queue = this.queue.filter(
      (other) => other !== card || asked($("filters"), this.decisions)(other),
    );
    this.open(next ?? this.queue.at(-1) ?? null);
  }

  undo() {
    const index = this.decisions.undo();
    if (index === null) return say("There is nothing to undo.");
    const card = this.cards[index];
    say(`${card.id}: taken back.`);
    if (!this.queue.includes(card)) this.filter();
    if (this.queue.includes(card)) this.open(card);
    else this.draw();
  }

  draw() {
    drawGallery(this, this.queue.slice(0, this.#shown));
    drawDesk(this);
    drawTally(this);
  }

  #firstOpen(from) {
    const open = (card) => !this.decisions.of(card);
    return this.queue.slice(from).find(open) ?? this.queue.find(open) ?? this.queue[0] ?? null;
  }

  /** A decision needs the exact id and labels, and a label that there is. */
  #decidable(card, decision) {
    if (card.id === null || this.label(card.given) === null) {
      say("This sample's id or label is too long to be decided on here.");
      return false;
    }
    return decision.action !== "relabel" || typeof decision.label === "string";
  }
}

const say = (words) => void ($("said").textContent = words);

/** Whether the desk stands beside the gallery, not above it. */
const deskIsBeside = () => getComputedStyle($("desk")).position === "sticky";

function inWords(decision) {
  const words = { keep: "kept", drop: "dropped", skip: "skipped" };
  return decision.action === "relabel" ? `changed to ${decision.label}` : words[decision.action];
}

// ------------------------------------------------------------------------------------- drawing

/** Show cards in the gallery: what they were decided to be, and which one is on the desk. */
function drawGallery(review, cards) {
  const gallery = $("gallery");
  const nodes = cards.map((card) => card.node);
  const there = gallery.children;
  if (nodes.length !== there.length || nodes.some((node, at) => node !== there[at])) {
    gallery.replaceChildren(...nodes);
  }
  review.pictures.fill(nodes);
  for (const card of cards) markCard(card, review.decisions.of(card), card === review.current);
  $("nothing").hidden = review.queue.length > 0;
  $("more").hidden = review.queue.length <= cards.length;
  const pool = review.pool.length;
  $("status").textContent =
    review.queue.length === pool ? samples(pool) : `${count(review.queue.length)} of ${samples(pool)}`;
}

/** Give a card its button, its decision and its frame. */
function markCard(card, decision, current) {
  const node = card.node;
  let button = node.querySelector(".open");
  if (!button) {
    const rank = node.querySelector(".id b").textContent;
    const label = `Put sample ${rank} on the desk`;
    button = make("button", { type: "button", className: "open", "aria-label": label });
    node.append(button, make("p", { className: "stamp" }));
  }
  node.dataset.decision = decision?.action ?? "";
  const stamp = decision ? inWords(decision) : "";
  if (node.lastChild.textContent !== stamp) node.lastChild.textContent = stamp;
  if (current) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
}

/** Lay the current sample out on the desk. */
function drawDesk(review) {
  const card = review.current;
  $("desk").classList.toggle("bare", !card);
  if (!card) return void ($("exhibit").textContent = "No sample here fits the filters.");
  const at = review.queue.indexOf(card) + 1;
  const decision = review.decisions.of(card);
  $("place").replaceChildren(
    make("b", {}, `${count(at)} of ${count(review.queue.length)}`), " · ",
    make("span", { id: "decided" }, decision ? inWords(decision) : "not decided"), " · ",
    make("bdi", {}, card.node.querySelector(".id bdi").textContent),
  );
  if ($("exhibit").dataset.card !== String(card.index)) {
    review.pictures.need(card.node);
    const parts = Array.from(card.node.children, (part) => part.cloneNode(true));
    $("exhibit").replaceChildren(...parts.filter((part) => !part.matches(".id, .open, .stamp")));
    $("exhibit").dataset.card = card.index;
    $("exhibit").classList.toggle("fine", !card.flagged);
    $("label").value = "";
    $("label-problem").textContent = "";
    drawChoices(review, card);
  }
  drawDecision(review, card, decision);
}

/** Press the button of what was decided, and offer what can be. */
function drawDecision(review, card, decision) {
  const suggested = review.label(card.suggested);
  const agrees = card.suggested === card.given;
  $("accepts").textContent = suggested;
  $("keeps").textContent = review.label(card.given);
  const accepted = decision?.action === "relabel" && decision.label === suggested;
  for (const button of $("actions").children) {
    const action = button.dataset.do;
    const chosen = action === "accept" ? accepted : action === decision?.action;
    if (action !== "undo") button.setAttribute("aria-pressed", String(Boolean(chosen)));
    if (action === "accept") button.hidden = agrees;
  }
  for (const button of $("choices").children) {
    const chosen = decision?.action === "relabel" && decision.label === button.dataset.label;
    button.setAttribute("aria-pressed", String(Boolean(chosen)));
  }
}

/** Offer the most probable labels beside the given and the suggested one, each with its key. */
function drawChoices(review, card) {
  const choices = card.top
    .map((code, at) => ({ label: review.label(code), odds: card.odds[at], code }))
    .filter(({ label, code }) => label !== null && code !== card.given && code !== card.suggested);
  const byName = namesAreDigits(review);
  $("choices").replaceChildren(
    ...choices.map(({ label, odds }, at) => {
      const key = byName ? (/^\d$/.test(label) ? label : "") : String(at + 1);
      const button = make("button", { type: "button", "data-label": label, "data-key": key });
      if (key) button.append(make("kbd", { "aria-hidden": "true" }, key), " ");
      button.append(make("bdi", { title: label }, label), " ", make("span", { className: "soft" }, percent(odds)));
      return button;
    }),
  );
}

/** Where classes are called 0 to 9, the key of a digit means that class, not a place in a list. */
function namesAreDigits(review) {
  review.digits ??= Object.values(review.data.labels).some((label) => /^\d$/.test(label ?? ""));
  return review.digits;
}

/** Count what is decided and what that says about the rest. */
function drawTally(review) {
  const pool = review.pool;
  const decisions = pool.map((card) => review.decisions.of(card)).filter(Boolean);
  const tally = { relabel: 0, keep: 0, drop: 0, skip: 0 };
  for (const decision of decisions) tally[decision.action] += 1;
  const named = { relabel: "changed", keep: "kept", drop: "dropped", skip: "skipped" };
  const parts = Object.entries(tally).filter(([, n]) => n).map(([action, n]) => `${n} ${named[action]}`);
  const detail = parts.length ? `: ${parts.join(", ")}` : "";
  $("tally").textContent = `${count(decisions.length)} of ${count(pool.length)} decided${detail}`;
  $("progress").max = Math.max(1, pool.length);
  $("progress").value = decisions.length;
  const unkept = review.decisions.kept ? "" : " This browser keeps no data for this file: download before you leave.";
  $("estimate").textContent = (review.mode === "worst" ? remainingFlags(review) : labelErrors(review)) + unkept;
  const n = fixes(review).length;
  $("download").textContent = n ? `Download ${count(n)} ${n === 1 ? "decision" : "decisions"}` : "Download decisions";
  $("download").disabled = n === 0;
  $("forget").disabled = review.decisions.size === 0;
  $("so-far").textContent = review.decisions.size ? `${count(review.decisions.size)} decided so far` : "";
}

// ----------------------------------------------------------------------------------- controls

/** What the keys and the buttons of the desk do. */
function controls(review) {
  const relabel = (label) => review.decide({ action: "relabel", label });
  return {
    accept: () => {
      const card = review.current;
      if (card && card.suggested !== card.given) relabel(review.label(card.suggested));
    },
    keep: () => review.decide({ action: "keep" }),
    drop: () => review.decide({ action: "drop" }),
    skip: () => review.decide({ action: "skip" }),
    undo: () => review.undo(),
    previous: () => review.step(-1),
    next: () => review.step(1),
    find: () => $("filters").elements.id.focus(),
    type: () => $("label").focus(),
    relabel,
  };
}

const KEYS = {
  a: "accept", k: "keep", d: "drop", s: "skip", u: "undo", l: "type", "/": "find",
  ArrowLeft: "previous", ArrowRight: "next",
};

/** Whether a key pressed there is meant for a field. */
const isTyping = (target) => target.closest("input:not([type=checkbox]), select, textarea");

function inView(element) {
  const box = element.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight;
}

function listenToKeys(review, act) {
  document.addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "Escape" && isTyping(event.target)) return $("desk").focus({ preventScroll: true });
    if (!plain || !$("keys").checked || isTyping(event.target) || !inView($("desk"))) return;
    if (KEYS[key]) act[KEYS[key]]();
    else if (/^\d$/.test(key)) chooseByDigit(review, act, key);
    else return;
    event.preventDefault();
  });
}

function chooseByDigit(review, act, digit) {
  if (namesAreDigits(review)) {
    if (Object.values(review.data.labels).includes(digit)) setLabel(review, act, digit);
  } else {
    $("choices").querySelector(`[data-key="${digit}"]`)?.click();
  }
}

/** Set a label that was typed or named by its key; the given one means to keep it. */
function setLabel(review, act, label) {
  const known = Object.values(review.data.labels).includes(label);
  if (label === "" || (!known && review.data.complete)) {
    $("label-problem").textContent = label === "" ? "Type a label." : `No class is called “${label}”.`;
    return;
  }
  $("label-problem").textContent = "";
  if (label === review.label(review.current?.given)) act.keep();
  else act.relabel(label);
}

function listenToDesk(review, act) {
  $("desk").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.do) act[button.dataset.do]();
    else if (button?.dataset.label !== undefined) act.relabel(button.dataset.label);
  });
  $("another").addEventListener("submit", (event) => {
    event.preventDefault();
    setLabel(review, act, $("label").value);
    if (!$("label-problem").textContent) $("desk").focus({ preventScroll: true });
  });
  $("label").addEventListener("focus", () => {
    const labels = Object.values(review.data.labels).filter((label) => label !== null);
    $("labels").append(...labels.map((label) => make("option", { value: label })));
  }, { once: true });
}

function listenToGallery(review) {
  $("gallery").addEventListener("click", (event) => {
    const card = review.byNode.get(event.target.closest(".open")?.parentElement);
    if (!card) return;
    review.open(card, { follow: false });
    if (!deskIsBeside()) $("desk").scrollIntoView({ block: "start" });
  });
  $("more").addEventListener("click", () => review.showMore());
}

function listenToFilters(review) {
  const form = $("filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => refilter(review));
  form.addEventListener("reset", () => setTimeout(() => refilter(review)));
  $("modes").addEventListener("click", (event) => {
    const mode = event.target.closest("button")?.dataset.mode;
    if (mode && mode !== review.mode) setMode(review, mode);
  });
}

/** Review the most suspicious samples, or those drawn at random. */
function setMode(review, mode) {
  review.mode = mode;
  review.current = null;
  for (const button of $("modes").children) {
    button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  }
  const random = mode === "random";
  $("samples-title").textContent = random ? "A random sample" : "Most suspicious samples";
  $("samples-say").textContent = random ? RANDOM_SAYS : review.says;
  refilter(review);
}

const RANDOM_SAYS =
  "Drawn from all labelled samples, whatever their scores: the share of wrong labels among them estimates the share in the whole data.";

function refilter(review) {
  review.filter();
  markPairs(review);
}

function listenToFiles(review) {
  $("download").addEventListener("click", () => download(review));
  $("load").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    event.target.value = "";
    if (!file) return;
    try {
      say(takeFixes(review, await file.text()));
    } catch (error) {
      say(`${file.name} cannot be loaded: ${error.message}.`);
    }
    review.filter();
  });
  $("forget").addEventListener("click", () => {
    if (!confirm("Forget all decisions made on this report in this browser?")) return;
    review.decisions.forget();
    review.filter();
  });
  addEventListener("storage", () => {
    review.decisions.read();
    review.draw();
  });
}

// ----------------------------------------------------------------------------- confused pairs

/** Make the cells of the heat map and the ranked pairs buttons that filter the gallery. */
function offerPairs(review) {
  const heads = document.querySelectorAll(".heatmap thead th bdi");
  for (const cell of document.querySelectorAll(".heatmap td[data-g]")) {
    const given = cell.parentElement.querySelector("th bdi").textContent;
    const suggested = heads[cell.cellIndex - 1].textContent;
    const button = offerPair(review, cell);
    button.title = `${given} → ${suggested}: ${cell.title}`;
    button.setAttribute("aria-label", `${given}, suggested ${suggested}: ${cell.title}`);
    cell.removeAttribute("title");
  }
  for (const item of document.querySelectorAll(".ranking li")) offerPair(review, item);
}

function offerPair(review, place) {
  const button = make("button", { type: "button", className: "pick" });
  button.append(...place.childNodes);
  place.append(button);
  button.addEventListener("click", () => {
    choosePair(review, button.getAttribute("aria-pressed") === "true" ? null : place.dataset);
  });
  return button;
}

/** Filter by a pair of classes, or by none; show the result unless a pair was taken back. */
function choosePair(review, pair) {
  const { given, suggested, flagged } = $("filters").elements;
  for (const [select, code] of [[given, pair?.g], [suggested, pair?.p]]) {
    // A pair may have no sample among those shown; the filter is to find none then.
    if (code !== undefined && !select.querySelector(`option[value="${code}"]`)) {
      select.append(make("option", { value: code }, review.label(code) ?? `class ${code}`));
    }
    select.value = code ?? "";
  }
  flagged.checked = pair !== null;
  setMode(review, "worst");
  if (pair) $("bench").scrollIntoView();
}

/** Press the buttons of the pair that the filters name, and say how much of it is shown. */
function markPairs(review) {
  const { given, suggested, flagged } = $("filters").elements;
  let says = "";
  for (const button of document.querySelectorAll("button.pick")) {
    const { g, p, n } = button.parentElement.dataset;
    const chosen = flagged.checked && g === given.value && p === suggested.value;
    button.setAttribute("aria-pressed", String(chosen));
    if (chosen) says = `${n} flagged in all of this pair`;
  }
  $("pair").textContent = says && review.mode === "worst" ? `, ${says}` : "";
}

// --------------------------------------------------------------------------------------- start

function startReview(pictures) {
  const source = $("review-data");
  const nodes = Array.from(document.querySelectorAll("#gallery > li, #drawn > li"));
  if (!nodes.length) return pictures.fill([]);
  const review = new Review(JSON.parse(source.textContent), source.dataset.key, nodes, pictures);
  review.says = $("samples-say").textContent;
  $("random")?.remove();
  const { given, suggested } = $("filters").elements;
  const label = (code) => review.label(code) ?? `class ${code}`;
  offerClasses(given, review.cards.map((card) => card.given), label);
  offerClasses(suggested, review.cards.map((card) => card.suggested), label);
  offerPairs(review);
  const act = controls(review);
  listenToKeys(review, act);
  listenToDesk(review, act);
  listenToGallery(review);
  listenToFilters(review);
  listenToFiles(review);
  refilter(review);
}

document.addEventListener("DOMContentLoaded", () => {
  const pictures = new Pictures(Array.from(document.querySelectorAll(".sets > li, .odd > li")));
  sortByHeads($("health"));
  startReview(pictures);
  document.documentElement.classList.add("ready");
});
