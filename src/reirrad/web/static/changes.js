import { deskPanel } from "./elements.js";
import { WORDS } from "./texts_server.js";
import { made } from "./viewer/nodes.js";

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
    made(
      "tr",
      {},
      made("th", { scope: "row" }, name),
      made("td", {}, old.get(name) ?? CHANGES_TEXT.absent),
      made("td", {}, fresh.get(name) ?? CHANGES_TEXT.absent),
    ),
  );
  const heads = [CHANGES_TEXT.what, CHANGES_TEXT.before, CHANGES_TEXT.now].map((head) => made("th", { scope: "col" }, head));
  const table = made(
    "table",
    { class: "changes" },
    made("thead", {}, made("tr", {}, ...heads)),
    made("tbody", {}, ...rows),
  );
  return deskPanel(
    "changes",
    CHANGES_TEXT.title(version.based_on ?? version.number - 1),
    made("p", { class: "hint" }, CHANGES_TEXT.reason(version.reason)),
    rows.length === 0
      ? made("p", {}, CHANGES_TEXT.none)
      : made("div", { class: "scrolled", role: "region", tabindex: "0", "aria-label": CHANGES_TEXT.table }, table),
  );
}

/**
 * The answers of a page by name, in its own words.
 *
 * @param {import("./desk_types.js").Page} page
 * @returns {[string, string][]}
 */
function said(page) {
  return [
    [CHANGES_TEXT.verdict, page.verdict.word],
    ...page.pairs.flatMap(saidOfPair),
    ...page.limits.map(saidOfLimit),
    ...page.structures.map((one) => /** @type {[string, string]} */ ([CHANGES_TEXT.structure(one.name), `${one.volume}, ${one.ratio}`])),
    ...page.course_line.map((one) => /** @type {[string, string]} */ ([CHANGES_TEXT.prescription(one.label), one.text])),
    ...page.registrations.flatMap(saidOfRegistration),
    ...page.warnings.map((one) => /** @type {[string, string]} */ ([`${CHANGES_TEXT.warning}: ${one.text}`, CHANGES_TEXT.there])),
  ];
}

/**
 * @param {import("./viewer/answer_types.js").PairWords} pair
 * @returns {[string, string][]}
 */
function saidOfPair(pair) {
  /** @type {[string, string][]} */
  const found = [[pair.title, `${pair.resbrt_type}, ${pair.as_applied_type}`]];
  if (pair.sure !== null) {
    found.push([CHANGES_TEXT.sure(pair.title), pair.sure]);
  }
  for (const one of pair.overlap) {
    const earlier = one.earlier.map((course) => `C${course}`).join("+");
    const name = CHANGES_TEXT.overlap(earlier, one.later, one.name);
    found.push([name, one.organ_text], [CHANGES_TEXT.whole(name), one.total_text]);
    if (one.interval !== null) {
      found.push([CHANGES_TEXT.interval(name), one.interval]);
    }
  }
  return found;
}

/**
 * @param {import("./viewer/answer_types.js").LimitWords} limit
 * @returns {[string, string]}
 */
function saidOfLimit(limit) {
  const name = `${limit.structure} ${limit.metric} ${limit.limit}, ${limit.scope}, ${limit.set}`;
  const value = limit.interval === "" ? limit.value : `${limit.value} (${limit.interval})`;
  return [name, `${value}, ${limit.verdict}`];
}

/**
 * @param {import("./desk_types.js").Page["registrations"][number]} one
 * @returns {[string, string][]}
 */
function saidOfRegistration(one) {
  return [
    [CHANGES_TEXT.registration(one.title, CHANGES_TEXT.check), `${one.method}, ${one.verdict} ${one.reason}`],
    ...[...one.quality, ...one.structures].map(
      ({ label, value }) => /** @type {[string, string]} */ ([CHANGES_TEXT.registration(one.title, label), value]),
    ),
  ];
}
