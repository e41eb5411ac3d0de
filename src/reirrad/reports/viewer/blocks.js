/** The blocks of the record as elements. */

import { word } from "./answer_nodes.js";
import { made } from "./nodes.js";

/**
 * @param {import("./answer_types.js").Block} block
 * @param {string} name what a table is called for those who cannot see where it stands
 * @returns {HTMLElement}
 */
export function blockNode(block, name) {
  if (block.kind === "table") return tableNode(block, name);
  if (block.kind === "subheading") return word("h4", block.text ?? "");
  if (block.kind === "items") {
    return made("ul", {}, ...(block.items ?? []).map((item) => word("li", item.text, item.tone)));
  }
  return word("p", block.text ?? "", block.tone ?? "plain");
}

/**
 * @param {import("./answer_types.js").Block} block
 * @param {string} name
 * @returns {HTMLElement}
 */
function tableNode(block, name) {
  const columns = block.columns ?? [];
  const titles = columns.map((column) =>
    column.title
      ? made("th", { scope: "col", class: column.align === "right" ? "right" : null }, column.title)
      : made("td"),
  );
  const titled = columns.some((column) => column.title);
  const rows = (block.rows ?? []).map((row) => rowNode(row, columns));
  const table = made("table", {},
    titled ? made("thead", {}, made("tr", {}, ...titles)) : null,
    made("tbody", {}, ...rows),
  );
  return made("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": name }, table);
}

/**
 * @param {import("./answer_types.js").BlockRow} row
 * @param {{align: string}[]} columns
 */
function rowNode(row, columns) {
  if (row.span !== "no") {
    const cell = made("td", { colspan: columns.length }, row.cells[0].text);
    return made("tr", { class: `span-${row.span}` }, cell);
  }
  const cells = row.cells.map((cell, place) =>
    word("td", cell.text, cell.tone, columns[place]?.align === "right" ? "right" : ""),
  );
  return made("tr", {}, ...cells);
}
