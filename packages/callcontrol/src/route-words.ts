import type { Route } from './directory.ts';

/** What the dial plan says of a number, as a sentence for the record of the call. */
export function routeWords(number: string, route: Route | undefined): string {
  if (route === undefined) return `No row of the dial plan leads anywhere for ${number}, and it is no line.`;
  const translated = (route.translations ?? []).map((step) => `, by pattern ${step.pattern} ${step.number}`).join('');
  const row = route.pattern === undefined ? '' : `, by pattern ${route.pattern},`;
  const said = `${number}${translated}`;
  switch (route.kind) {
    case 'line':
      return `${said}${row} is line ${route.line}; encryption: ${route.policy}.`;
    case 'trunk': {
      const devices = route.devices.join(', then ');
      return `${said}${row} leads to ${devices} as ${route.number}; encryption: ${route.policy}.`;
    }
    case 'hunt-group':
      return `${said}${row} is hunt group ${route.name}; encryption: ${route.policy}.`;
    case 'conference':
      return `${said}${row} is the conference ${route.name}; encryption: ${route.policy}.`;
    case 'park':
      return `${said}${row} is a place where calls are parked.`;
    case 'pick-up':
      return `${said}${row} picks up a call${route.line === undefined ? '' : ` of line ${route.line}`}.`;
    case 'blocked':
      return `${said}${row} is refused: ${route.reason}.`;
  }
}
