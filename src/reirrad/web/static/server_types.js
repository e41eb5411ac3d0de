/**
 * @typedef {Object} Session
 * @property {boolean} signed_in
 * @property {string | null} name
 * @property {"viewer" | "physicist" | "physician" | null} role
 * @property {string | null} csrf
 * @property {boolean} sign_in_required
 * @property {string[]} import_folders
 * @property {string} software
 */
/**
 * @typedef {Object} CaseLine One row of the list of cases.
 * @property {string} id
 * @property {string | null} label
 * @property {string} created
 * @property {number} version
 * @property {"queued" | "running" | "done" | "failed"} state
 * @property {string[]} problems
 * @property {string | null} step
 * @property {string | null} resbrt_type
 * @property {number | null} interval_days
 * @property {string[]} flags
 * @property {"unreviewed" | "accepted" | "rejected"} registration
 * @property {"unreviewed" | "approved" | "superseded"} assessment
 * @property {string | null} organ
 */
/**
 * @typedef {Object} SignatureSeen
 * @property {string} name
 * @property {string} role
 * @property {string} at
 * @property {string} comment
 */
/**
 * @typedef {Object} ReviewSeen
 * @property {"unreviewed" | "accepted" | "rejected"} registration
 * @property {SignatureSeen | null} registration_by
 * @property {"unreviewed" | "approved" | "superseded"} assessment
 * @property {SignatureSeen | null} assessment_by
 * @property {number | null} superseded_by
 */
/**
 * @typedef {Object} VersionSeen
 * @property {number} number
 * @property {string} created
 * @property {string} created_by
 * @property {string} reason
 * @property {"queued" | "running" | "done" | "failed"} state
 * @property {string[]} problems
 * @property {number | null} based_on
 * @property {boolean} registered There is a registration to review.
 * @property {number[]} unusable_courses The program rejected or could not make their registration.
 * @property {ReviewSeen} review
 */
/**
 * What only a version by itself tells.
 *
 * @typedef {VersionSeen & {
 *   settings: import("./desk_types.js").SettingsDocument,
 *   adjustable_courses: number[],
 *   steps: string[],
 *   files: Record<string, "ready" | "writing" | "failed">,
 * }} VersionWhole
 */
/**
 * @typedef {Object} CaseSeen
 * @property {string} id
 * @property {string} created
 * @property {string} created_by
 * @property {VersionSeen[]} versions
 * @property {number} current
 */
/**
 * @typedef {Object} StepSeen One event of the progress of a version.
 * @property {string} case
 * @property {number} version
 * @property {"queued" | "running" | "done" | "failed"} state
 * @property {string} step
 * @property {string[]} problems
 */
/**
 * @typedef {Object} Place A point in mm, LPS.
 * @property {number} x
 * @property {number} y
 * @property {number} z
 */
/**
 * @typedef {Object} LandmarkPair
 * @property {string} label
 * @property {number} course
 * @property {Place} earlier_mm In the earlier course's own frame.
 * @property {Place} reference_mm In the reference course's frame.
 */
export {};
