/**
 * What the panels beside a case share.
 *
 * @typedef {Object} Desk
 * @property {string} caseId
 * @property {import("./server_types.js").Session} person
 * @property {import("./server_types.js").CaseSeen} seen
 * @property {import("./server_types.js").VersionWhole} version
 * @property {import("./viewer/types.js").CaseView} view
 * @property {Page} page
 * @property {(listener: (step: import("./server_types.js").StepSeen) => void) => () => void} onStep
 * @property {() => Promise<void>} refresh Reads the case and the page again and shows them.
 */
/**
 * The page data of one version, as the server gives it.
 *
 * @typedef {import("./viewer/types.js").CasePage & import("./viewer/answer_types.js").AnswerPage & {
 *   settings: SettingsDocument,
 * }} Page
 */
/**
 * @typedef {Object} SettingsDocument The keys of the settings file.
 * @property {string} [organ]
 * @property {Record<string, number>} [alpha_beta_gy]
 * @property {Record<string, string>} [structures]
 * @property {Record<string, {dose_gy: number, n_fractions: number}>} [prescription]
 * @property {{minimal_ov2gy_cc?: number}} [classification]
 */
export const DESK_CLASS = "desk";
