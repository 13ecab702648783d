/** This project's side of `npm run bench`: one task a process, the result as JSON. Usage: ours.ts TASK OPTIONS.json */
import { readJson } from '../src/common/files.js';

async function main(): Promise<void> {
  const [task, options] = process.argv.slice(2);
  // Each task loads what it needs, as the commands do, and as theirs.py does.
  const { default: carryOut } = require(`./ours/${task}.js`) as { default: (options: unknown) => Promise<object> };
  console.log(JSON.stringify(await carryOut(readJson(options))));
}

main();
