const DAY = 86_400_000;

/** `2026-11-22 10:00 UTC`, for people. */
function describeTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `yesterday (2026-11-22 10:00 UTC)`, `in 12 days (…)`: days are calendar days in UTC. */
export function describeWhen(at: number, now: number): string {
  return `${relative(Math.floor(at / DAY) - Math.floor(now / DAY))} (${describeTime(at)})`;
}

function relative(days: number): string {
  switch (days) {
    case -1:
      return 'yesterday';
    case 0:
      return 'today';
    case 1:
      return 'tomorrow';
    default:
      return days < 0 ? `${-days} days ago` : `in ${days} days`;
  }
}
