/**
 * What a role may do; the server decides, the page only explains.
 *
 * @param {import("./server_types.js").Session} person
 * @returns {{ work: boolean, approve: boolean }}
 */
export function rightsOf(person) {
  return {
    work: person.role === "physicist" || person.role === "physician",
    approve: person.role === "physician",
  };
}
