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

/** Decisions up to the first sample that has none, and how many were made further on. */
function startOf(cards, decisions) {
  const made = cards.map((card) => decisions.of(card));
  const open = made.findIndex((decision) => !decision);
  const start = open < 0 ? made : made.slice(0, open);
  return { start, later: made.slice(start.length).filter(Boolean).length };
}

const laterNote = (n) => (n ? `${count(n)} decided further on will count once those before are decided.` : "");

/**
 * What the decided flags say about those that remain: those before the first open one, of which the
 * last few are the nearest in rank to what comes next.
 */
function remainingFlags(review) {
  const flagged = review.cards.slice(0, review.data.worst).filter((card) => card.flagged);
  if (!flagged.length) return "Nothing is flagged: these are the samples that the rest of the data supports least.";
  const { start, later } = startOf(flagged, review.decisions);
  const judged = start.filter((decision) => decision.action !== "skip");
  const needed = Math.min(ENOUGH, flagged.length) - judged.length;
  if (needed > 0 && start.length < flagged.length) {
    const more = `After ${needed} more ${needed === 1 ? "decision" : "decisions"} on flagged samples, from the top, this says what to expect of the rest.`;
    return `${more} ${laterNote(later)}`.trim();
  }
  if (!judged.length) return "";
  const last = shareWrong(judged.slice(-WINDOW));
  const share = `${last.k} of the last ${last.n} flags, by rank, had a wrong label: ${percent(last.k / last.n)} (95 % interval ${percent(last.low)} to ${percent(last.high)}, Wilson).`;
  return [share, expected(review.data.counts.flagged - start.length, last), laterNote(later)].filter(Boolean).join(" ");
}

/** How many wrong labels to expect among the flags that remain; they rank lower. */
function expected(left, last) {
  if (left === 0) return "No flag is left to decide.";
  const next = Math.min(left, WINDOW);
  const [low, high] = [Math.floor(last.low * next), Math.ceil(last.high * next)];
  const range = low === high ? low : `${low} to ${high}`;
  const rest = left > next ? `, and no larger share of the ${count(left)} that remain: they rank lower` : "";
  return `Expect about ${range} wrong among the next ${next}${rest}. Stop when that is not worth your time.`;
}

/** What the random sample says about all labels: its start up to the first undecided one. */
function labelErrors(review) {
  const { start, later } = startOf(review.pool, review.decisions);
  const share = shareWrong(start);
  const notes = [];
  if (start.length > share.n) notes.push(`${count(start.length - share.n)} skipped left out.`);
  if (later) notes.push(laterNote(later));
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
    this.#past.push(pairs.map(([card]) => [card.index, this.#made.get(card.index)]));
    for (const [card, decision] of pairs) this.#set(card.index, decision);
    this.#write();
  }

  /** Take the last decision back, or all that one file brought; return the samples' indices. */
  undo() {
    const last = this.#past.pop() ?? [];
    for (const [index, decision] of last) this.#set(index, decision);
    this.#write();
    return last.map(([index]) => index);
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

/** Read such a file. */
function decisionsIn(text) {
  let rows = null;
  try {
    rows = JSON.parse(text);
  } catch {
    // Said below: what a parser reports means nothing to a reviewer.
  }
  if (!Array.isArray(rows)) throw new Error("it is not a file of decisions that this page downloads (JSON)");
  return rows;
}

/** Take decisions from such a file; return a sentence about what became of them. */
function takeFixes(review, text) {
  const rows = decisionsIn(text);
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
  const replaced = taken.filter(([card]) => review.decisions.of(card)).length;
  if (taken.length) review.decisions.decideAll(taken);
  const parts = [`${count(taken.length)} of ${count(rows.length)} decisions loaded.`];
  if (replaced) parts.push(`${count(replaced)} took the place of one made here; Undo takes the file back.`);
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
    if (!this.queue.includes(this.current)) {
      // Whoever filters wants to see what is found, decided or not.
      const sought = this.queue.length < this.pool.length ? (this.queue[0] ?? null) : null;
      this.current = this.#firstOpen(0) ?? sought;
    }
    this.draw();
  }

  /** Put a card on the desk. */
  open(card, { follow = true } = {}) {
    this.current = card;
    while (this.queue.indexOf(card) >= this.#shown) this.#shown += STEP;
    this.draw();
    if (card && follow && deskIsBeside()) card.node.scrollIntoView({ block: "nearest" });
  }

  step(by) {
    const from = this.current ? this.queue.indexOf(this.current) : this.queue.length;
    const at = from + by;
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
    const next = this.#firstOpen(after);
    this.queue = this.queue.filter(
      (other) => other !== card || asked($("filters"), this.decisions)(other),
    );
    // Where none is open the desk stays empty: another key must not decide again on a decided one.
    this.open(next);
    say(`${card.id}: ${inWords(decision)}.`, next ? inBrief(this, next) : "No sample is left to decide.");
  }

  undo() {
    const undone = this.decisions.undo();
    if (!undone.length) return say("There is nothing to undo.");
    const card = this.cards[undone[0]];
    say(undone.length === 1 ? `${card.id}: taken back.` : `${count(undone.length)} decisions taken back.`);
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
    return this.queue.slice(from).find(open) ?? this.queue.find(open) ?? null;
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

/** Say what happened; a screen reader also hears the rest. */
const say = (words, rest = "") => $("said").replaceChildren(words, make("span", { className: "vh" }, ` ${rest}`));

/** Say what became of a file, beside the buttons for files. */
const filed = (words) => void ($("filed").textContent = words);

/** What is on the desk, for those who do not see it. */
function inBrief(review, card) {
  const suggested = card.suggested === card.given ? "no better class" : `suggested ${review.label(card.suggested)}`;
  return `Next: ${review.queue.indexOf(card) + 1} of ${review.queue.length}, ${review.label(card.given)}, ${suggested}.`;
}

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
  if (!card) return drawBareDesk(review);
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
    letKeysScroll($("exhibit").querySelector("blockquote"));
    $("exhibit").classList.toggle("fine", !card.flagged);
    $("label").value = "";
    $("label-problem").textContent = "";
    drawChoices(review, card);
  }
  drawDecision(review, card, decision);
}

/** Let a long text be reached by Tab, so that the keyboard can scroll it. */
function letKeysScroll(text) {
  if (!text || text.scrollHeight <= text.clientHeight) return;
  text.tabIndex = 0;
  text.setAttribute("role", "region");
  text.setAttribute("aria-label", "The sample's text");
}

/** Say why no sample is on the desk. */
function drawBareDesk(review) {
  delete $("exhibit").dataset.card;
  $("exhibit").textContent = review.queue.length
    ? "All of these are decided. Download the decisions, choose a sample to look at it again, or press U to take the last one back."
    : "There is no sample to decide on here.";
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
    button.title = button.querySelector("span").textContent;
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
  const named = { relabel: "changed", keep: "kept", drop: "dropped" };
  const parts = Object.entries(named).filter(([action]) => tally[action]).map(([action, name]) => `${tally[action]} ${name}`);
  const detail = parts.length ? `: ${parts.join(", ")}` : "";
  const decided = decisions.length - tally.skip;
  const skipped = tally.skip ? `; ${tally.skip} skipped` : "";
  $("tally").textContent = `${count(decided)} of ${count(pool.length)} decided${detail}${skipped}`;
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
      if (!card) return;
      if (card.suggested === card.given) say("No other class is suggested here: K keeps the label.");
      else relabel(review.label(card.suggested));
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
const isTyping = (target) => target.closest("input:not([type=checkbox], [type=radio]), select, textarea");

/** Whether a key moves between the choices of a field that is focused. */
const choosesThere = (target, key) => target.type === "radio" && key.startsWith("Arrow");

/** Whether enough of an element is seen to know what a key would decide on. */
function inSight(element) {
  const box = element.getBoundingClientRect();
  const seen = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
  return seen >= Math.min(box.height, innerHeight) / 2;
}

function listenToKeys(review, act) {
  document.addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "Escape" && isTyping(event.target)) return $("desk").focus({ preventScroll: true });
    if (!plain || !$("keys").checked || !inSight($("desk"))) return;
    if (isTyping(event.target) || choosesThere(event.target, key)) return;
    // A key held down moves on, but decides once.
    if (event.repeat && !key.startsWith("Arrow")) return;
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
    if (!mode || mode === review.mode) return;
    setMode(review, mode);
    $("desk").scrollIntoView({ block: "nearest" });
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
  $("samples-say").textContent = random ? review.randomSays : review.says;
  refilter(review);
}

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
      filed(takeFixes(review, await file.text()));
    } catch (error) {
      filed(`${file.name} cannot be loaded: ${error.message}.`);
    }
    review.filter();
  });
  $("forget").addEventListener("click", () => {
    if (!confirm("Forget all decisions made on this report in this browser?")) return;
    review.decisions.forget();
    filed("");
    say("");
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
    if (chosen) says = `${n} flagged in all of this pair${count(review.queue.length) === n ? "" : "; a larger report.samples shows more"}`;
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
  review.randomSays = $("drawn-say")?.textContent;
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
