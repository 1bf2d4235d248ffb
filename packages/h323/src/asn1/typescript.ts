import type { FieldTable, ModuleTable, TypeTable } from '../per/table.ts';

/** One generated file: the modules of one `.asn` file. */
export interface GeneratedModules {
  /** Of the file, for instance `h235-srtp`. */
  readonly name: string;
  readonly tables: readonly ModuleTable[];
}

const tool = '// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.';

/** The tables as a module of TypeScript: one type of ASN.1 on each line. */
export function tablesText({ name, tables }: GeneratedModules): string {
  const parts = tables.map(({ module, types }) => {
    const lines = Object.entries(types).map(
      ([type, table]) => `    ${JSON.stringify(type)}: ${JSON.stringify(table)},`,
    );
    return `  {\n    "module": ${JSON.stringify(module)},\n    "types": {\n${lines.join('\n').replaceAll(/^/gm, '  ')}\n    },\n  },`;
  });
  return [
    tool,
    "import type { ModuleTable } from '../per/table.ts';",
    '',
    `export const ${constantName(name)}Tables: readonly ModuleTable[] = [`,
    ...parts,
    '];',
    '',
  ].join('\n');
}

/** The types of values as TypeScript. `all` are the files whose types may be referred to. */
export function typesText(own: GeneratedModules, all: readonly GeneratedModules[]): string {
  return new TypesWriter(own, all).text();
}

/** `H323-UU-PDU` is `H323UUPDU`, `h235-srtp` is `H235Srtp`. */
export function typeName(name: string): string {
  return name.replaceAll(/(?:^|-)(.)/g, (_, first: string) => first.toUpperCase());
}

/** `h235-srtp` is `h235Srtp`. */
export function constantName(name: string): string {
  return name.replaceAll(/-(.)/g, (_, first: string) => first.toUpperCase());
}

class TypesWriter {
  readonly #own: GeneratedModules;
  readonly #homes: ReadonlyMap<string, { readonly file: string; readonly table: ModuleTable }>;
  /** What the text refers to, found while it is made. */
  readonly #files = new Set<string>();
  readonly #helpers = new Set<string>();
  #redacts = false;

  constructor(own: GeneratedModules, all: readonly GeneratedModules[]) {
    this.#own = own;
    this.#homes = new Map(
      all.flatMap(({ name, tables }) => tables.map((table) => [table.module, { file: name, table }] as const)),
    );
  }

  text(): string {
    const names = new Set<string>();
    const declarations = this.#own.tables.flatMap(({ module, types }) =>
      Object.entries(types).map(([type, table]) => {
        const name = typeName(type);
        if (names.has(name)) throw new Error(`two types of ${this.#own.name} would be called ${name}`);
        names.add(name);
        return `/** \`${type}\` of ${module}. */\n${this.#declaration(name, table, module)}`;
      }),
    );
    const imports = [
      ...(this.#redacts ? ["import type { Redacted } from '@trustline/base';"] : []),
      ...(this.#helpers.has('Bits') ? ["import type { Bits } from '../per/bit-string.ts';"] : []),
      ...this.#extensionImport(),
      ...[...this.#files].sort().map((file) => `import type * as ${typeName(file)} from './${file}.types.ts';`),
    ];
    // An alternative begins on a line of its own, after a space.
    return `${[tool, ...imports].join('\n')}\n\n${declarations.join('\n\n')}\n`.replaceAll(/ +$/gm, '');
  }

  #extensionImport(): string[] {
    const used = ['ExtensionRest', 'UnknownAlternative'].filter((helper) => this.#helpers.has(helper));
    return used.length === 0 ? [] : [`import type { ${used.join(', ')} } from '../per/extensions.ts';`];
  }

  #declaration(name: string, table: TypeTable, module: string): string {
    if (table.is === 'sequence') return `export interface ${name} ${this.#type(table, module, '')}`;
    return `export type ${name} = ${this.#type(table, module, '')};`;
  }

  #type(table: TypeTable, module: string, indent: string): string {
    const plain = this.#plain(table, module, indent);
    if (!('secret' in table && table.secret)) return plain;
    this.#redacts = true;
    return `Redacted<${plain}>`;
  }

  #plain(table: TypeTable, module: string, indent: string): string {
    switch (table.is) {
      case 'boolean':
      case 'null':
        return table.is;
      case 'oid':
      case 'characters':
        return 'string';
      case 'integer':
        return table.from === undefined || table.to === undefined || table.extensible ? 'number | bigint' : 'number';
      case 'enumerated': {
        const names = [...table.names, ...(table.additions ?? [])].map((name) => `'${name}'`);
        return [...names, ...(table.additions === undefined ? [] : ['number'])].join(' | ');
      }
      case 'octets':
        return 'Uint8Array';
      case 'bits':
        this.#helpers.add('Bits');
        return 'Bits';
      case 'list': {
        const of = this.#type(table.of, module, indent);
        return /^[A-Za-z0-9_.]+$/.test(of) ? `readonly ${of}[]` : `readonly (${of})[]`;
      }
      case 'open':
        return this.#type(table.of, module, indent);
      case 'ref':
        return this.#reference(table.type, table.module ?? module);
      case 'sequence':
        return this.#sequence(table, module, indent);
      case 'choice':
        return this.#choice(table, module, indent);
    }
  }

  #reference(type: string, module: string): string {
    const home = this.#homes.get(module);
    if (home === undefined) throw new Error(`there is no module ${module}`);
    if (home.file === this.#own.name) return typeName(type);
    this.#files.add(home.file);
    return `${typeName(home.file)}.${typeName(type)}`;
  }

  #sequence({ fields, additions }: Extract<TypeTable, { is: 'sequence' }>, module: string, indent: string): string {
    // Additions are absent from what older versions send, whether they are OPTIONAL or not.
    const added = (additions ?? []).flatMap((addition) =>
      ('group' in addition ? addition.group : [addition]).map((field) => ({ ...field, optional: true as const })),
    );
    const lines = [...fields, ...added].map((field) => `${indent}  ${this.#field(field, module, indent)}`);
    if (additions !== undefined) {
      this.#helpers.add('ExtensionRest');
      lines.push(`${indent}  readonly '...'?: ExtensionRest;`);
    }
    return lines.length === 0 ? 'Record<never, never>' : `{\n${lines.join('\n')}\n${indent}}`;
  }

  #field({ name, of, optional }: FieldTable, module: string, indent: string): string {
    return `readonly ${property(name)}${optional ? '?' : ''}: ${this.#type(of, module, `${indent}  `)};`;
  }

  #choice({ alternatives, additions }: Extract<TypeTable, { is: 'choice' }>, module: string, indent: string): string {
    const lines = [...alternatives, ...(additions ?? [])].map(({ name, of }) => {
      const value = this.#isNull(of, module) ? '' : `; readonly value: ${this.#type(of, module, `${indent}  `)}`;
      return `\n${indent}  | { readonly kind: '${name}'${value} }`;
    });
    if (additions !== undefined) {
      this.#helpers.add('UnknownAlternative');
      lines.push(`\n${indent}  | UnknownAlternative`);
    }
    return lines.join('');
  }

  #isNull(table: TypeTable, module: string): boolean {
    if (table.is !== 'ref') return table.is === 'null';
    const home = table.module ?? module;
    const target = this.#homes.get(home)?.table.types[table.type];
    return target !== undefined && this.#isNull(target, home);
  }
}

function property(name: string): string {
  return name.includes('-') ? `'${name}'` : name;
}
