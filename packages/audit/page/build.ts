import { isPicture, type PageNode } from '../src/report/html/element.ts';

const pictureNamespace = 'http://www.w3.org/2000/svg';

/** Where things stand in a grid, told as data: markup of the page has no style of its own. */
const places: Readonly<Record<string, string>> = {
  'data-place': 'grid-column',
  'data-columns': '--columns',
  'data-lanes': '--lanes',
  'data-span': '--span',
};

/** What the page shows, as elements of the document. Text becomes text, and nothing else. */
export function build(node: PageNode): Element | Text {
  if (typeof node === 'string') return document.createTextNode(node);
  const built = isPicture(node.name)
    ? document.createElementNS(pictureNamespace, node.name)
    : document.createElement(node.name);
  for (const [name, value] of Object.entries(node.attributes)) {
    const place = places[name];
    if (place !== undefined && built instanceof HTMLElement) built.style.setProperty(place, value);
    else built.setAttribute(name, value);
  }
  for (const child of node.children) built.append(build(child));
  return built;
}

/** The element of the page that has this id. */
export function placeOf(id: string): HTMLElement {
  const place = document.getElementById(id);
  if (place === null) throw new Error(`the page has no ${id}`);
  return place;
}

/** What stands as JSON in the page; undefined where there is none of that id. */
export function dataOf(id: string): unknown {
  const text = document.getElementById(id)?.textContent;
  return text === undefined || text === null ? undefined : JSON.parse(text);
}

/** Tells those who hear the page what those who see it see. */
export function say(words: string): void {
  placeOf('said').textContent = words;
}
