import { deskPanel, tagged } from "./elements.js";
import { WORDS } from "./texts_server.js";

const CHANGES_TEXT = WORDS.changes;

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
    tagged(
      "tr",
      {},
      tagged("th", { scope: "row" }, name),
      tagged("td", {}, old.get(name) ?? CHANGES_TEXT.absent),
      tagged("td", {}, fresh.get(name) ?? CHANGES_TEXT.absent),
    ),
  );
  const heads = [CHANGES_TEXT.what, CHANGES_TEXT.before, CHANGES_TEXT.now].map((head) => tagged("th", { scope: "col" }, head));
  const table = tagged(
    "table",
    { class: "changes" },
    tagged("thead", {}, tagged("tr", {}, ...heads)),
    tagged("tbody", {}, ...rows),
  );
  return deskPanel(
    "changes",
    CHANGES_TEXT.title(version.based_on ?? version.number - 1),
    tagged("p", { class: "hint" }, CHANGES_TEXT.reason(version.reason)),
    rows.length === 0
      ? tagged("p", {}, CHANGES_TEXT.none)
      : tagged("div", { class: "scrolled", role: "region", tabindex: "0", "aria-label": CHANGES_TEXT.table }, table),
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
    overlap.push([CHANGES_TEXT.overlap(earlier, one.later, one.name), one.organ_text]);
  }
  /** @type {[string, string][]} */
  const limits = page.limits.map((limit) => [
    `${limit.structure} ${limit.metric} ${limit.limit}`,
    `${limit.value}, ${limit.verdict}`,
  ]);
  return [[CHANGES_TEXT.verdict, page.verdict.word], ...overlap, ...limits];
}
