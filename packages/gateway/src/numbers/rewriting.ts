/** What is done to a number on its way, in this order. */
export interface Rewriting {
  /** Digits taken from the front. */
  readonly strip?: number;
  /** Put before it. */
  readonly prefix?: string;
  /** The first rule whose pattern is found is applied; `$1` in `to` is the first group of `from`. */
  readonly translate?: readonly { readonly from: RegExp; readonly to: string }[];
}

/** Rewrites a number. What would not be a number afterwards is as empty as a number that was stripped of all digits. */
export function rewrite(number: string, { strip = 0, prefix = '', translate = [] }: Rewriting): string {
  const prefixed = prefix + number.slice(strip);
  const rule = translate.find(({ from }) => from.test(prefixed));
  const rewritten = rule === undefined ? prefixed : prefixed.replace(rule.from, rule.to);
  return /^\+?[0-9*#]*$/.test(rewritten) ? rewritten : '';
}
