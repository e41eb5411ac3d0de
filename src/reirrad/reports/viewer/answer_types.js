/**
 * What `case_page` gives: the words beside the pictures. Texts are final. A tone is one of
 * plain, strong, muted, good, warn, bad, verdict and withheld; the word itself says the same.
 *
 * @typedef {{text: string, tone: string}} WordCell
 * @typedef {{label: string, word: string, detail: string, tone: string}} WordBadge
 * @typedef {{label: string, value: string}} FactWords
 * @typedef {{label: string, value: string, detail: string, tone: string}} WordFact
 *
 * @typedef {{span: "no" | "heading" | "note", cells: WordCell[]}} BlockRow
 * @typedef {Object} Block
 * @property {"table" | "paragraph" | "subheading" | "items" | "figure"} kind
 * @property {string} [text]
 * @property {string} [tone]
 * @property {{title: string, align: "left" | "right"}[]} [columns]
 * @property {BlockRow[]} [rows]
 * @property {WordCell[]} [items]
 * @typedef {{anchor: string, title: string, blocks: Block[]}} PageSection
 *
 * @typedef {Object} OverlapWords
 * @property {string} level
 * @property {string} name
 * @property {number[]} earlier
 * @property {number} later
 * @property {string} organ
 * @property {number | null} organ_cc
 * @property {number | null} total_cc
 * @property {string} organ_text
 * @property {string} total_text
 * @property {string | null} interval
 *
 * @typedef {Object} PairWords
 * @property {string} title
 * @property {string} resbrt_type
 * @property {string} as_applied_type
 * @property {string} estro_eortc
 * @property {string} tone
 * @property {string} policy
 * @property {string[]} reasons
 * @property {OverlapWords[]} overlap
 * @property {string | null} sure
 *
 * @typedef {Object} LimitWords
 * @property {string} structure
 * @property {string | null} about      the drawn structure; null where there is none, or several have its name
 * @property {string[]} drawn_as        all structures with its name
 * @property {string} why               why it is about none of them
 * @property {string} metric
 * @property {string} quantity
 * @property {string} scope
 * @property {string} value
 * @property {string} value_tone
 * @property {string} interval
 * @property {string} limit
 * @property {"met" | "exceeded" | "not evaluable"} state
 * @property {string} verdict
 * @property {string} tone
 * @property {boolean} unsure
 * @property {string} sure
 * @property {string} level
 * @property {string} set
 * @property {string} source
 * @property {string} verification
 * @property {string} note
 *
 * @typedef {Object} DoseCurve
 * @property {string} structure
 * @property {string} label           "course 1" or "cumulative"
 * @property {"physical" | "EQD2"} quantity
 * @property {number[]} dose_gy
 * @property {number[]} volume_percent
 * @typedef {{structure: string, dose_gy: number[], low_percent: number[], high_percent: number[]}} DoseBand
 *
 * @typedef {Object} CurveMark
 * @property {number} row             place in the list of limits
 * @property {string} structure
 * @property {string} scope
 * @property {string} quantity
 * @property {"point" | "dose"} kind
 * @property {number} dose_gy
 * @property {number | null} volume_percent
 * @property {string} state
 * @property {boolean} unsure
 * @property {string} tone
 * @property {string} words
 *
 * @typedef {Object} AnswerPage
 * @property {string} title
 * @property {string} header
 * @property {string} footer
 * @property {string} software
 * @property {{registration: string, assessment: string, lines: string[], banner: string | null, tone: string,
 *   registration_state: WordCell, assessment_state: WordCell}} review
 * @property {WordFact[]} patient
 * @property {Block} courses
 * @property {{number: number, label: string, text: string, date: string, plan: string, interval: string}[]} course_line
 * @property {WordBadge} verdict
 * @property {WordBadge | null} remaining
 * @property {WordBadge[]} badges
 * @property {WordFact[]} facts
 * @property {WordCell[]} warnings
 * @property {PairWords[]} pairs
 * @property {LimitWords[]} limits
 * @property {{name: string, standard_name: string | null, role: string, volume: string, ratio: string}[]} structures
 * @property {DoseCurve[]} curves
 * @property {DoseBand[]} bands
 * @property {CurveMark[]} curve_limits
 * @property {{title: string, course: number, method: string, verdict: string, reason: string, tone: string,
 *   matrix: number[][] | null, quality: FactWords[], structures: FactWords[]}[]} registrations
 * @property {PageSection[]} sections
 */

export {};
