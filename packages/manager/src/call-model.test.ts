import fc from 'fast-check';
import { test } from 'vitest';
import { destinations } from '../../callcontrol/src/features.fixture.ts';
import { House } from './call-model.fixture.ts';

/** What somebody in the house does; it is checked afterwards that all is as it must be. */
class Step implements fc.Command<object, House> {
  readonly #words: string;
  readonly #act: (house: House) => void;

  constructor(words: string, act: (house: House) => void) {
    this.#words = words;
    this.#act = act;
  }

  check(): boolean {
    return true;
  }

  run(_: object, house: House): void {
    this.#act(house);
    house.check();
  }

  toString(): string {
    return this.#words;
  }
}

const person = fc.nat(9);
/** A phone, or a number that leads elsewhere: a group, a place to park at, a conference, what picks up. */
const number = fc.oneof({ arbitrary: person.map((at) => `100${at}`), weight: 2 }, fc.constantFrom(...destinations));
const direction = fc.constantFrom('sendonly', 'inactive', 'sendrecv');
const method = fc.constantFrom('INVITE', 'UPDATE');
const who = (house: House, at: number) => house.people[at] ?? raise(at);

const steps: fc.Arbitrary<Step>[] = [
  fc
    .tuple(person, number, fc.boolean())
    .map(
      ([at, to, late]) =>
        new Step(`${at} calls ${to}${late ? ' without an offer' : ''}`, (house) =>
          house.call(who(house, at), to, late),
        ),
    ),
  fc.constant(new Step('whoever is rung picks up', (house) => house.everybodyPicksUp())),
  person.map((at) => new Step(`${at} picks up`, (house) => who(house, at).pickUp())),
  fc
    .tuple(person, direction, method)
    .map(([at, to, by]) => new Step(`${at} goes to ${to} by ${by}`, (house) => house.hold(who(house, at), to, by))),
  fc
    .tuple(person, number)
    .map(([at, to]) => new Step(`${at} transfers to ${to}`, (house) => house.transfer(who(house, at), to))),
  fc
    .tuple(person, fc.oneof(fc.constantFrom(486, 603, 480, 488), number))
    .map(([at, by]) => new Step(`${at} refuses by ${by}`, (house) => house.refuse(who(house, at), by))),
  fc
    .tuple(person, fc.constantFrom('*37', '*37', '#37'))
    .map(
      ([at, code]) =>
        new Step(`${at} wants to be called back, or no more: ${code}`, (house) =>
          house.call(who(house, at), code, false),
        ),
    ),
  person.map((at) => new Step(`${at} presses a key`, (house) => house.press(who(house, at)))),
  fc
    .tuple(fc.nat(5), fc.boolean())
    .map(
      ([which, isOn]) =>
        new Step(`forwarding ${which} is ${isOn ? 'on' : 'off'}`, (house) => house.forward(which, isOn)),
    ),
  person.map((at) => new Step(`${at} joins his two`, (house) => house.transfer(who(house, at), 'newest'))),
  person.map((at) => new Step(`${at} hangs up`, (house) => house.hangUp(who(house, at)))),
  person.map((at) => new Step(`${at} comes back`, (house) => house.comeBack(who(house, at)))),
  fc.integer({ min: 1, max: 4_000 }).map((time) => new Step(`${time} ms pass`, (house) => house.wait(time))),
];

test('ten phones do what people do, over a network that loses and reorders: no leg without a call, no key in two, every INVITE answered once, nothing left', () => {
  const isFull = process.env['TRUSTLINE_FULL'] === '1';
  fc.assert(
    fc.property(fc.boolean(), fc.commands(steps, { maxCommands: 60, size: 'max' }), (hasRelay, commands) => {
      const house = new House(hasRelay);
      fc.modelRun(() => ({ model: {}, real: house }), commands);
      house.finish();
    }),
    { numRuns: isFull ? 20_000 : 150 },
  );
});

function raise(at: number): never {
  throw new Error(`there is nobody at ${at}`);
}
