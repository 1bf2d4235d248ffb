import type { AdditionTable, FieldTable, ModuleTable, NamedTable, SizeTable, TypeTable } from '../per/table.ts';
import { aliases, forgottenImports, secrets } from './modules.ts';
import type {
  AsnAddition,
  AsnComponent,
  AsnConstraint,
  AsnEnumeral,
  AsnModule,
  AsnRange,
  AsnShape,
  AsnType,
  AsnTypeAssignment,
} from './syntax.ts';

/** What the parameters of a parameterized type stand for, where one is used. */
type Parameters = ReadonlyMap<string, { readonly type: AsnType; readonly home: AsnModule }>;
const none: Parameters = new Map();

/** Makes the tables of modules that import each other: constraints evaluated, parameters put in, names resolved. */
export function makeTables(modules: readonly AsnModule[]): ModuleTable[] {
  const byName = new Map(modules.map((module) => [module.name, module]));
  return modules.map((module) => new TableMaker(byName, module).table());
}

class TableMaker {
  readonly #modules: ReadonlyMap<string, AsnModule>;
  readonly #home: AsnModule;

  constructor(modules: ReadonlyMap<string, AsnModule>, home: AsnModule) {
    this.#modules = modules;
    this.#home = home;
  }

  table(): ModuleTable {
    const types: Record<string, TypeTable> = {};
    for (const [name, { type, parameters }] of this.#home.types) {
      // A parameterized type is put in where it is used.
      if (parameters.length > 0) continue;
      const table = this.#type(type, `${this.#home.name}/${name}`, this.#home, none);
      types[name] = secrets.has(`${this.#home.name}/${name}`) ? secret(table, name) : table;
    }
    return { module: this.#home.name, types };
  }

  /** `place` is for error texts and names secrets; `scope` is the module whose names are meant. */
  #type(type: AsnType, place: string, scope: AsnModule, parameters: Parameters): TypeTable {
    const { constraint } = type;
    switch (type.is) {
      case 'BOOLEAN':
        return { is: 'boolean' };
      case 'NULL':
        return { is: 'null' };
      case 'OBJECT IDENTIFIER':
        return { is: 'oid' };
      case 'INTEGER':
        return integer(constraint.value);
      case 'ENUMERATED':
        return enumerated(type, place);
      case 'OCTET STRING':
        return { is: 'octets', ...size(constraint, place) };
      case 'BIT STRING':
        return { is: 'bits', ...size(constraint, place) };
      case 'characters':
        return { is: 'characters', of: type.of, ...size(constraint, place), ...alphabet(constraint) };
      case 'SEQUENCE OF':
        return { is: 'list', of: this.#type(type.of, place, scope, parameters), ...size(constraint, place) };
      case 'open type':
        return { is: 'open', of: this.#type(type.of, place, scope, parameters) };
      case 'SEQUENCE':
        return {
          is: 'sequence',
          fields: type.root.map((component) => this.#field(component, place, scope, parameters)),
          ...(type.additions === undefined
            ? {}
            : { additions: type.additions.map((addition) => this.#addition(addition, place, scope, parameters)) }),
        };
      case 'CHOICE': {
        ascendingTags(type.root, place);
        const alternatives = (all: readonly AsnComponent[]) =>
          all.map((component) => this.#named(component, place, scope, parameters));
        return {
          is: 'choice',
          alternatives: alternatives(type.root),
          ...(type.additions === undefined ? {} : { additions: alternatives(type.additions) }),
        };
      }
      case 'reference':
        return this.#reference(type, place, scope, parameters);
    }
  }

  #reference(
    { name, actual, constraint }: Extract<AsnType, { is: 'reference' }>,
    place: string,
    scope: AsnModule,
    parameters: Parameters,
  ): TypeTable {
    const parameter = parameters.get(name);
    if (parameter !== undefined) return this.#type(parameter.type, place, parameter.home, none);
    const { assignment, home } = this.#find(name, scope, place);
    if (assignment.parameters.length > 0) {
      const given = new Map(
        assignment.parameters.map((formal, i) => {
          const type = actual[i];
          if (type === undefined) throw new Error(`${place}: ${name} lacks its parameter ${formal}`);
          return [formal, { type, home: scope }];
        }),
      );
      return this.#type(assignment.type, place, home, given);
    }
    const { value, size: sizes, alphabet: permitted } = constraint;
    if (value === undefined && sizes === undefined && permitted === undefined) {
      return { is: 'ref', type: name, ...(home === this.#home ? {} : { module: home.name }) };
    }
    const constrained = { ...assignment.type, constraint: { ...assignment.type.constraint, ...constraint } };
    return this.#type(constrained, place, home, none);
  }

  #find(name: string, scope: AsnModule, place: string): { assignment: AsnTypeAssignment; home: AsnModule } {
    const own = scope.types.get(name);
    if (own !== undefined) return { assignment: own, home: scope };
    const from =
      forgottenImports[scope.name]?.[name] ?? scope.imports.find(({ symbols }) => symbols.includes(name))?.from;
    const home = this.#modules.get(aliases[from ?? ''] ?? from ?? '');
    const assignment = home?.types.get(name);
    if (home === undefined || assignment === undefined) {
      throw new Error(`${place}: there is no type ${name}${from === undefined ? '' : ` in ${from}`}`);
    }
    return { assignment, home };
  }

  #named({ name, type }: AsnComponent, place: string, scope: AsnModule, parameters: Parameters): NamedTable {
    const inner = `${place}/${name}`;
    const table = this.#type(type, inner, scope, parameters);
    return { name, of: secrets.has(inner) ? secret(table, inner) : table };
  }

  #field(component: AsnComponent, place: string, scope: AsnModule, parameters: Parameters): FieldTable {
    const named = this.#named(component, place, scope, parameters);
    return component.optional ? { ...named, optional: true } : named;
  }

  #addition(addition: AsnAddition, place: string, scope: AsnModule, parameters: Parameters): AdditionTable {
    return 'group' in addition
      ? { group: addition.group.map((component) => this.#field(component, place, scope, parameters)) }
      : this.#named(addition, place, scope, parameters);
  }
}

function integer(range: AsnRange | undefined): TypeTable {
  if (range === undefined) return { is: 'integer' };
  const { from, to, extensible } = range;
  return {
    is: 'integer',
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(extensible ? { extensible } : {}),
  };
}

function size({ size: range }: AsnConstraint, place: string): { size?: SizeTable } {
  if (range === undefined) return {};
  if (range.extensible) throw new Error(`${place}: an extensible size is in no module of H.323, and not supported`);
  const { from = 0, to } = range;
  return { size: to === undefined ? [from] : [from, to] };
}

function alphabet({ alphabet: permitted }: AsnConstraint): { alphabet?: string } {
  return permitted === undefined ? {} : { alphabet: [...new Set(permitted)].sort().join('') };
}

/** Root values are written as their place in the order of values (X.691 §14); an addition as its place in the text. */
function enumerated({ root, additions }: Extract<AsnShape, { is: 'ENUMERATED' }>, place: string): TypeTable {
  if (root.some(({ value }) => value === undefined) && root.some(({ value }) => value !== undefined)) {
    throw new Error(`${place}: some values have numbers and others none, which is in no module of H.323`);
  }
  const byValue = (one: AsnEnumeral, other: AsnEnumeral) => (one.value ?? 0) - (other.value ?? 0);
  return {
    is: 'enumerated',
    names: [...root].sort(byValue).map(({ name }) => name),
    ...(additions === undefined ? {} : { additions: additions.map(({ name }) => name) }),
  };
}

/** Alternatives are written as their place in the order of tags (X.691 §23), which here is that of the text. */
function ascendingTags(root: readonly AsnComponent[], place: string): void {
  const tags = root.map(({ tag }, i) => tag ?? i);
  if (tags.some((tag, i) => i > 0 && tag <= (tags[i - 1] ?? 0))) {
    throw new Error(`${place}: tags that do not ascend are in no module of H.323, and not supported`);
  }
}

function secret(table: TypeTable, place: string): TypeTable {
  if (table.is === 'octets' || table.is === 'bits' || table.is === 'characters' || table.is === 'list') {
    return { ...table, secret: true };
  }
  throw new Error(`${place}: only strings and lists can be kept secret`);
}
