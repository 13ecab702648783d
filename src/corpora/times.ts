/** Days, hours, minutes and seconds, as pandas writes them: `0 days 00:00:01.5`; days and hours may be left out. */
const CLOCK = /^(?:(\d+) days?)?\s*(?:(?:(\d+):)?(\d+):(\d+(?:\.\d+)?))?$/;

const SECONDS = /^\d+(?:\.\d*)?(?:e[+-]?\d+)?\s*s?$/i;

/**
 * A time as it stands in a list, in seconds: `1.5`, `1.5 s`, `1,5`, `00:00:01.5` or `0 days 00:00:01.500000`.
 *
 * @returns NaN if it is none
 */
export function secondsOf(text: string): number {
  const plain = text.trim().replace(/^(\d+),(\d+)$/, '$1.$2');
  if (SECONDS.test(plain)) return Number.parseFloat(plain);
  const [whole, ...parts] = plain === '' ? [] : (plain.match(CLOCK) ?? []);
  if (!whole) return Number.NaN;
  const [days, hours, minutes, seconds] = parts.map((part = '0') => Number(part));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}
