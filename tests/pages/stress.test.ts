import assert from 'node:assert/strict';
import { JSDOM } from 'jsdom';
import { type StressReport, stressHtml } from '../../src/pages/stress.js';

const EVIL = '</script><img src="http://example.org/x.png">&';

const metrics = { uar: 0.8, accuracy: 0.75, worstClass: EVIL, worstRecall: 0.5, calibrationError: 0.04 };
const report: StressReport = {
  title: `Stress ${EVIL}`,
  data: `test part of ${EVIL}`,
  caveats: [`Protocol ${EVIL}.`],
  clips: 1234,
  seed: 5,
  leftOut: [{ path: 'a.wav', reason: `a.wav: silent ${EVIL}` }],
  clean: metrics,
  conditions: {
    soft: { ...metrics, drop: 0, flipped: 0.01, description: 'hardly anything' },
    [EVIL]: { ...metrics, uar: 0.3, drop: 0.5, flipped: 0.625, description: `much ${EVIL}` },
  },
};

describe('stressHtml()', () => {
  const { document } = new JSDOM(stressHtml(report)).window;
  const text = (document.body.textContent ?? '').replace(/\s+/g, ' ');

  it('says what was heard, and the hardest condition first', () => {
    assert.match(text, /1,234 clips, each heard as it is and under 2 conditions \(seed 5\)\. Protocol /);
    assert.match(
      text,
      /UAR 80\.0 % as they are\. The hardest condition is .*: UAR 30\.0 %, and 62\.5 % of the answers/,
    );
  });

  it('has a row for each condition, the figure, and what was left out', () => {
    const rows = [...document.querySelectorAll('tbody tr')].map((row) =>
      [...row.querySelectorAll('td')].map((cell) => cell.textContent),
    );
    assert.deepEqual(rows, [
      ['as they are', '80.0 %', '', '', '75.0 %', `${EVIL}, 50.0 %`, '4.0 %'],
      ['softhardly anything', '80.0 %', '0.0', '1.0 %', '75.0 %', `${EVIL}, 50.0 %`, '4.0 %'],
      [`${EVIL}much ${EVIL}`, '30.0 %', '50.0', '62.5 %', '75.0 %', `${EVIL}, 50.0 %`, '4.0 %'],
    ]);
    assert.equal(document.querySelectorAll('.figure').length, 1);
    assert.equal(document.querySelector('li')?.textContent, `a.wav: silent ${EVIL}`);
  });

  it('shows names as text, and says nothing of what was left out where nothing was', () => {
    assert.equal(document.querySelectorAll('img').length, 0);
    assert.doesNotMatch(stressHtml({ ...report, leftOut: [] }), /Left out/);
  });
});
