import { moment } from "./elements.js";
import { WORDS } from "./texts_server.js";
import { made } from "./viewer/nodes.js";

/** @typedef {import("./server_types.js").CaseLine} CaseLine */
/** @typedef {"label" | "type" | "interval" | "flags" | "registration" | "assessment" | "version" | "created"} Column */

/** @type {Column[]} */
const COLUMNS = ["label", "type", "interval", "flags", "registration", "assessment", "version", "created"];

/** Symbol and tone of a state: never colour alone. */
/** @type {Record<string, [string, string]>} */
const STATE_SIGNS = {
  unreviewed: ["○", "muted"],
  accepted: ["✓", "good"],
  rejected: ["✕", "bad"],
  approved: ["✓", "good"],
  superseded: ["⟲", "muted"],
};

/**
 * @param {string} symbol
 * @param {string} word
 * @param {string} tone
 * @returns {HTMLElement}
 */
export function signed(symbol, word, tone) {
  return made(
    "span",
    { class: `sign ${tone}` },
    made("span", { "aria-hidden": "true" }, symbol),
    made("span", {}, word),
  );
}

/**
 * The table of cases.
 *
 * @param {CaseLine[]} lines Already in order.
 * @param {{ column: Column, down: boolean }} order
 * @param {(column: Column) => void} sort
 * @param {((line: CaseLine) => void) | null} remove Null where the role may not.
 * @returns {HTMLTableElement}
 */
export function caseTable(lines, order, sort, remove) {
  const heads = COLUMNS.map((column) => headCell(column, order, sort));
  heads.push(made("th", { scope: "col" }, made("span", { class: "unseen" }, WORDS.list.actions)));
  return made(
    "table",
    { class: "cases" },
    made("caption", { class: "unseen" }, WORDS.list.caption),
    made("thead", {}, made("tr", {}, ...heads)),
    made("tbody", {}, ...lines.flatMap((line) => caseRows(line, remove))),
  );
}

/**
 * @param {Column} column
 * @param {{ column: Column, down: boolean }} order
 * @param {(column: Column) => void} sort
 * @returns {HTMLTableCellElement}
 */
function headCell(column, order, sort) {
  const title = WORDS.list.columns[column];
  const sorted = order.column === column;
  const direction = order.down ? "descending" : "ascending";
  const arrow = made("span", { "aria-hidden": "true", class: "arrow" }, order.down ? "↓" : "↑");
  const button = made(
    "button",
    { type: "button", "data-sort": column, title: WORDS.list.sortBy(title), click: () => sort(column) },
    title,
    sorted ? arrow : null,
  );
  return made("th", { scope: "col", "aria-sort": sorted ? direction : null }, button);
}

/**
 * @param {CaseLine} line
 * @param {((line: CaseLine) => void) | null} remove
 * @returns {HTMLTableRowElement[]}
 */
function caseRows(line, remove) {
  const label = line.label ?? WORDS.list.unnamed;
  const removal = made(
    "button",
    {
      type: "button",
      class: "quiet",
      "aria-label": WORDS.list.removeNamed(label),
      click: () => remove?.(line),
    },
    WORDS.list.remove,
  );
  const row = made(
    "tr",
    { "data-case": line.id, "data-state": line.state },
    made("th", { scope: "row" }, made("a", { href: `/case/${line.id}` }, label)),
    made("td", {}, typeCell(line)),
    made("td", {}, intervalCell(line.interval_days)),
    made("td", {}, flagCell(line)),
    made("td", {}, stateCell(line, line.registration, WORDS.registration)),
    made("td", {}, stateCell(line, line.assessment, WORDS.assessment)),
    made("td", {}, String(line.version)),
    made("td", {}, made("time", { datetime: line.created }, moment(line.created))),
    made("td", { class: "actions" }, remove === null ? null : removal),
  );
  return line.state === "failed" ? [row, failureRow(line, label)] : [row];
}

/**
 * @param {CaseLine} line
 * @param {string} label
 * @returns {HTMLTableRowElement}
 */
function failureRow(line, label) {
  return made(
    "tr",
    { class: "why", "data-why": line.id },
    made(
      "td",
      { colspan: String(COLUMNS.length + 1) },
      made(
        "div",
        { class: "problems" },
        made(
          "ul",
          { "aria-label": WORDS.list.whyFailed(label) },
          ...line.problems.map((sentence) => made("li", {}, sentence)),
        ),
      ),
    ),
  );
}

/**
 * @param {CaseLine} line
 * @returns {HTMLElement}
 */
function typeCell(line) {
  if (line.state === "failed") {
    return signed("✕", WORDS.list.failed, "bad");
  }
  if (line.state !== "done") {
    const word = line.state === "queued" ? WORDS.list.queued : WORDS.list.running;
    const step = !line.step || line.state === "queued" ? word : line.step;
    return made(
      "span",
      { class: "sign running", "data-step": line.id },
      made("span", { class: "turning", "aria-hidden": "true" }),
      made("span", {}, step),
    );
  }
  if (line.resbrt_type === null) {
    return typeBadge(WORDS.list.oneCourse, "muted");
  }
  if (line.resbrt_type === "undetermined") {
    return typeBadge(WORDS.list.withheld, "withheld");
  }
  return typeBadge(WORDS.list.typed(line.resbrt_type), "verdict");
}

/**
 * The type as the bar of the case shows it.
 *
 * @param {string} word
 * @param {"verdict" | "withheld" | "muted"} tone
 */
function typeBadge(word, tone) {
  return made("span", { class: `type-badge class-${tone}` }, word);
}

/**
 * @param {number | null} days
 * @returns {HTMLElement}
 */
function intervalCell(days) {
  if (days === null) {
    return made("span", { class: "hint" }, "–");
  }
  return made("span", { title: WORDS.list.intervalTitle(days) }, WORDS.list.interval(days));
}

/**
 * @param {CaseLine} line
 * @returns {HTMLElement}
 */
function flagCell(line) {
  if (line.state !== "done") {
    return made("span", {});
  }
  if (line.flags.length === 0) {
    return made("span", { class: "hint" }, WORDS.list.noFlags);
  }
  return made("span", { class: "flags" }, ...line.flags.map((flag) => signed("▲", flag, "warn")));
}

/**
 * @template {string} State
 * @param {CaseLine} line
 * @param {State} state
 * @param {Record<State, string>} words
 * @returns {HTMLElement}
 */
function stateCell(line, state, words) {
  if (line.state !== "done") {
    return made("span", {});
  }
  const [symbol, tone] = STATE_SIGNS[state] ?? ["○", "muted"];
  return signed(symbol, words[state], tone);
}

/**
 * Cases that hold all words of a filter, in an order.
 *
 * @param {CaseLine[]} lines
 * @param {string} filter
 * @param {{ column: Column, down: boolean }} order
 * @returns {CaseLine[]}
 */
export function arranged(lines, filter, order) {
  const wanted = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = lines.filter((line) => {
    const text = searchText(line);
    return wanted.every((word) => text.includes(word));
  });
  const factor = order.down ? -1 : 1;
  return matching.sort((one, other) => {
    const [left, right] = [sortKey(one, order.column), sortKey(other, order.column)];
    const difference =
      typeof left === "number" && typeof right === "number"
        ? left - right
        : String(left).localeCompare(String(right), undefined, { numeric: true });
    return factor * difference || other.created.localeCompare(one.created);
  });
}

/** @param {CaseLine} line */
function searchText(line) {
  const type = line.resbrt_type === null ? WORDS.list.oneCourse : WORDS.list.typed(line.resbrt_type);
  return [
    line.label ?? WORDS.list.unnamed,
    line.resbrt_type === "undetermined" ? WORDS.list.withheld : type,
    ...line.flags,
    WORDS.registration[line.registration],
    WORDS.assessment[line.assessment],
    line.state,
  ]
    .join(" ")
    .toLowerCase();
}

/**
 * @param {CaseLine} line
 * @param {Column} column
 * @returns {string | number}
 */
function sortKey(line, column) {
  switch (column) {
    case "type":
      return line.resbrt_type ?? "";
    case "interval":
      return line.interval_days ?? -1;
    case "flags":
      return line.flags.length;
    case "label":
      return line.label ?? "";
    default:
      return line[column];
  }
}
