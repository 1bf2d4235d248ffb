/** All that the page is made of. None of them loads, runs, embeds or submits anything. */
const documentElements =
  'a article aside bdi button canvas code dd details div dl dt figcaption figure footer h1 h2 h3 h4 header input label li main nav ol option p section select span strong summary table caption tbody td th thead time tr ul';
const pictureElements = 'svg symbol use path rect g';

type Words<Text extends string> = Text extends `${infer First} ${infer Rest}` ? First | Words<Rest> : Text;
export type PictureElementName = Words<typeof pictureElements>;
type ElementName = Words<typeof documentElements> | PictureElementName;

/**
 * What the page shows, as data: the same functions say it for the file (where it becomes markup) and for the script in
 * the page (where it becomes elements of the document). Text is only ever text: neither way can make an element, an
 * attribute or a script of it.
 */
export interface PageElement {
  readonly name: ElementName;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly PageNode[];
}

export type PageNode = PageElement | string;

/** What may stand for a child: nothing where there is nothing to show. */
type Child = PageNode | number | null | undefined | false | readonly Child[];

/** Attributes by their names as HTML writes them; `true` stands for one without a value, nothing for none. */
type GivenAttributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

const pictures: ReadonlySet<string> = new Set(pictureElements.split(' '));

export function isPicture(name: string): name is PictureElementName {
  return pictures.has(name);
}

/**
 * An element of the page.
 *
 * @throws {TypeError} for an attribute that could run or load something: handlers, styles, and links that leave the page
 */
export function element(name: ElementName, given: GivenAttributes = {}, ...children: readonly Child[]): PageElement {
  const attributes: Record<string, string> = {};
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    const text = value === true ? '' : String(value);
    if (/^(?:on|style$|src|srcdoc$)/.test(key)) throw new TypeError(`the page has no attribute ${key}`);
    if (key === 'href' && !/^#[a-z0-9-]+$/.test(text)) throw new TypeError('a link of the page leads within it');
    attributes[key] = text;
  }
  return { name, attributes, children: flat(children) };
}

function flat(children: readonly Child[]): PageNode[] {
  return children.flatMap((child): PageNode[] => {
    if (child === null || child === undefined || child === false) return [];
    if (typeof child === 'number') return [String(child)];
    if (typeof child === 'string') return [child];
    return 'name' in child ? [child] : flat(child);
  });
}

/** All text in it, as a reader meets it. */
export function textOf(node: PageNode): string {
  return typeof node === 'string' ? node : node.children.map(textOf).join('');
}
