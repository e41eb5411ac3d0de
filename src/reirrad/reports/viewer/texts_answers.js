/** The words of the bar and of the answers that do not come with the case. */
export const ANSWER_TEXTS = {
  classification: "Classification",
  ruleTrace: "Why: the rule, step by step",
  rule: "Rule",
  overlap: "Overlap",
  otherPairs: (/** @type {number} */ count) => `${count} other ${count === 1 ? "pair" : "pairs"} of courses`,
  inBody: "whole body",
  spread: (/** @type {string} */ organ) => `${organ}, 5 to 95 %`,
  strict: "as published",
  asApplied: "as its authors applied it",
  estro: "ESTRO-EORTC",
  warnings: (/** @type {number} */ errors, /** @type {number} */ warnings) =>
    [errors ? `✗ ${errors} ${errors === 1 ? "error" : "errors"}` : "", warnings ? `⚠ ${warnings} ${warnings === 1 ? "warning" : "warnings"}` : ""]
      .filter(Boolean)
      .join(", "),
  noWarnings: "No errors or warnings.",
  curves: "Dose-volume histograms",
  structure: "Structure",
  allStructures: "All structures",
  quantity: "Dose",
  quantities: { EQD2: "EQD2", physical: "Physical" },
  doseAxis: { EQD2: "EQD2 [Gy]", physical: "Physical dose [Gy]" },
  ownRatios: "α/β of each structure",
  curveLabel: (/** @type {string} */ label) => (label === "cumulative" ? "sum" : label),
  scope: (/** @type {string} */ scope) => (scope === "cumulative" ? "sum" : scope.replace(/^course /, "C")),
  scoped: (/** @type {string} */ scope, /** @type {string} */ words) =>
    `${scope === "cumulative" ? "Sum" : scope.replace(/^course /, "C")}: ${words}`,
  marksTitle: "Limits in the chart:",
  band: "sum, 5 to 95 % of plausible registrations",
  marks: "Limits: ✗ exceeded, ⚠ met but not sure, ✓ met, – not evaluable",
  noCurves: "No dose-volume histogram is available.",
  noCurvesHere: "There is no curve of this dose for this structure.",
  chart: (/** @type {string} */ name, /** @type {string} */ quantity, /** @type {number} */ curves, /** @type {number} */ limits) =>
    `Dose-volume histogram of ${name}, ${quantity}: ${curves} ${curves === 1 ? "curve" : "curves"}, ` +
    `${limits} ${limits === 1 ? "limit" : "limits"} drawn`,
  readDose: "Dose at which the curves are read",
  readOut: (/** @type {string} */ dose, /** @type {string[]} */ shares) => `${dose} Gy: ${shares.join(", ")}`,
  share: (/** @type {string} */ label, /** @type {string} */ percent) => `${label} ${percent} %`,
  beyond: (/** @type {number} */ count, /** @type {string} */ dose) =>
    `${count} ${count === 1 ? "limit stands" : "limits stand"} right of the axis, from ${dose} Gy.`,
  asTable: "The curves as a table",
  tableNote: "Read from the drawn curves. The metrics stand under Dose to each structure.",
  dose: "Dose [Gy]",
  limits: "Limits",
  limitsTable: "Table of limits",
  tableName: (/** @type {string} */ section, /** @type {number} */ number) => `${section}, table ${number}`,
  limitsCaption: "Limits, the worst first. A button leads to the hottest point of the structure.",
  worst: "Worst of each structure",
  all: (/** @type {number} */ count) => `All ${count}`,
  valueAndLimit: "Value and limit",
  verdict: "Verdict",
  contours: (/** @type {string} */ interval) => `As far as contours tell: ${interval}`,
  provenance: (/** @type {string} */ set, /** @type {string} */ level, /** @type {string} */ verification) =>
    `${set}, ${level}; limit verified: ${verification}`,
  toPlace: (/** @type {string} */ structure, /** @type {string} */ scope) =>
    `Go to the hottest point of ${structure}, ${scope}`,
  noPlace: "The hottest point is not known.",
  notDrawn: (/** @type {number} */ limits, /** @type {number} */ structures) =>
    `– ${limits} ${limits === 1 ? "limit" : "limits"} not evaluable: ${structures} ` +
    `${structures === 1 ? "structure is" : "structures are"} not drawn`,
  noLimits: "No limit was tested.",
  record: "All sections",
  recordTabs: "Parts of the record",
  wide: "Wide",
  registration: "Registration",
  assessment: "Assessment",
  agreement: (/** @type {number} */ count) => `${count} ${count === 1 ? "structure" : "structures"} drawn in both courses`,
  programCheck: "Checked by the program",
  peopleReview: "Reviewed by a person",
  intervalBetween: "interval",
  toReview: "Go to the review",
  toRecord: "↓ Record",
  missing: (/** @type {string} */ name) => `${name} is missing in this file`,
  notOpened: (/** @type {string} */ reason) =>
    `The pictures cannot be shown (${reason}). The record below is complete.`,
};
