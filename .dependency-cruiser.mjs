/**
 * The import table of the house, enforced. A room may import what its row lists and `base`;
 * `srtp` imports nothing at all, because people install it alone.
 * Tests, benches and fuzzers may import any room; only they may import `testing`.
 */
const everything = ['srtp', 'rtp', 'keying', 'pki', 'sip', 'sccp', 'h323', 'capture', 'evidence', 'provisioning'];

export const rooms = {
  base: [],
  srtp: [],
  rtp: ['base'],
  keying: ['base', 'srtp'],
  pki: ['base'],
  sip: ['base'],
  sccp: ['base'],
  h323: ['base'],
  capture: ['base'],
  evidence: ['base'],
  provisioning: ['base', 'pki'],
  ipsec: ['base'],
  callcontrol: ['base', 'keying', 'evidence'],
  manager: ['base', ...everything, 'ipsec', 'callcontrol'],
  phone: ['base', 'srtp', 'rtp', 'keying', 'sip', 'sccp', 'pki', 'provisioning', 'evidence', 'capture'],
  gateway: ['base', 'h323', 'srtp', 'rtp', 'sip', 'keying', 'pki', 'ipsec', 'evidence'],
  audit: ['base', 'srtp', 'rtp', 'keying', 'sip', 'sccp', 'h323', 'pki', 'provisioning', 'evidence', 'capture'],
  cli: ['base', ...everything, 'ipsec', 'callcontrol', 'manager', 'phone', 'gateway', 'audit'],
};

/** Rooms whose whole purpose is I/O; every other room keeps sockets, files and clocks in `src/node/`. */
const roomsOfAdapters = ['cli', 'console', 'testing'];

const testCode = '\\.(test|fixture)\\.ts$|^packages/[^/]+/(bench|fuzz)/';

const tableRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-imports`,
  comment: `${room} may import ${allowed.join(', ') || 'no other room'}`,
  severity: 'error',
  from: { path: `^packages/${room}/`, pathNot: testCode },
  to: { path: '^packages/', pathNot: `^packages/(${[room, ...allowed].join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...tableRules,
    {
      name: 'through-the-entry',
      comment: "another room is reached by its package's entries only: src/index.ts or src/node/index.ts",
      severity: 'error',
      from: { path: '^packages/([^/]+)/', pathNot: testCode },
      to: { path: '^packages/', pathNot: ['^packages/$1/', '^packages/[^/]+/src/(node/)?index\\.ts$'] },
    },
    {
      name: 'sans-io-core',
      comment:
        'a core touches no socket, file, clock or randomness; pure functions of node:crypto and node:zlib are allowed',
      severity: 'error',
      from: {
        path: '^packages/[^/]+/src/',
        pathNot: [`^packages/(${roomsOfAdapters.join('|')})/`, '^packages/[^/]+/src/node/', testCode],
      },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|zlib)$' },
    },
    {
      name: 'core-without-adapters',
      comment: 'a core never imports its own adapters',
      severity: 'error',
      from: {
        path: '^packages/([^/]+)/src/',
        pathNot: ['^packages/[^/]+/src/node/', `^packages/(${roomsOfAdapters.join('|')})/`, testCode],
      },
      to: { path: '^packages/[^/]+/src/node/' },
    },
    {
      name: 'srtp-runs-in-browsers',
      comment: 'the core of srtp imports no module of Node.js at all; a crypto provider is injected',
      severity: 'error',
      from: { path: '^packages/srtp/src/', pathNot: ['^packages/srtp/src/node/', testCode] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'testing-is-for-tests',
      comment: 'the testing room is imported by tests, benches and fuzzers only',
      severity: 'error',
      from: { pathNot: [testCode, '^packages/testing/'] },
      to: { path: '^packages/testing/' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/bench/competitors/' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js'],
    },
  },
};
