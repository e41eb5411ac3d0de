import { allow, deskPanel, labelled, problemList } from "./elements.js";
import { reassess } from "./reassessing.js";
import { rightsOf } from "./rights.js";
import { readNumber } from "./numbers.js";
import { WORDS } from "./texts_server.js";
import { watchUnsaved } from "./unsaved.js";
import { made } from "./viewer/nodes.js";

/** @typedef {import("./desk_types.js").SettingsDocument} SettingsDocument */
/** @typedef {{path: () => string, input: HTMLInputElement, problem: HTMLElement, isNumber: boolean, told: string}} Field */
/** @typedef {{key: HTMLInputElement, value: Field}} Row */

const SETTINGS_TEXT = WORDS.settings;

/**
 * What the export does not carry and a person may decide; changed, a new version.
 *
 * @param {Pick<import("./desk_types.js").Desk, "caseId" | "person" | "version" | "onStep">} desk
 * @param {SettingsDocument} settings Of this version.
 * @param {{courses: {number: number, text: string}[], structures: string[]}} known
 * @returns {HTMLElement}
 */
export function settingsPanel(desk, settings, known) {
  const form = new SettingsForm(settings, known);
  const again = made("button", { type: "button", class: "primary" }, SETTINGS_TEXT.reassess);
  const why = made("p", { class: "hint" });
  const outcome = made("div", {});
  const mayWork = rightsOf(desk.person).work;
  const isChanged = () => form.faults().size > 0 || Object.keys(form.change()).length > 0;
  /** The change that the server is assessing, as text. */
  let assessing = "";
  watchUnsaved(() => isChanged() && JSON.stringify(form.change()) !== assessing);
  const judge = () => {
    const unreadable = form.showFaults() > 0 ? SETTINGS_TEXT.unreadable : null;
    const reason = unreadable ?? (isChanged() ? null : SETTINGS_TEXT.unchanged);
    allow(again, why, mayWork ? reason : SETTINGS_TEXT.mayNot);
  };
  form.element.addEventListener("input", judge);
  form.element.addEventListener("click", judge);
  again.addEventListener("click", async () => {
    form.showProblems([]);
    outcome.replaceChildren();
    const change = form.change();
    const problems = await reassess(desk, { settings: change }, "", outcome, () => {
      assessing = JSON.stringify(change);
    });
    const others = form.showProblems(problems);
    if (others.length > 0) {
      outcome.replaceChildren(problemList(others));
    }
  });
  judge();
  form.element.disabled = !mayWork;
  return deskPanel(
    "settings",
    SETTINGS_TEXT.title,
    made("p", { class: "hint" }, SETTINGS_TEXT.intro),
    form.element,
    made("div", { class: "buttons" }, again),
    why,
    outcome,
  );
}

/** The inputs, and what they say in the keys of the settings file. */
class SettingsForm {
  /**
   * @param {SettingsDocument} settings
   * @param {{courses: {number: number, text: string}[], structures: string[]}} known
   */
  constructor(settings, known) {
    /** @type {Field[]} */
    this.fields = [];
    this.settings = settings;
    const { default_oar: other, target, ...single } = settings.alpha_beta_gy ?? {};
    const minimal = settings.classification?.minimal_ov2gy_cc;
    this.organ = this.input("organ", settings.organ ?? "", "text");
    this.minimal = this.input("classification.minimal_ov2gy_cc", minimal, "number");
    this.defaultOar = this.input("alpha_beta_gy.default_oar", other, "number");
    this.target = this.input("alpha_beta_gy.target", target, "number");
    const drawn = made("datalist", { id: "drawn-names" }, ...known.structures.map((value) => made("option", { value })));
    this.ratios = this.rows("alpha_beta_gy", SETTINGS_TEXT.perOrgan, Object.entries(single), [SETTINGS_TEXT.structure, SETTINGS_TEXT.ratio], "number");
    const names = Object.entries(settings.structures ?? {});
    this.names = this.rows("structures", SETTINGS_TEXT.names, names, [SETTINGS_TEXT.drawn, SETTINGS_TEXT.standard], "text");
    this.doses = known.courses.map((course) => this.prescription(course));
    this.element = made(
      "fieldset",
      { class: "settings" },
      drawn,
      this.shown(SETTINGS_TEXT.organ, this.organ),
      this.shown(SETTINGS_TEXT.minimal, this.minimal),
      this.shown(SETTINGS_TEXT.defaultOar, this.defaultOar),
      this.shown(SETTINGS_TEXT.target, this.target),
      this.ratios.element,
      this.names.element,
      made(
        "fieldset",
        {},
        made("legend", {}, SETTINGS_TEXT.prescriptions),
        ...this.doses.map(({ element }) => element),
      ),
    );
    this.before = JSON.stringify(this.document());
  }

  /**
   * @param {string | (() => string)} path
   * @param {unknown} value
   * @param {"text" | "number"} type
   * @returns {Field}
   */
  input(path, value, type) {
    const text = value === undefined ? "" : String(value);
    const isNumber = type === "number";
    // A number input would hide from the page what it cannot read.
    const input = made("input", { type: "text", inputmode: isNumber ? "decimal" : null, value: text });
    const problem = made("p", { class: "field-problem", hidden: true });
    const field = { path: typeof path === "string" ? () => path : path, input, problem, isNumber, told: "" };
    this.fields.push(field);
    return field;
  }

  /**
   * @param {string} label
   * @param {Field} field
   * @returns {HTMLElement}
   */
  shown(label, field) {
    return made("div", {}, labelled(label, field.input), field.problem);
  }

  /**
   * A list of names with a value each, that can grow.
   *
   * @param {string} table
   * @param {string} title
   * @param {[string, unknown][]} entries
   * @param {[string, string]} heads
   * @param {"text" | "number"} type
   */
  rows(table, title, entries, heads, type) {
    /** @type {Row[]} */
    const rows = [];
    const place = made("div", { class: "rows" });
    const add = (/** @type {string} */ name, /** @type {unknown} */ content) => {
      const key = made("input", { value: name, list: "drawn-names", "aria-label": heads[0], placeholder: heads[0] });
      const value = this.input(() => `${table}.${tomlKey(key.value.trim())}`, content, type);
      value.input.setAttribute("aria-label", heads[1]);
      value.input.placeholder = heads[1];
      const row = { key, value };
      rows.push(row);
      const element = made("div", { class: "setting-row" }, key, value.input);
      const remove = made(
        "button",
        {
          type: "button",
          class: "quiet",
          "aria-label": SETTINGS_TEXT.removeRowOf(title, rows.length),
          click: () => {
            rows.splice(rows.indexOf(row), 1);
            this.fields.splice(this.fields.indexOf(value), 1);
            element.remove();
            more.focus();
          },
        },
        SETTINGS_TEXT.removeRow,
      );
      element.append(remove, value.problem);
      place.append(element);
      return key;
    };
    const more = made(
      "button",
      { type: "button", "aria-label": SETTINGS_TEXT.addTo(title), click: () => add("", undefined).focus() },
      SETTINGS_TEXT.add,
    );
    for (const [name, content] of entries) {
      add(name, content);
    }
    const element = made("fieldset", {}, made("legend", {}, title), place, more);
    return { rows, element };
  }

  /** @param {{number: number, text: string}} seen */
  prescription(seen) {
    const course = seen.number;
    const given = this.settings.prescription?.[course];
    const dose = this.input(`prescription.${course}.dose_gy`, given?.dose_gy, "number");
    const fractions = this.input(`prescription.${course}.n_fractions`, given?.n_fractions, "number");
    dose.input.setAttribute("aria-label", SETTINGS_TEXT.doseOf(course));
    fractions.input.setAttribute("aria-label", SETTINGS_TEXT.fractionsOf(course));
    dose.input.placeholder = SETTINGS_TEXT.dose;
    fractions.input.placeholder = SETTINGS_TEXT.fractions;
    const used = made("span", { class: "used" }, seen.text === "" ? SETTINGS_TEXT.course(course) : SETTINGS_TEXT.used(course, seen.text));
    const row = made("div", { class: "setting-row" }, used, dose.input, fractions.input);
    row.append(dose.problem, fractions.problem);
    return { course, dose, fractions, element: row };
  }

  /**
   * The inputs as a settings document; what is empty is left out.
   *
   * @returns {Record<string, any>}
   */
  document() {
    const ratios = {
      ...entry("default_oar", numberIn(this.defaultOar.input)),
      ...entry("target", numberIn(this.target.input)),
      ...namedValues(this.ratios.rows, numberIn),
    };
    const prescription = Object.fromEntries(
      this.doses.map(({ course, dose, fractions }) => [
        course,
        { ...entry("dose_gy", numberIn(dose.input)), ...entry("n_fractions", numberIn(fractions.input)) },
      ]),
    );
    return {
      ...entry("organ", textIn(this.organ.input)),
      classification: entry("minimal_ov2gy_cc", numberIn(this.minimal.input)),
      alpha_beta_gy: ratios,
      structures: namedValues(this.names.rows, textIn),
      prescription: Object.fromEntries(Object.entries(prescription).filter(([, row]) => Object.keys(row).length > 0)),
    };
  }

  /**
   * Only what differs from the version that is shown; null takes a key away.
   *
   * @returns {Record<string, any>}
   */
  change() {
    return difference(JSON.parse(this.before), this.document());
  }

  /**
   * What cannot be taken as it stands, by field.
   *
   * @returns {Map<Field, string>}
   */
  faults() {
    /** @type {Map<Field, string>} */
    const found = new Map();
    for (const field of this.fields.filter((one) => one.isNumber)) {
      const { fault } = readNumber(field.input.value);
      if (fault !== null) {
        found.set(field, fault);
      }
    }
    for (const { rows } of [this.ratios, this.names]) {
      const names = rows.map(({ key }) => key.value.trim());
      rows.forEach(({ key, value }, at) => {
        const [name, content] = [key.value.trim(), value.input.value.trim()];
        if ((name === "") !== (content === "")) {
          found.set(value, SETTINGS_TEXT.halfRow);
        } else if (name !== "" && names.indexOf(name) < at) {
          found.set(value, SETTINGS_TEXT.twice(name));
        }
      });
    }
    return found;
  }

  /**
   * Mark every field that cannot be taken; sentences of the server stay where they are.
   *
   * @returns {number} How many there are.
   */
  showFaults() {
    const faults = this.faults();
    for (const field of this.fields) {
      const words = faults.get(field) ?? field.told;
      field.problem.textContent = words;
      field.problem.hidden = words === "";
      field.input.setAttribute("aria-invalid", String(words !== ""));
    }
    return faults.size;
  }

  /**
   * Put each sentence at the field whose path it names.
   *
   * @param {string[]} problems
   * @returns {string[]} Those that no field is named in.
   */
  showProblems(problems) {
    const left = new Set(problems);
    for (const field of this.fields) {
      const own = problems.filter((sentence) => ` ${sentence}`.includes(` ${field.path()}:`));
      own.forEach((sentence) => left.delete(sentence));
      field.told = own.join(" ");
    }
    this.showFaults();
    return [...left];
  }
}

/** @param {string} name As the settings file quotes a key. */
function tomlKey(name) {
  return /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
}

/** @param {HTMLInputElement} input */
function numberIn(input) {
  return readNumber(input.value).value;
}

/** @param {HTMLInputElement} input */
function textIn(input) {
  return input.value.trim() || undefined;
}

/**
 * @param {string} key
 * @param {unknown} value
 * @returns {Record<string, any>}
 */
function entry(key, value) {
  return value === undefined ? {} : { [key]: value };
}

/**
 * @param {Row[]} rows
 * @param {(input: HTMLInputElement) => unknown} read
 * @returns {Record<string, any>}
 */
function namedValues(rows, read) {
  const filled = rows.map(({ key, value }) => [key.value.trim(), read(value.input)]);
  return Object.fromEntries(filled.filter(([key, value]) => key !== "" && value !== undefined));
}

/**
 * @param {Record<string, any>} before
 * @param {Record<string, any>} now
 * @returns {Record<string, any>}
 */
function difference(before, now) {
  /** @type {Record<string, any>} */
  const found = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const [old, value] = [before[key], now[key]];
    if (JSON.stringify(value) === JSON.stringify(old)) {
      continue;
    }
    if (isTable(value) && isTable(old)) {
      found[key] = difference(old, value);
    } else {
      found[key] = value ?? null;
    }
  }
  return found;
}

/**
 * A prescription is one thing: its dose and fractions are given together.
 *
 * @param {unknown} value
 */
function isTable(value) {
  return typeof value === "object" && value !== null && !("dose_gy" in value || "n_fractions" in value);
}
