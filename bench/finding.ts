/** What a measurement found: numbers, the goal they are held against, and how they read in a table. Pure. */

type Unit = 'ms' | 's' | 'MiB' | '%' | 'times' | 'hosts' | 'jobs/s';

export interface Finding {
  what: string;
  value: number;
  unit: Unit;
  goal?: { atMost: number } | { atLeast: number };
  /** How the number came about: of how many runs, against what. */
  basis: string;
}

/** Whether the goal is met; undefined where there is none. */
export function isMet({ value, goal }: Finding): boolean | undefined {
  if (goal === undefined) return undefined;
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}

/** The smallest value that `share` (0 to 1) of the values do not exceed. @throws RangeError without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('There is no percentile of nothing.');
  return value;
}

/** The middle value, or the mean of the two in the middle. @throws RangeError without values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new RangeError('There is no median of nothing.');
  return (lower + upper) / 2;
}

/** Runs of the same thing done in two ways, in milliseconds. */
export interface Pairs {
  ours: number[];
  theirs: number[];
}

/** How many times as long ours takes, by the medians. `theirs` says what ours is held against. */
export function timesAsLong(what: string, { ours, theirs }: Pairs, against: string, atMost: number): Finding {
  const [own, other] = [median(ours), median(theirs)];
  const basis = `medians of ${ours.length}: ${seconds(own)} s, ${against} ${seconds(other)} s`;
  return { what, value: own / other, unit: 'times', goal: { atMost }, basis };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

/** Columns of plain text, one line a finding, by the measurement's name. */
export function table(findings: ReadonlyMap<string, Finding[]>): string {
  const head = ['measurement', 'what', 'value', 'goal', 'met', 'how'];
  const rows = [...findings].flatMap(([measurement, found]) =>
    found.map((finding) => [
      measurement,
      finding.what,
      quantity(finding.value, finding.unit),
      finding.goal ? goalText(finding.goal, finding.unit) : '',
      { true: 'yes', false: 'NO', undefined: '' }[`${isMet(finding)}`],
      finding.basis,
    ]),
  );
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map(line).join('\n');
}

function goalText(goal: NonNullable<Finding['goal']>, unit: Unit): string {
  return 'atMost' in goal ? `<= ${quantity(goal.atMost, unit)}` : `>= ${quantity(goal.atLeast, unit)}`;
}

function quantity(value: number, unit: Unit): string {
  const digits = unit === 'times' || unit === 's' ? 2 : unit === 'ms' ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`;
}
