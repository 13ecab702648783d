/** The part of `npm run interop` about ONNX: files that this project writes, and what ONNX Runtime answers to them. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { useBackend } from '../../src/backend/backend.js';
import { readJson, writeFile, writeJson } from '../../src/common/files.js';
import { withCommas } from '../../src/common/text.js';
import { loadEncoder } from '../../src/encoder/load.js';
import { onnx } from '../../src/exchange/onnx.js';
import { floats, largestDifference } from '../../tests/encoder/golden.js';
import { answersOf, CASES, graphSha256, type Question } from '../../tests/exchange/onnx-models.js';
import { runDocumented } from './onnx-documented.js';

/** How a file compares. */
interface OnnxRow {
  readonly name: string;
  readonly bytes: number;
  /** The largest difference of two probabilities. */
  readonly difference: number;
  /** Of the last question: ONNX Runtime on Python, and TensorFlow.js on each backend. */
  readonly milliseconds: Readonly<Record<'onnxruntime' | 'native' | 'wasm', number>>;
}

/** What Python said; `answers` are probabilities, row-major, as base64 of float32. */
interface Answers {
  readonly versions: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, { readonly answers: readonly string[]; readonly milliseconds: number }>>;
}

/** How far apart probabilities may be. */
const TOLERANCE = 1e-5;

/** Calls of which the fastest counts: other programs may be at work beside it. */
const CALLS = 40;

const GOLDEN = join(__dirname, '../../tests/golden/onnx.json');

/** Where the other side is, and whether its answers are kept for the tests. */
export interface OnnxOptions {
  /** An interpreter with onnx, onnxruntime and librosa. */
  readonly python: string;
  /** Where files may be written, and packages installed. */
  readonly folder: string;
  readonly golden?: boolean;
}

/**
 * Writes the models of the tests as ONNX, has them checked and asked in Python, and compares the answers with those of
 * TensorFlow.js; then runs the documented programs.
 *
 * @returns a table, its head first
 * @throws Error if a file is refused, a program fails, or answers are too far apart
 */
export async function onnxTable(options: OnnxOptions): Promise<string[][]> {
  const head = [
    'network',
    'bytes',
    'largest difference',
    'ms in ONNX Runtime',
    'ms here, native',
    'ms here, WebAssembly',
  ];
  const rows = (await compareOnnx(options)).map(({ name, bytes, difference, milliseconds }) => {
    const { onnxruntime, native, wasm } = milliseconds;
    return [
      name,
      withCommas(bytes),
      difference.toExponential(1),
      ...[onnxruntime, native, wasm].map((ms) => ms.toFixed(1)),
    ];
  });
  const documented = (await runDocumented(options.python, join(options.folder, 'documented'))).map(
    ({ where, difference }) => [`docs/use-elsewhere.md in ${where}`, '', difference.toExponential(1), '', '', ''],
  );
  return [head, ...rows, ...documented];
}

async function compareOnnx({ python, folder, golden }: OnnxOptions): Promise<OnnxRow[]> {
  const questions: Record<string, Question[]> = {};
  const written: Record<string, { bytes: number; graph: string }> = {};
  await useBackend('native');
  for (const [name, { make, ask }] of Object.entries(CASES)) {
    const model = make();
    const [{ bytes }] = await onnx.write(model);
    writeFile(join(folder, `${name}.onnx`), bytes);
    written[name] = { bytes: bytes.length, graph: graphSha256(bytes) };
    questions[name] = await ask();
    for (const { network } of model.members) network.dispose();
  }
  writeJson(join(folder, 'questions.json'), asText(questions));
  execFileSync(python, [join(__dirname, 'ask_onnx.py'), folder], { stdio: 'inherit' });
  const { versions, files } = readJson(join(folder, 'answers.json')) as Answers;
  const native = await ownAnswers('native', questions);
  const wasm = await ownAnswers('wasm', questions);
  const rows = Object.entries(files).map(([name, { answers, milliseconds }]) => {
    const differences = answers.flatMap((answer, q) =>
      [native, wasm].map((own) => largestDifference(floats(answer), own[name].answers[q])),
    );
    const difference = Math.max(...differences);
    if (!(difference <= TOLERANCE))
      throw new Error(`ONNX Runtime and TensorFlow.js differ by ${difference} about ${name}, more than ${TOLERANCE}`);
    const times = { onnxruntime: milliseconds, native: native[name].milliseconds, wasm: wasm[name].milliseconds };
    return { name, bytes: written[name].bytes, difference, milliseconds: times };
  });
  const kept = Object.entries(files).map(
    ([name, { answers }]) => [name, { graph: written[name].graph, answers }] as const,
  );
  if (golden) writeJson(GOLDEN, { versions, files: Object.fromEntries(kept) });
  return rows;
}

/** Answers of TensorFlow.js, and how long the last one of each model takes. */
async function ownAnswers(
  backend: 'native' | 'wasm',
  questions: Readonly<Record<string, readonly Question[]>>,
): Promise<Record<string, { answers: Float32Array[]; milliseconds: number }>> {
  await useBackend(backend);
  const encoder = await loadEncoder('whisper-base-3');
  const entries = Object.entries(questions).map(([name, asked]) => {
    const model = CASES[name].make();
    const answers = asked.map((question) => answersOf(model, question, encoder));
    const times = Array.from({ length: CALLS }, () => {
      const start = performance.now();
      answersOf(model, asked[asked.length - 1], encoder);
      return performance.now() - start;
    });
    for (const { network } of model.members) network.dispose();
    return [name, { answers, milliseconds: Math.min(...times) }] as const;
  });
  encoder.dispose();
  return Object.fromEntries(entries);
}

/** Questions with their numbers as base64 of float32. */
function asText(questions: Readonly<Record<string, readonly Question[]>>) {
  const textOf = (values: Float32Array) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
  const given = (question: Question) =>
    Object.entries(question).map(([name, { shape, values }]) => [name, { shape, values: textOf(values) }] as const);
  const asked = Object.entries(questions).map(
    ([name, each]) => [name, each.map((question) => Object.fromEntries(given(question)))] as const,
  );
  return Object.fromEntries(asked);
}
