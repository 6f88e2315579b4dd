/** Elements of the page. */

/** The element with this id, which index.html has. */
export const byId = <T extends HTMLElement>(id: string, type: new () => T): T => {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`expected a ${type.name} with the id ${id}`);
  return found;
};

/** A new element with some properties and children. */
export const element = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

/** A line of a table whose first cell is its head. */
export const row = (head: string, ...cells: readonly string[]): HTMLTableRowElement =>
  element(
    "tr",
    {},
    element("th", { scope: "row", textContent: head }),
    ...cells.map((textContent) => element("td", { textContent })),
  );
