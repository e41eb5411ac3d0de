import { made, panel } from "./elements.js";
import { WORDS } from "./texts_server.js";

const TEXT = WORDS.changes;

/**
 * What the page of this version says otherwise than the page of the one it came from.
 *
 * @param {import("./server_types.js").VersionSeen} version
 * @param {import("./desk_types.js").Page} now
 * @param {import("./desk_types.js").Page} before
 * @returns {HTMLElement}
 */
export function changesPanel(version, now, before) {
  const old = new Map(said(before));
  const fresh = new Map(said(now));
  const names = [...new Set([...fresh.keys(), ...old.keys()])];
  const differing = names.filter((name) => old.get(name) !== fresh.get(name));
  const rows = differing.map((name) =>
    made(
      "tr",
      {},
      made("th", { scope: "row" }, name),
      made("td", {}, old.get(name) ?? TEXT.absent),
      made("td", {}, fresh.get(name) ?? TEXT.absent),
    ),
  );
  const heads = [TEXT.what, TEXT.before, TEXT.now].map((head) => made("th", { scope: "col" }, head));
  const table = made(
    "table",
    { class: "changes" },
    made("thead", {}, made("tr", {}, ...heads)),
    made("tbody", {}, ...rows),
  );
  return panel(
    "changes",
    TEXT.title(version.based_on ?? version.number - 1),
    made("p", { class: "hint" }, TEXT.reason(version.reason)),
    rows.length === 0
      ? made("p", {}, TEXT.none)
      : made("div", { class: "scrolled", role: "region", tabindex: "0", "aria-label": TEXT.table }, table),
  );
}

/**
 * The answers of a page by name, in its own words.
 *
 * @param {import("./desk_types.js").Page} page
 * @returns {[string, string][]}
 */
function said(page) {
  /** @type {[string, string][]} */
  const overlap = [];
  for (const one of page.pairs.flatMap((pair) => pair.overlap)) {
    const earlier = one.earlier.map((course) => `C${course}`).join("+");
    overlap.push([TEXT.overlap(earlier, one.later, one.name), one.organ_text]);
  }
  /** @type {[string, string][]} */
  const limits = page.limits.map((limit) => [
    `${limit.structure} ${limit.metric} ${limit.limit}`,
    `${limit.value}, ${limit.verdict}`,
  ]);
  return [[TEXT.verdict, page.verdict.word], ...overlap, ...limits];
}
