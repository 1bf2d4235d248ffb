import { AsyncLocalStorage } from 'node:async_hooks';

/** Who asked for what is going on, and why: part of every event that is said meanwhile. */
export interface Attribution {
  readonly actor: string;
  readonly statedReason?: string;
}

interface Turn {
  readonly attribution: Attribution;
  /** What an operation left behind, a timer for instance, is not done on anybody's behalf any more. */
  isOver: boolean;
}

const current = new AsyncLocalStorage<Turn>();

/** Does some work on behalf of somebody. Whatever event the work says names them, so no operation can forget to. */
export async function onBehalfOf<Result>(
  attribution: Attribution,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  const turn: Turn = { attribution, isOver: false };
  try {
    return await current.run(turn, async () => work());
  } finally {
    turn.isOver = true;
  }
}

/** On whose behalf the current work is done; undefined for what the manager does by itself. */
export function currentAttribution(): Attribution | undefined {
  const turn = current.getStore();
  return turn === undefined || turn.isOver ? undefined : turn.attribution;
}
