import { answered, neededSession, requested } from "./api.js";
import { changesPanel } from "./changes.js";
import { DESK_CLASS } from "./desk_types.js";
import { downloadsPanel } from "./downloads.js";
import { byId, problemList } from "./elements.js";
import { keepView, restoreView } from "./kept_view.js";
import { landmarksPanel } from "./landmarks_panel.js";
import { Refused } from "./http.js";
import { followProgress } from "./progress.js";
import { versionProgress } from "./reassessing.js";
import { adjustPanel } from "./registration_panel.js";
import { reviewPanel } from "./review_panel.js";
import { settingsPanel } from "./settings_panel.js";
import { personCorner } from "./site_bar.js";
import { WORDS } from "./texts_server.js";
import { guardLeaving } from "./unsaved.js";
import { versionChoice } from "./versions.js";
import { showCase } from "./viewer/case.js";
import { made, present } from "./viewer/nodes.js";
import { fillBar } from "./viewer/panels.js";

/** @typedef {import("./server_types.js").StepSeen} StepSeen */
/** @typedef {import("./desk_types.js").Desk} Desk */

const LOOK_AGAIN_MS = 20_000;
const OPENING_MS = 1000;

/** @type {Set<(step: StepSeen) => void>} */
const stepListeners = new Set();

/** @param {(step: StepSeen) => void} listener */
function onStep(listener) {
  stepListeners.add(listener);
  return () => {
    stepListeners.delete(listener);
  };
}

async function start() {
  const person = await neededSession();
  if (person === null) {
    return;
  }
  const [, , caseId = "", asked] = location.pathname.split("/");
  const seen = await answered("GET", `/api/cases/${caseId}`);
  const number = asked === undefined || asked === "" ? seen.current : Number(asked);
  const version = await answered("GET", `/api/cases/${caseId}/versions/${number}`);
  const connection = made("p", { class: "connection", role: "status", hidden: true }, WORDS.site.lost);
  document.body.append(connection);
  if (version.state === "done") {
    await showDone(person, seen, version);
  } else {
    showUndone(person, seen, version);
  }
  followProgress(
    (step) => [...stepListeners].forEach((listener) => listener(step)),
    (lost) => {
      connection.hidden = !lost;
    },
  );
}

/**
 * A version that is not there yet, or never will be.
 *
 * @param {import("./server_types.js").Session} person
 * @param {import("./server_types.js").CaseSeen} seen
 * @param {import("./server_types.js").VersionWhole} version
 */
function showUndone(person, seen, version) {
  const desk = { caseId: seen.id, person, version, onStep };
  const failed = version.state === "failed";
  const progress = failed ? problemList(version.problems) : versionProgress(desk, version.number, version.steps);
  onStep((step) => {
    if (!failed && step.case === seen.id && step.version === version.number && step.state === "failed") {
      location.reload();
    }
  });
  byId("page").replaceChildren(
    made(
      "main",
      { class: "undone" },
      made("nav", {}, made("a", { href: "/" }, WORDS.site.allCases), versionChoice(seen, version.number), personCorner(person)),
      made("h1", {}, failed ? WORDS.page.failedTitle : WORDS.page.notDone),
      made("p", { class: "hint" }, failed ? WORDS.page.otherVersions : WORDS.page.notDoneHint),
      progress,
      failed ? openSettings(desk, version.settings) : null,
    ),
  );
}

/**
 * Most of what makes an assessment fail can be said in the settings.
 *
 * @param {Parameters<typeof settingsPanel>[0]} desk
 * @param {import("./desk_types.js").SettingsDocument} settings
 */
function openSettings(desk, settings) {
  const courses = [1, 2, 3].map((number) => ({ number, text: "" }));
  const settingsDesk = settingsPanel(desk, settings, { courses, structures: [] });
  settingsDesk.setAttribute("open", "");
  return made("div", { class: DESK_CLASS }, settingsDesk);
}

/**
 * The viewer, and the desk beside it.
 *
 * @param {import("./server_types.js").Session} person
 * @param {import("./server_types.js").CaseSeen} seen
 * @param {import("./server_types.js").VersionWhole} version
 */
async function showDone(person, seen, version) {
  const path = `/api/cases/${seen.id}/versions/${version.number}`;
  const [manifest, page] = await Promise.all([
    answered("GET", `${path}/scene/manifest`),
    answered("GET", `${path}/page`),
  ]);
  const root = byId("page");
  root.replaceChildren();
  const view = await showCase(root, {
    manifest,
    page,
    part: async (name) => new Uint8Array(await (await requested("GET", `${path}/scene/parts/${name}`)).arrayBuffer()),
    reading: patientReading(path),
  });
  /** @type {Desk} */
  const desk = { caseId: seen.id, person, seen, version, view, page, onStep, refresh: async () => {} };
  view.setMovable(version.adjustable_courses);
  restoreView(seen.id, view, page.course_line.length);
  keepView(seen.id, view);
  guardLeaving();
  document.title = page.title;
  const notice = made("div", { class: "notices", role: "status" });
  await addPanels(desk, notice);
  watchOthers(desk, notice);
}

/**
 * Readings of the native grids; the server needs a while to open them.
 *
 * @param {string} path
 * @returns {(point: import("./viewer/types.js").Point) => Promise<import("./viewer/types.js").Reading>}
 */
function patientReading(path) {
  let last = 0;
  return async ({ x, y, z }) => {
    const order = ++last;
    for (;;) {
      try {
        return await answered("GET", `${path}/reading?x=${x}&y=${y}&z=${z}`);
      } catch (fault) {
        const opening = fault instanceof Refused && fault.status === 503;
        if (!opening || order !== last) {
          throw fault;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, OPENING_MS));
    }
  };
}

/**
 * @param {Desk} desk
 * @param {HTMLElement} notice
 */
async function addPanels(desk, notice) {
  const { page, view, version } = desk;
  const landmarks = await answered("GET", `/api/cases/${desk.caseId}/landmarks?version=${version.number}`);
  const courses = page.course_line;
  const structures = [...new Set(view.manifest.structures.map((one) => one.label))];
  const review = reviewPanel(desk);
  const downloads = downloadsPanel(desk);
  const changes = await changesSince(desk);
  const drawBar = () => {
    const bar = /** @type {HTMLElement} */ (view.root.querySelector(".bar"));
    fillBar(bar, desk.page);
    const ways = made(
      "nav",
      { class: "bar-desk", "aria-label": WORDS.site.product },
      made("a", { href: "/" }, WORDS.site.allCases),
      versionChoice(desk.seen, version.number),
      personCorner(desk.person),
    );
    const banner = bar.querySelector(".bar-banner");
    bar.append(banner === null ? ways : made("div", { class: "bar-row" }, banner, ways));
  };
  desk.refresh = async () => {
    const path = `/api/cases/${desk.caseId}`;
    desk.seen = await answered("GET", path);
    desk.page = await answered("GET", `${path}/versions/${version.number}/page`);
    desk.version = await answered("GET", `${path}/versions/${version.number}`);
    drawBar();
    review.refresh();
    downloads.refresh();
  };
  const answers = /** @type {HTMLElement} */ (view.root.querySelector(".answers"));
  const place = /** @type {HTMLElement} */ (answers.querySelector(`.${DESK_CLASS}`));
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", WORDS.page.panels);
  place.replaceChildren(
    ...present([
      notice,
      changes,
      review,
      adjustPanel(desk),
      landmarksPanel(desk, landmarks, matricesOf(page)),
      settingsPanel(desk, page.settings, { courses, structures }),
      downloads,
    ]),
  );
  drawBar();
}

/**
 * Matrices from each earlier course's own frame into the reference frame.
 *
 * @param {import("./desk_types.js").Page} page
 * @returns {Map<number, number[][]>}
 */
function matricesOf(page) {
  /** @type {Map<number, number[][]>} */
  const found = new Map();
  for (const { course, matrix } of page.registrations) {
    if (matrix !== null) {
      found.set(course, matrix);
    }
  }
  return found;
}

/**
 * @param {Desk} desk
 * @returns {Promise<HTMLElement | null>}
 */
async function changesSince(desk) {
  const { based_on: basedOn } = desk.version;
  const base = desk.seen.versions.find((one) => one.number === basedOn);
  if (base === undefined || base.state !== "done") {
    return null;
  }
  const before = await answered("GET", `/api/cases/${desk.caseId}/versions/${base.number}/page`);
  return changesPanel(desk.version, desk.page, before);
}

/**
 * Tell of newer versions and of decisions that other people make meanwhile.
 *
 * @param {Desk} desk
 * @param {HTMLElement} notice
 */
function watchOthers(desk, notice) {
  const look = async () => {
    const before = desk.version.review;
    const seen = await answered("GET", `/api/cases/${desk.caseId}`);
    const now = seen.versions.find((/** @type {{number: number}} */ one) => one.number === desk.version.number);
    if (JSON.stringify(now?.review) !== JSON.stringify(before)) {
      await desk.refresh();
      notice.replaceChildren(made("p", { class: "notice" }, WORDS.page.reviewedElsewhere));
    }
    desk.seen = seen;
    showNewer(desk, notice);
  };
  onStep((step) => {
    if (step.case === desk.caseId && step.version > desk.version.number && step.state !== "running") {
      look();
    }
  });
  setInterval(() => document.hidden || look(), LOOK_AGAIN_MS);
  addEventListener("focus", look);
  showNewer(desk, notice);
}

/**
 * @param {Desk} desk
 * @param {HTMLElement} notice
 */
function showNewer(desk, notice) {
  const newer = desk.seen.versions.filter((one) => one.number > desk.version.number && one.state !== "failed").pop();
  if (newer === undefined) {
    return;
  }
  const done = newer.state === "done";
  const words = (done ? WORDS.page.newer : WORDS.page.newerRunning)(newer.number, newer.created_by);
  const href = `/case/${desk.caseId}/${newer.number}`;
  notice.querySelector(".newer")?.remove();
  notice.append(
    made("p", { class: "notice newer" }, `${words} `, done ? made("a", { href }, WORDS.page.openNewer(newer.number)) : null),
  );
}

start().catch((fault) => {
  byId("page").replaceChildren(
    made(
      "main",
      { class: "undone" },
      made("nav", {}, made("a", { href: "/" }, WORDS.site.allCases)),
      made("h1", {}, WORDS.page.missing),
      problemList(fault.problems ?? [String(fault)]),
    ),
  );
});
