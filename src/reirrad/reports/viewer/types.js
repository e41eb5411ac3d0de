/**
 * What the parts of the review page hand to one another.
 *
 * Lengths are mm in the reference frame (LPS), doses Gy.
 *
 * @typedef {{x: number, y: number, z: number}} Point
 * @typedef {"axial" | "sagittal" | "coronal"} PlaneName
 * @typedef {"x" | "y" | "z"} Axis
 * @typedef {number[][]} Matrix   4 x 4, rows first
 *
 * @typedef {Object} VolumeEntry
 * @property {string} name
 * @property {"image" | "dose" | "eqd2" | "half" | "budget"} kind
 * @property {number | null} course
 * @property {string} modality
 * @property {string} unit
 * @property {Point} size            voxels along each axis
 * @property {Point} origin_mm       centre of the first voxel
 * @property {Point} spacing_mm
 * @property {number} scale          value = offset + scale * code
 * @property {number} offset
 * @property {{black: number, white: number} | null} window
 * @property {number | null} alpha_beta_gy
 * @property {number | null} n_fractions
 * @property {string} encoding       "u16-delta-gzip" or "webp"
 * @property {string} part
 * @property {{columns: number} | null} tiles
 * @property {string | null} [unknown_part]   where a lossy image is not known
 *
 * @typedef {{first: number, words: number}} Run
 * @typedef {Object} StructureEntry
 * @property {string} label
 * @property {string} role
 * @property {number} course
 * @property {boolean} carried_over
 * @property {string} colour
 * @property {number} volume_cc
 * @property {Run} axial
 * @property {Run} sagittal
 * @property {Run} coronal
 *
 * @typedef {{first_mm: number, step_mm: number, count: number}} PlaneSteps
 * @typedef {{structure: string, scope: string, point_mm: Point}} Place
 *
 * @typedef {Object} Manifest
 * @property {number} format
 * @property {number} reference_course
 * @property {string} frame_of_reference_uid
 * @property {Point} centre_mm
 * @property {boolean} display_only
 * @property {VolumeEntry[]} volumes
 * @property {Record<string, Record<string, number>>} levels_gy
 * @property {Record<PlaneName, PlaneSteps>} planes
 * @property {string} outlines_part
 * @property {number} outline_step_mm    length of one unit of the outlines
 * @property {StructureEntry[]} structures
 * @property {Place[]} places
 *
 * @typedef {Object} Reading
 * @property {Point} point
 * @property {{course: number, physical_gy: number | null, eqd2_gy: number | null}[]} doses
 * @property {number | null} eqd2_sum_gy
 * @property {number | null} alpha_beta_gy
 * @property {string} [alpha_beta_why]
 * @property {string[]} structures
 * @property {{course: number, value: number | null, unit: string, lossy?: boolean}[]} images   a lossy one has no value to read
 * @property {boolean} native        asked of the native grids, not of the review grid
 *
 * @typedef {import("./answer_types.js").AnswerPage} CasePage   what `case_page` gives
 *
 * @typedef {Object} CaseSource
 * @property {Manifest} manifest
 * @property {(name: string) => Promise<Uint8Array>} part
 * @property {CasePage} page
 * @property {((point: Point) => Promise<Reading>) | null} reading
 *
 * @typedef {Object} Volume          a part of the scene, unpacked
 * @property {VolumeEntry} entry
 * @property {number[]} size         voxels along x, y, z
 * @property {number[]} origin
 * @property {number[]} spacing
 * @property {Uint16Array | Float32Array} values   codes of images (65535: not known), else Gy (NaN: not known)
 * @property {number} highest        highest known value; 0 for images
 *
 * @typedef {Object} Raster          values on a regular grid in a plane; NaN: not known
 * @property {number} nu
 * @property {number} nv
 * @property {number} u0             position of the first value, mm
 * @property {number} v0
 * @property {number} du             step, mm
 * @property {number} dv
 * @property {Float32Array} values   nu * nv at least, u fastest
 *
 * @typedef {Object} IsodoseLevel
 * @property {string} key
 * @property {string} source         name of the volume, or "sum"
 * @property {number} level          in the volume's own unit
 * @property {string} label
 * @property {string} colour
 * @property {boolean} shown
 * @property {boolean} added         by the user, and so removable
 *
 * @typedef {Object} OverlapChoice
 * @property {string} key
 * @property {string} level
 * @property {number[]} earlier
 * @property {number} later
 * @property {string} label
 * @property {string} amount         the volumes in words, from the assessment
 * @property {string} detail
 * @property {boolean} shown
 *
 * @typedef {"one" | "blend" | "checkerboard" | "spyglass" | "flicker"} Fusion
 * @typedef {"cross-hair" | "move" | "rotate" | "pick"} Tool
 * @typedef {{black: number, white: number}} GreyWindow
 *
 * @typedef {Object} CaseState
 * @property {Point} point
 * @property {string | null} image   "C2": the image below; null where there is none
 * @property {string | null} other   the image fused with it
 * @property {Fusion} fusion
 * @property {number} blend          share of the other image, 0 to 1
 * @property {number} tile_mm        of the checkerboard
 * @property {number} radius_mm      of the spy-glass
 * @property {number} flicker_hz     changes a second
 * @property {boolean} flicker_other the other image is the one shown now
 * @property {Record<string, GreyWindow>} windows
 * @property {string} wash           "off", name of a volume, or "sum"
 * @property {number} wash_opacity
 * @property {Record<string, {low: number, high: number}>} ranges
 * @property {boolean} lines         isodose lines
 * @property {IsodoseLevel[]} levels
 * @property {boolean} hatch
 * @property {OverlapChoice[]} overlaps
 * @property {boolean} outlines
 * @property {string[]} hidden       structures not drawn (their keys)
 * @property {Tool} tool
 * @property {Matrix | null} adjustment
 * @property {number[]} movable      courses that the adjustment moves
 * @property {PlaneName | null} full the plane at full size
 *
 * @typedef {Object} CaseView
 * @property {HTMLElement} root
 * @property {CaseState} state
 * @property {Manifest} manifest
 * @property {(point: Point) => void} moveTo
 * @property {(change: Partial<CaseState>) => void} set
 * @property {(matrix: Matrix | null) => void} setAdjustment
 * @property {(courses: number[]) => void} setMovable  whom an adjustment moves; at first all but the reference
 * @property {(tool: Tool) => void} setTool
 * @property {(name: "point" | "adjust" | "pick" | "drawn" | "state", listener: (detail: any) => void) => void} on
 * @property {(name: "point" | "adjust" | "pick" | "drawn" | "state", detail: any) => void} emit
 * @property {(label: string) => string} colours
 * @property {(plane: PlaneName, point: Point) => {x: number, y: number}} pixelAt   on the canvas, CSS pixels
 * @property {Promise<void>} drawnFirst
 */

/** The form of a packed scene that these modules read. */
export const SCENE_FORMAT = 1;
