import type { JsonName, Name } from './x509-library.ts';

/** The parts of a subject that profiles use; phones require CN, O and OU (see `profiles.ts`). */
export interface SubjectParts {
  readonly commonName: string;
  readonly organizationalUnit: string;
  readonly organization: string;
}

/** RFC 5280 §A.1, ub-common-name, ub-organization-name, ub-organizational-unit-name: all 64 characters. */
const MAX_NAME_PART = 64;

/** Encodes most general first (O, OU, CN), the order X.500 names are written in; UTF8String or PrintableString. */
export function subjectName({ commonName, organizationalUnit, organization }: SubjectParts): JsonName {
  return [{ O: [organization] }, { OU: [organizationalUnit] }, { CN: [commonName] }];
}

/** True when a text can stand in one part of a name: 1 to 64 characters, none of them a control character. */
export function isNamePart(text: string): boolean {
  return text.length > 0 && text.length <= MAX_NAME_PART && !/\p{Cc}/u.test(text);
}

/** All values of one field, in order. */
export function fieldsOf(name: Name, field: string): readonly string[] {
  return name.getField(field);
}

/**
 * A name for people, most specific part first (RFC 4514 §2.1), control characters made visible:
 * the text comes from strangers and ends up in logs and terminals.
 */
export function describeName(name: Name): string {
  const parts = name.toJSON().map((relative) =>
    Object.entries(relative)
      .flatMap(([field, values]) => values.map((value) => `${field}=${visible(value)}`))
      .join('+'),
  );
  return parts.reverse().join(', ') || '(empty name)';
}

/** Text from a stranger as one printable line of bounded length. */
export function visible(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
  return clean.length > 200 ? `${clean.slice(0, 200)}…` : clean;
}
