import type { CallRow } from '../src/report/html/call-row.ts';
import { listRow } from '../src/report/html/view/list-row.ts';
import { build } from './build.ts';

/** Lines beyond those in sight, above and below: what scrolls in is there already. */
const MARGIN_LINES = 6;

/** The list of calls. Only lines in sight, and the one that has the focus, are in the document. */
export class CallList {
  readonly #list: HTMLElement;
  readonly #window: HTMLElement;
  readonly #field: HTMLElement;
  readonly #lines = new Map<number, Element>();
  #rows: readonly CallRow[] = [];
  /** The line that the tabulator leads to. */
  #active = 0;
  #height = 1;

  constructor(list: HTMLElement) {
    this.#list = list;
    this.#window = list.querySelector('.lines') as HTMLElement;
    this.#field = list.querySelector('.rows') as HTMLElement;
    this.#window.addEventListener('scroll', () => this.#render(), { passive: true });
    list.addEventListener('keydown', (event) => this.#key(event));
    list.addEventListener('focusin', (event) => this.#focused(event));
    new ResizeObserver(() => this.#measure()).observe(this.#window);
  }

  show(rows: readonly CallRow[]): void {
    this.#rows = rows;
    this.#active = 0;
    this.#window.scrollTop = 0;
    for (const line of this.#lines.values()) line.remove();
    this.#lines.clear();
    this.#list.hidden = rows.length === 0;
    this.#list.setAttribute('aria-rowcount', String(rows.length + 1));
    this.#measure();
  }

  /** The call before and the call after one, in the list as it is. */
  neighbours(number: number): readonly [number | null, number | null] {
    const at = this.#rows.findIndex((row) => row.number === number);
    if (at < 0) return [null, null];
    return [this.#rows[at - 1]?.number ?? null, this.#rows[at + 1]?.number ?? null];
  }

  /** Puts the focus on the line of a call, or where it was last. */
  focus(number?: number): void {
    const at = number === undefined ? this.#active : this.#rows.findIndex((row) => row.number === number);
    if (at >= 0) this.#moveTo(at);
  }

  #measure(): void {
    const root = getComputedStyle(document.documentElement);
    // `--row` is in rem, so that it grows with the letters.
    this.#height = Number.parseFloat(root.getPropertyValue('--row')) * Number.parseFloat(root.fontSize);
    this.#field.style.height = `${this.#rows.length * this.#height}px`;
    for (const [index, line] of this.#lines) this.#put(line, index);
    this.#render();
  }

  #put(line: Element, index: number): void {
    (line as HTMLElement).style.top = `${index * this.#height}px`;
  }

  #render(): void {
    const { scrollTop, clientHeight } = this.#window;
    const first = Math.max(0, Math.floor(scrollTop / this.#height) - MARGIN_LINES);
    const last = Math.min(this.#rows.length - 1, Math.ceil((scrollTop + clientHeight) / this.#height) + MARGIN_LINES);
    const wanted = new Set<number>();
    if (this.#active < first) wanted.add(this.#active);
    for (let index = first; index <= last; index++) wanted.add(index);
    if (this.#active > last && this.#active < this.#rows.length) wanted.add(this.#active);
    for (const [index, line] of this.#lines) {
      if (wanted.has(index)) continue;
      line.remove();
      this.#lines.delete(index);
    }
    // In the order of the calls, as they are read aloud; what is there already stays where it is.
    let next = this.#field.firstElementChild;
    for (const index of wanted) {
      const there = this.#lines.get(index);
      if (there !== undefined) next = there.nextElementSibling;
      else this.#field.insertBefore(this.#make(index), next);
    }
    this.#markActive();
  }

  #make(index: number): Element {
    const line = build(listRow(this.#rows[index] as CallRow, index)) as Element;
    this.#put(line, index);
    this.#lines.set(index, line);
    return line;
  }

  #markActive(): void {
    for (const [index, line] of this.#lines) {
      line.querySelector('a')?.setAttribute('tabindex', index === this.#active ? '0' : '-1');
    }
  }

  #focused({ target }: FocusEvent): void {
    const index = Number((target as HTMLElement).dataset['index']);
    if (!Number.isInteger(index)) return;
    this.#active = index;
    this.#markActive();
  }

  #moveTo(index: number): void {
    this.#active = index;
    const [top, bottom] = [index * this.#height, (index + 1) * this.#height];
    const { scrollTop, clientHeight } = this.#window;
    if (top < scrollTop) this.#window.scrollTop = top;
    else if (bottom > scrollTop + clientHeight) this.#window.scrollTop = bottom - clientHeight;
    this.#render();
    this.#lines.get(index)?.querySelector('a')?.focus();
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.#window.clientHeight / this.#height) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: this.#active + 1,
      ArrowUp: this.#active - 1,
      PageDown: this.#active + page,
      PageUp: this.#active - page,
      Home: 0,
      End: this.#rows.length - 1,
    };
    const to = steps[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#moveTo(Math.max(0, Math.min(this.#rows.length - 1, to)));
  }
}
