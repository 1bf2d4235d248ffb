import type { Verdict } from '../src/model/report.ts';
import { type CallFilter, everyCall } from '../src/report/html/call-filter.ts';

/** The controls that narrow the list: says what they are set to, whenever that changes. */
export class CallFilters {
  readonly #form: HTMLElement;
  readonly #changed: (filter: CallFilter) => void;

  constructor(form: HTMLElement, changed: (filter: CallFilter) => void) {
    this.#form = form;
    this.#changed = changed;
    form.addEventListener('input', () => this.#tell());
    form.addEventListener('click', ({ target }) => {
      const button = (target as Element).closest('button');
      if (button === null) return;
      if (button.dataset['verdict'] !== undefined) {
        button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'));
        this.#tell();
      } else if (button.dataset['clear'] !== undefined) this.set(everyCall);
    });
  }

  /** Sets the controls that are texts and choices; verdicts are all let go. */
  set(filter: CallFilter): void {
    for (const control of this.#controls()) {
      control.value = filter[control.dataset['filter'] as 'text' | 'protocol'];
    }
    for (const button of this.#form.querySelectorAll('[data-verdict]')) button.setAttribute('aria-pressed', 'false');
    this.#tell();
  }

  #controls(): NodeListOf<HTMLInputElement | HTMLSelectElement> {
    return this.#form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[data-filter]');
  }

  #tell(): void {
    const verdicts = [...this.#form.querySelectorAll<HTMLElement>('[data-verdict][aria-pressed="true"]')];
    const values = [...this.#controls()].map((control) => [control.dataset['filter'], control.value]);
    this.#changed({
      ...everyCall,
      ...Object.fromEntries(values),
      verdicts: new Set(verdicts.map((button) => button.dataset['verdict'] as Verdict)),
    });
  }
}
