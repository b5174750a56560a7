// The page says everything without this script. With it the relabelled samples filter, the class
// table sorts, and long galleries are laid out in portions.

/** Cards of a gallery before more are asked for. */
const FIRST = 24;

/** One gallery: the cards that are asked for, the first of them laid out. */
class Shelf {
  #list;
  #more;
  #cards;
  #asked;
  #most = FIRST;

  constructor(element, redraw) {
    this.#list = element.querySelector(".gallery");
    this.#more = element.querySelector(".more");
    this.#cards = Array.from(this.#list.children);
    this.#asked = this.#cards;
    this.#more.addEventListener("click", () => {
      this.#most += STEP;
      redraw();
    });
  }

  get cards() {
    return this.#cards;
  }

  /** Ask for the cards that pass a test; return how many do. */
  ask(test) {
    this.#asked = this.#cards.filter(test);
    this.#most = FIRST;
    return this.#asked.length;
  }

  /** Let everything that is asked for be laid out: paper has no button for more. */
  unroll() {
    this.#most = Infinity;
  }

  /** Lay out what is asked for; return these cards. */
  draw() {
    const shown = this.#asked.slice(0, this.#most);
    this.#list.replaceChildren(...shown);
    const left = this.#asked.length - shown.length;
    this.#more.hidden = left === 0;
    this.#more.firstElementChild.textContent =
      left > STEP ? `Show ${count(STEP)} more of ${count(left)}` : `Show the other ${count(left)}`;
    return shown;
  }
}

const text = (card, part) => card.querySelector(part).textContent;

/** What the form and the pressed verdict ask for, as a test of a card. */
function asked(form) {
  const verdict = form.querySelector(".modes [aria-pressed=true]").dataset.verdict;
  const [from, to] = ["from", "to"].map((name) => form.elements[name].value);
  const id = form.elements.id.value.trim().toLowerCase();
  return (card) =>
    (verdict === "" || card.dataset.verdict === verdict) &&
    (from === "" || text(card, ".from") === from) &&
    (to === "" || text(card, ".to") === to) &&
    (id === "" || text(card, ".id").toLowerCase().includes(id));
}

function press(form, pressed) {
  for (const button of form.querySelectorAll(".modes button")) {
    button.setAttribute("aria-pressed", String(button === pressed));
  }
}

/** Let the form decide which cards are on the shelf. */
function listenToFilters(form, shelf, redraw) {
  const all = shelf.cards.length;
  const refilter = () => {
    const n = shelf.ask(asked(form));
    $("status").textContent = n === all ? samples(all) : `${count(n)} of ${samples(all)}`;
    $("nothing").hidden = n > 0;
    redraw();
  };
  for (const side of ["from", "to"]) {
    offerClasses(form.elements[side], shelf.cards.map((card) => text(card, `.${side}`)), String);
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", refilter);
  form.addEventListener("click", (event) => {
    const button = event.target.closest(".modes button");
    if (!button) return;
    press(form, button);
    refilter();
  });
  form.addEventListener("reset", () => {
    press(form, form.querySelector(".modes button"));
    setTimeout(refilter);
  });
  refilter();
}

document.addEventListener("DOMContentLoaded", () => {
  // Before the pictures listen too, and make all that are laid out.
  addEventListener("beforeprint", () => {
    for (const shelf of shelves) shelf.unroll();
    redraw();
  });
  const pictures = new Pictures();
  const redraw = () => pictures.fill(shelves.flatMap((shelf) => shelf.draw()));
  const shelves = Array.from(document.querySelectorAll(".shelf"), (place) => new Shelf(place, redraw));
  if ($("filters")) listenToFilters($("filters"), shelves[0], redraw);
  else redraw();
  if ($("health")) sortByHeads($("health"));
  document.documentElement.classList.add("ready");
});
