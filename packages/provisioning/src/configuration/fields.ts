import { Redacted, type XmlElement } from '@trustline/base';
import { namesSecret, type OtherElement } from './phone-configuration.ts';
import { wordOf } from './values.ts';
import { type ConfigurationReject, type ConfigurationRejectCode, reject } from './xml.ts';

/** Ends the reading of a file at its first fault; `parseConfiguration` catches it, and nobody else sees it. */
export class Unreadable extends Error {
  readonly reject: ConfigurationReject;

  constructor(code: ConfigurationRejectCode, offset: number, message: string) {
    super(message);
    this.reject = reject(code, offset, message);
  }
}

/** The elements in one element, taken by name; what nobody takes is left for `others`. */
export class Fields {
  readonly #left: Set<XmlElement>;
  readonly #all: readonly XmlElement[];

  constructor(element: XmlElement | undefined) {
    this.#all = element?.children ?? [];
    this.#left = new Set(this.#all);
  }

  /** The only element of that name. Two would be read differently by two readers. */
  take(name: string): XmlElement | undefined {
    const [first, second] = this.takeAll(name);
    if (second !== undefined) throw new Unreadable('duplicate-element', second.offset, `<${name}> stands there twice`);
    return first;
  }

  takeAll(name: string): readonly XmlElement[] {
    const found = this.#all.filter((element) => element.name === name);
    for (const element of found) this.#left.delete(element);
    return found;
  }

  takeMatching(pattern: RegExp): readonly XmlElement[] {
    const names = new Set(this.#all.map(({ name }) => name).filter((name) => pattern.test(name)));
    return [...names].map((name) => this.take(name)).filter((element) => element !== undefined);
  }

  /** The elements within the only element of that name; none when it is not there. */
  within(name: string): Fields {
    return new Fields(this.take(name));
  }

  /** Text as it stands; empty is as if it were not there. */
  text(name: string): string | undefined {
    const element = this.take(name);
    return element === undefined ? undefined : textOf(element);
  }

  number(name: string, least: number, most: number): number | undefined {
    const element = this.take(name);
    return element === undefined ? undefined : numberOf(element.text, element, least, most);
  }

  word<Word extends string>(name: string, words: Readonly<Record<Word, number>>): Word | undefined {
    const element = this.take(name);
    const number = element === undefined ? undefined : numberOf(element.text, element, 0, 99);
    if (element === undefined || number === undefined) return undefined;
    const word = wordOf(words, number);
    if (word === undefined) throw new Unreadable('bad-value', element.offset, `<${name}> has a number without meaning`);
    return word;
  }

  /** Phones are sent `true` and `True`. */
  flag(name: string): boolean | undefined {
    const element = this.take(name);
    const text = element === undefined ? undefined : textOf(element)?.trim().toLowerCase();
    if (element === undefined || text === undefined) return undefined;
    if (text !== 'true' && text !== 'false') {
      throw new Unreadable('bad-value', element.offset, `<${name}> is neither true nor false`);
    }
    return text === 'true';
  }

  others(): readonly OtherElement[] {
    return this.#all.filter((element) => this.#left.has(element)).map(otherOf);
  }
}

function textOf(element: XmlElement): string | undefined {
  if (element.children.length > 0) {
    throw new Unreadable('bad-value', element.offset, `<${element.name}> has elements where a text belongs`);
  }
  return element.text === '' ? undefined : element.text;
}

/** Decimal digits with white space around; undefined when there is nothing else. */
export function numberOf(text: string, element: XmlElement, least: number, most: number): number | undefined {
  const digits = text.trim();
  if (digits === '' && element.children.length === 0) return undefined;
  const number = /^\d{1,10}$/.test(digits) ? Number(digits) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new Unreadable('bad-value', element.offset, `<${element.name}> is not a number from ${least} to ${most}`);
}

function otherOf(element: XmlElement): OtherElement {
  const { name, attributes, text } = element;
  const isSecret = namesSecret(name) && text.trim() !== '';
  return { name, attributes, children: element.children.map(otherOf), text: isSecret ? new Redacted(text) : text };
}
