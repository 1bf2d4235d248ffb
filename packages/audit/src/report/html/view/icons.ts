import type { Verdict } from '../../../model/report.ts';
import { element, type PageElement } from '../element.ts';
import { verdictWords } from '../wording.ts';

/** Drawn on a field of 24 by 24, in lines of the colour of the text around them. */
const drawings = {
  heard: ['M4 9.5v5h3.5L12 18V6L7.5 9.5z', 'M15.5 9a4.2 4.2 0 0 1 0 6', 'M18 6.5a8 8 0 0 1 0 11'],
  'digits-heard': [5, 12, 19].map((y) => [5, 12, 19].map((x) => `M${x} ${y}h.01`).join('')),
  'keys-exposed': ['M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8z', 'M11 12l8-8', 'M16 7l3 3', 'M13.5 9.5l2 2'],
  'metadata-only': [
    'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z',
    'M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z',
  ],
  'cannot-tell': [
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
    'M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7',
    'M12 16.6h.01',
  ],
  protected: ['M12 3l7.5 3v5c0 4.5-3 8.3-7.5 10-4.5-1.7-7.5-5.5-7.5-10V6z', 'M8.5 12l2.5 2.5 4.5-5'],
  play: ['M7 4.5v15l12.5-7.5z'],
  pause: ['M8 5v14', 'M16 5v14'],
  back: ['M19 12H5', 'M11 6l-6 6 6 6'],
  change: ['M4 12a8 8 0 0 1 14-5.3', 'M20 12a8 8 0 0 1-14 5.3', 'M18.5 3v4h-4', 'M5.5 21v-4h4'],
} as const satisfies Readonly<Record<Verdict | 'play' | 'pause' | 'back' | 'change', readonly string[]>>;

type IconName = keyof typeof drawings;

/** All icons, drawn once; `icon` shows one. */
export function iconSheet(): PageElement {
  return element(
    'svg',
    { class: 'icon-sheet', 'aria-hidden': 'true', width: 0, height: 0 },
    Object.entries(drawings).map(([name, paths]) =>
      element(
        'symbol',
        { id: `icon-${name}`, viewBox: '0 0 24 24' },
        // Dots are drawn as points of a thick pen.
        paths.map((d) => element('path', { d, 'stroke-width': /h\.01(?:M|$)/.test(d) ? 3.5 : null })),
      ),
    ),
  );
}

/** Beside words that say the same: readers of the screen pass it over. */
export function icon(name: IconName): PageElement {
  return element(
    'svg',
    { class: 'icon', 'aria-hidden': 'true', focusable: 'false', viewBox: '0 0 24 24' },
    element('use', { href: `#icon-${name}` }),
  );
}

/** The verdict as a mark: an icon of its own and its name, and only then a colour. */
export function verdictMark(verdict: Verdict): PageElement {
  return element('span', { class: `mark ${verdict}` }, icon(verdict), verdictWords[verdict].name);
}
