import { h225Tables } from './generated/h225.tables.ts';
import { h235Tables } from './generated/h235.tables.ts';
import { h235SrtpTables } from './generated/h235-srtp.tables.ts';
import { h245Tables } from './generated/h245.tables.ts';
import { h450ArgumentsTables } from './generated/h450-arguments.tables.ts';
import { h4501Tables } from './generated/h4501.tables.ts';
import { h4502Tables } from './generated/h4502.tables.ts';
import { h4503Tables } from './generated/h4503.tables.ts';
import { h4504Tables } from './generated/h4504.tables.ts';
import { h4506Tables } from './generated/h4506.tables.ts';
import { h4508Tables } from './generated/h4508.tables.ts';
import { x880Tables } from './generated/x880.tables.ts';
import { Schema } from './per/schema.ts';

/** All modules of this room, as tables. */
export const moduleTables = [
  ...h225Tables,
  ...h245Tables,
  ...h235Tables,
  ...h235SrtpTables,
  ...x880Tables,
  ...h4501Tables,
  ...h4502Tables,
  ...h4503Tables,
  ...h4504Tables,
  ...h4506Tables,
  ...h4508Tables,
  ...h450ArgumentsTables,
];

/** Codecs for every type of the modules; each is made when it is first asked for. */
export const schema = new Schema(moduleTables);
