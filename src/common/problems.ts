import { count } from './text.js';

/** What is wrong with a file. */
export interface FileProblem {
  readonly path: string;
  /** With or without the path in front. */
  readonly reason: string;
}

/** Files that have the same wrong with them. */
export interface ProblemGroup {
  readonly reason: string;
  readonly paths: readonly string[];
}

/** Lines of a list in a terminal. */
export const LISTED = 20;

/** Puts together what is wrong for the same reason, in the order of the first of each; paths are taken out of the reasons. */
export function problemGroups(problems: readonly FileProblem[]): ProblemGroup[] {
  const groups = new Map<string, string[]>();
  for (const { path, reason } of problems) {
    const plain = reason.replace(`${path}: `, '');
    const group = groups.get(plain);
    if (group) group.push(path);
    else groups.set(plain, [path]);
  }
  return [...groups].map(([reason, paths]) => ({ reason, paths }));
}

/**
 * Problems as lines for a terminal: each reason once, with the number of its files and the first of them; at most 20 lines, and one
 * that says where all are.
 *
 * @param all - where all of them are, ready to follow: `all are in clips.csv`
 */
export function problemLines(problems: readonly FileProblem[], all: string): string[] {
  const groups = problemGroups(problems);
  // However many files the first reason has, there is a line for the others: as many names of each as leave room for that.
  const length = (names: number) =>
    groups.reduce((sum, { paths }) => sum + (paths.length === 1 ? 1 : 1 + Math.min(names, paths.length)), 0);
  let room = LISTED;
  while (room > 0 && length(room) > LISTED) room--;
  const lines = groups.flatMap(({ reason, paths }) =>
    paths.length === 1
      ? [{ text: `${paths[0]}: ${reason}`, names: 1 }]
      : [
          { text: `${count(paths.length, 'file')}: ${reason}`, names: 0 },
          ...paths.slice(0, room).map((path) => ({ text: `  ${path}`, names: 1 })),
        ],
  );
  const shown = lines.slice(0, LISTED);
  const left = problems.length - shown.reduce((sum, { names }) => sum + names, 0);
  return [...shown.map(({ text }) => text), ...(left > 0 ? [`… and ${count(left, 'more file')}; ${all}`] : [])];
}
