/** How {@link percent} writes a share. */
export interface PercentOptions {
  /** Digits after the point; default 1. */
  readonly digits?: number;
  /** Whether zeros at the end are kept, as in a column of figures; default true. */
  readonly zeros?: boolean;
}

/**
 * A share as a percentage, with a space before the sign.
 *
 * @example percent(0.4567) is `45.7 %`; percent(0.01, { digits: 2, zeros: false }) is `1 %`
 */
export function percent(share: number, { digits = 1, zeros = true }: PercentOptions = {}): string {
  const text = (100 * share).toFixed(digits);
  return `${zeros ? text : Number(text)} %`;
}

/** A difference of shares in percentage points: `4.5`, `-0.3`; `0.0`, whatever its sign, where it rounds to nothing. */
export function points(difference: number): string {
  const text = (100 * difference).toFixed(1);
  return text === '-0.0' ? '0.0' : text;
}

/**
 * A number of seconds as `1 h 05 min`, `3 min 20 s` or `12 s`; `?` if it is not finite.
 *
 * @param digits - of the seconds, after the point, below one minute; default 0
 */
export function duration(seconds: number, digits = 0): string {
  if (!Number.isFinite(seconds)) return '?';
  const short = seconds.toFixed(digits);
  if (Number(short) < 60) return `${short} s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** A number with commas between thousands: `1,234`. */
export function withCommas(value: number): string {
  return value.toLocaleString('en-US');
}

/** How many there are of something: `1 clip`, `1,234 clips`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${withCommas(value)} ${value === 1 ? one : many}`;
}

/** Names, and rows of a table, that are shown of any number of them. */
export const MOST_SHOWN = 100;

/** Names with commas between; of more than 100 the first, and how many others there are: `a, b, … and 4,900 more`. */
export function enumeration(names: readonly string[]): string {
  if (names.length <= MOST_SHOWN) return names.join(', ');
  return `${names.slice(0, MOST_SHOWN).join(', ')}, … and ${withCommas(names.length - MOST_SHOWN)} more`;
}

/** A value as a shell takes it. */
export function quoted(value: unknown): string {
  const text = String(value);
  return /^[\w./:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A number of bytes with three digits and a unit: `45.2 kB`, `1.3 GB`. */
export function size(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), BYTE_UNITS.length - 1);
  const value = bytes / 1000 ** power;
  return `${power > 0 && value < 100 ? value.toFixed(1) : withCommas(Math.round(value))} ${BYTE_UNITS[power]}`;
}

/** The bytes of a size such as `20GB`, `1.5 TB` or `512 MiB`; undefined if the text is none. */
export function bytesOfSize(text: string): number | undefined {
  const [, value, unit, binary] = text.trim().match(/^(\d+(?:\.\d+)?) ?([kMGT]?)(i?)B$/i) ?? [];
  if (value === undefined || (binary && !unit)) return undefined;
  return Math.round(Number(value) * (binary ? 1024 : 1000) ** ' KMGT'.indexOf(unit.toUpperCase() || ' '));
}
