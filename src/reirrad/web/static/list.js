import { answered, neededSession } from "./api.js";
import { arranged, caseTable } from "./case_table.js";
import { confirmed } from "./dialogs.js";
import { byId, labelled, problemList } from "./elements.js";
import { problemsIn } from "./http.js";
import { followProgress } from "./progress.js";
import { rightsOf } from "./rights.js";
import { personCorner } from "./site_bar.js";
import { WORDS } from "./texts_server.js";
import { uploadPanel } from "./upload_panel.js";
import { made } from "./viewer/nodes.js";

/** @typedef {import("./case_table.js").CaseLine} CaseLine */

/** @type {CaseLine[]} */
let lines = [];
/** @type {{ column: import("./case_table.js").Column, down: boolean }} */
let order = { column: "created", down: true };
let mayRemove = false;

const filter = made("input", { type: "search", id: "filter", placeholder: WORDS.list.filterHint });
const shownCount = made("span", { class: "hint", role: "status" });
const tablePlace = made("div", { class: "table-place" }, made("p", { class: "hint" }, WORDS.list.loading));
const connection = made("p", { class: "connection", role: "status", hidden: true }, WORDS.site.lost);
const notices = made("div", {});

/** Draw the table as it stands; the focus stays on the same control. */
function drawTable() {
  const held = focusKey(document.activeElement);
  const shown = arranged([...lines], filter.value, order);
  shownCount.textContent = lines.length === 0 ? "" : WORDS.list.counted(shown.length, lines.length);
  tablePlace.replaceChildren(tableOrWords(shown));
  if (held !== null) {
    /** @type {HTMLElement | null} */ (tablePlace.querySelector(held))?.focus();
  }
}

/**
 * @param {CaseLine[]} shown
 * @returns {HTMLElement}
 */
function tableOrWords(shown) {
  if (lines.length === 0) {
    const title = made("h2", {}, WORDS.list.emptyTitle);
    return made("div", { class: "empty" }, title, made("p", {}, WORDS.list.empty));
  }
  if (shown.length === 0) {
    return made("p", { class: "empty" }, WORDS.list.noMatch);
  }
  return caseTable(shown, order, sortBy, mayRemove ? removeCase : null);
}

/**
 * A selector that finds the focused control again in a new table.
 *
 * @param {Element | null} focused
 * @returns {string | null}
 */
function focusKey(focused) {
  if (focused === null || !tablePlace.contains(focused)) {
    return null;
  }
  const column = focused.getAttribute("data-sort");
  if (column !== null) {
    return `[data-sort="${column}"]`;
  }
  const row = focused.closest("[data-case]")?.getAttribute("data-case");
  return `[data-case="${row}"] ${focused.tagName === "A" ? "a" : "button"}`;
}

/** @param {import("./case_table.js").Column} column */
function sortBy(column) {
  order = { column, down: order.column === column ? !order.down : column === "created" };
  drawTable();
}

/** @param {CaseLine} line */
async function removeCase(line) {
  const label = line.label ?? WORDS.list.unnamed;
  if (!(await confirmed(WORDS.list.removeTitle(label), WORDS.list.removeText, WORDS.list.remove))) {
    return;
  }
  await withNotices(async () => {
    await answered("DELETE", `/api/cases/${line.id}`);
    await readList();
    filter.focus();
  });
}

/** @param {() => Promise<void>} work */
async function withNotices(work) {
  try {
    notices.replaceChildren();
    await work();
  } catch (fault) {
    notices.replaceChildren(problemList(problemsIn(fault)));
  }
}

async function readList() {
  lines = await answered("GET", "/api/cases");
  drawTable();
}

/** @param {import("./server_types.js").StepSeen} step */
function takeStep(step) {
  const line = lines.find((one) => one.id === step.case);
  if (line === undefined || step.version > line.version) {
    withNotices(readList);
  } else if (step.version === line.version && step.state !== line.state) {
    line.state = step.state;
    line.problems = step.problems;
    line.step = step.step;
    if (step.state === "done" || step.state === "failed") {
      withNotices(readList);
    } else {
      drawTable();
    }
  } else if (step.version === line.version && step.step !== line.step) {
    line.step = step.step;
    const words = tablePlace.querySelector(`[data-step="${line.id}"] span:last-child`);
    if (words !== null && step.step !== "") {
      words.textContent = step.step;
    }
  }
}

/** @param {boolean} lost */
function showConnection(lost) {
  if (!lost && !connection.hidden) {
    withNotices(readList);
  }
  connection.hidden = !lost;
}

async function start() {
  const person = await neededSession();
  if (person === null) {
    return;
  }
  mayRemove = rightsOf(person).work;
  byId("person").replaceChildren(personCorner(person));
  byId("software").textContent = person.software;
  filter.addEventListener("input", drawTable);
  byId("page").replaceChildren(
    made("h1", { class: "unseen" }, WORDS.list.title),
    uploadPanel(person, () => withNotices(readList)),
    connection,
    notices,
    made("div", { class: "list-head" }, labelled(WORDS.list.filter, filter), shownCount),
    tablePlace,
  );
  await withNotices(readList);
  followProgress(takeStep, showConnection);
}

start().catch((fault) => {
  byId("page").replaceChildren(problemList(fault.problems ?? [String(fault)]));
});
