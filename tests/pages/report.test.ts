import assert from 'node:assert/strict';
import { JSDOM } from 'jsdom';
import { evaluate } from '../../src/evaluation/metrics.js';
import { toHtml } from '../../src/pages/html.js';
import { type ReportData, reportHtml } from '../../src/pages/report.js';
import { classBalanceFigure, confusionFigure, historyFigure } from '../../src/plots/figures.js';

const EVIL = '</script><script>window.broken = 1</script><img src="http://example.org/x.png">&amp;\'"';

const labels = ['happy', EVIL, 'sad'];
const metrics = evaluate([0, 0, 1, 1], Float32Array.from([1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0]), labels);
const report: ReportData = {
  title: `Report ${EVIL}`,
  created: '2026-01-02 03:04',
  command: `ser run --corpus ${EVIL}`,
  corpus: { name: 'emodb', title: `Berlin ${EVIL}`, note: 'copies of 2 s' },
  protocol: { name: 'random', description: `At random. ${EVIL}`, optimistic: true },
  seed: 42,
  config: { network: 'original', [EVIL]: EVIL, patience: null, absent: undefined },
  environment: { node: 'v20', simd: true },
  sets: { train: metrics, validation: metrics, test: metrics },
  chance: 0.5,
  labels,
  history: [{ epoch: 1, loss: 1, accuracy: 0.5, valLoss: 1.25, valAccuracy: 0.625, seconds: 2 }],
  bestEpoch: 1,
  seconds: { features: 1.25, training: 125, evaluation: 0.5, total: 127 },
  splits: [
    { set: 'train', clips: 1234, speakers: ['03', '08'] },
    { set: 'test', clips: 4, speakers: [EVIL] },
  ],
  skipped: [{ path: `a/${EVIL}.wav`, reason: `truncated ${EVIL}` }],
  mostConfidentMistakes: [{ path: `b/${EVIL}.wav`, true: EVIL, predicted: 'sad', probability: 0.987 }],
  figures: [
    { title: 'Confusion', figure: confusionFigure(metrics.confusion, labels, { normalise: true }), caption: EVIL },
    { title: 'Balance', figure: classBalanceFigure({ [EVIL]: [{ emotion: EVIL }] }), caption: 'Clips.' },
  ],
};

/** The page as a browser reads it, scripts not run, without the text of Plotly. */
function pageOf(html: string): { document: Document; text: string } {
  const { document } = new JSDOM(html).window;
  const body = document.body.cloneNode(true) as HTMLElement;
  for (const script of body.querySelectorAll('script')) script.remove();
  return { document, text: (body.textContent ?? '').replace(/\s+/g, ' ') };
}

describe('reportHtml()', () => {
  const html = reportHtml(report);
  const { document, text } = pageOf(html);

  it('says the result in words first, then what limits it', () => {
    assert.match(text, /UAR 75\.0 % · accuracy 75\.0 % · chance 50\.0 %/);
    assert.match(text, /names the right emotion for 75\.0 % of the clips/);
    assert.match(text, /The weakest class is happy: 50\.0 % of its 2 clips recognised/);
    assert.match(text, /The protocol is optimistic/);
    assert.match(text, /single speaker/);
    assert.match(text, /Not tested, because the test set has no such clips: sad\./);
    assert.match(text, /copies of 2 s/);
    const order = [...document.querySelectorAll('h2')].map((heading) => heading.textContent);
    assert.deepEqual(order, [
      'Result',
      'What to keep in mind',
      'Result by set',
      'Result by class (test set)',
      'Figures',
      'Most confident mistakes (test set)',
      'Training',
      'Data and split',
      'Configuration',
      'Environment',
      'Skipped files',
    ]);
  });

  it('holds every table with its values', () => {
    const rows = [...document.querySelectorAll('tr')].map((row) => [...row.children].map((cell) => cell.textContent));
    const has = (...row: string[]) =>
      assert.ok(
        rows.some((each) => each.join('|') === row.join('|')),
        row.join('|'),
      );
    has('', 'Training', 'Validation', 'Test');
    has('UAR', '75.0\u00a0%', '75.0\u00a0%', '75.0\u00a0%');
    has('happy', '50.0\u00a0%', '100.0\u00a0%', '66.7\u00a0%', '2');
    has('sad', '–', '0.0\u00a0%', '0.0\u00a0%', '0');
    has('Training', '1,234', '2', '03, 08');
    has('Training', '2 min 05 s');
    has('seed', '42');
    has('patience', 'null');
    has(`b/${EVIL}.wav`, EVIL, 'sad', '98.7\u00a0%');
    has(`a/${EVIL}.wav`, `truncated ${EVIL}`);
    assert.ok(!text.includes('absent'));
  });

  it('shows names as they are: nothing in them becomes a part of the page', () => {
    assert.equal(document.querySelectorAll('img, iframe, link, object').length, 0);
    // Two figures' data, Plotly, and what draws the figures.
    assert.equal(document.querySelectorAll('script').length, 4);
    assert.equal(document.title, `Report ${EVIL}`);
    assert.equal(document.querySelector('figcaption')?.textContent, EVIL);
    const data = [...document.querySelectorAll('script[type="application/json"]')].map((each) =>
      JSON.parse(each.textContent ?? ''),
    );
    assert.equal(data.length, 2);
    assert.deepEqual(data[0].data[0].z, [
      [50, 50, 0],
      [0, 100, 0],
      [null, null, null],
    ]);
  });

  it('loads nothing from anywhere, and is below 6 MB', () => {
    for (const element of document.querySelectorAll('[src], [href]'))
      assert.fail(`${element.tagName} refers to ${element.getAttribute('src') ?? element.getAttribute('href')}`);
    assert.ok(!/url\(|@import/.test(document.querySelector('style')?.textContent ?? ''));
    assert.match(document.querySelector('meta[http-equiv]')?.getAttribute('content') ?? '', /default-src 'none'/);
    assert.ok(Buffer.byteLength(html) < 6e6, `${Buffer.byteLength(html)} bytes`);
  });

  it('leaves out warnings that do not apply', () => {
    const clean = pageOf(
      reportHtml({
        ...report,
        corpus: { name: 'x', title: 'X' },
        protocol: { name: 'speakers', description: 'Unseen speakers.', optimistic: false },
        sets: { test: metrics },
        chance: 0.8,
        splits: [{ set: 'test', clips: 4, speakers: ['a', 'b'] }],
        skipped: [],
        mostConfidentMistakes: [],
        figures: [],
      }),
    );
    assert.doesNotMatch(clean.text, /optimistic|About this copy|single speaker|left out/);
    assert.match(clean.text, /no better than guessing/);
    assert.match(clean.text, /None: every clip of the test set was recognised/);
  });

  it('says of several corpora what mixing means, and of a folder how it was understood and what is left out', () => {
    const reason = `does not follow ${EVIL}`;
    const mixed = pageOf(
      reportHtml({
        ...report,
        mixture: `2 corpora together. ${EVIL}`,
        folders: 'Read as a folder for each emotion',
        corpora: [{ name: 'one' }, { name: EVIL, test: metrics }],
        leftOut: Array.from({ length: 25 }, (_, i) => ({ path: `${i}${EVIL}.wav`, reason })),
      }),
    );
    for (const phrase of [
      `2 corpora together. ${EVIL}`,
      'Read as a folder for each emotion',
      `Not all recordings that are there were taken: 25 (${reason}); see the end.`,
    ])
      assert.ok(mixed.text.includes(phrase), phrase);
    const rows = [...mixed.document.querySelectorAll('tr')].map((row) =>
      [...row.children].map((cell) => cell.textContent).join('|'),
    );
    assert.ok(rows.includes(`${EVIL}|75.0\u00a0%|75.0\u00a0%|50.0\u00a0%|4`));
    assert.ok(rows.includes('one|–|–|–|0'));
    const listed = rows.find((row) => row.startsWith('0<'));
    assert.ok(listed?.endsWith(`19${EVIL}.wav… and 5 more, all in clips.csv|25 files: ${reason}`), listed);
    assert.equal(mixed.document.querySelectorAll('img').length, 0);
  });

  it('refuses labels that the test set has no figures for', () => {
    assert.throws(() => reportHtml({ ...report, labels: ['bored'] }), {
      name: 'RangeError',
      message: "Cannot write a report: the test set has no figures for the class 'bored'",
    });
  });
});

describe('toHtml()', () => {
  it('takes Plotly from a file beside it if asked to', () => {
    const html = toHtml(historyFigure(report.history, 1), { plotlyFile: 'plotly.min.js' });
    assert.ok(html.includes('<script src="plotly.min.js"></script>'));
    assert.ok(html.length < 50000);
  });

  it('gives a page of one figure, with its title as heading', () => {
    const figure = confusionFigure([[1]], ['a'], { normalise: false, title: `<i> & ${'long '.repeat(20)}` });
    const { document } = pageOf(toHtml(figure));
    assert.equal(document.querySelector('h1')?.textContent, `<i> & ${'long '.repeat(20)}`.trim());
    assert.equal(document.querySelectorAll('.figure').length, 1);
    assert.equal(document.querySelectorAll('[src], [href]').length, 0);
    assert.equal(pageOf(toHtml(figure, { title: 'Mine' })).document.title, 'Mine');
  });

  it('draws the figure when it is opened', function () {
    this.timeout(30000);
    // jsdom lacks what Plotly needs to draw; that the page's own script reaches Plotly with the data can be seen.
    const html = toHtml(confusionFigure([[7]], ['a'], { normalise: false })).replace(
      /<script>(?!\nconst figures)[\s\S]*?<\/script>/,
      '<script>window.Plotly = { newPlot: (div, data) => { window.drawn = data[0].z; } };</script>',
    );
    const { window } = new JSDOM(html, { runScripts: 'dangerously' });
    assert.equal(JSON.stringify(window.drawn), '[[7]]');
  });
});
