"""Makes tests/golden/statistics.json: bootstrap intervals, permutation tests and the like by numpy, scipy and scikit-learn.

    pip install numpy scipy scikit-learn
    python scripts/golden_statistics.py
"""

import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn import metrics

ROOT = pathlib.Path(__file__).parent.parent
CLASSES = 4


def made(random, speakers, accuracy):
    """Clips of some speakers: speaker, true class, and the answers of two networks."""
    sizes = random.integers(6, 14, speakers)
    speaker = np.repeat(np.arange(speakers), sizes)
    truth = random.integers(0, CLASSES, len(speaker))

    def answers(share):
        # Some speakers are harder than others.
        right = random.random(len(truth)) < (share + random.normal(0, 0.15, speakers))[speaker]
        return np.where(right, truth, random.integers(0, CLASSES, len(truth)))

    return speaker, truth, answers(accuracy), answers(accuracy - 0.12)


def uar(truth, answers):
    return metrics.recall_score(truth, answers, labels=np.unique(truth), average="macro")


def bootstrap(random, speakers, draws):
    speaker, truth, answers, _ = made(random, speakers, 0.7)
    uniform = random.random(draws * speakers)
    figures = []
    for drawn in (uniform.reshape(draws, speakers) * speakers).astype(int):
        clips = np.concatenate([np.flatnonzero(speaker == s) for s in drawn])
        figures.append(uar(truth[clips], answers[clips]))
    by_speaker = [np.flatnonzero(speaker == s) for s in range(speakers)]

    def figure(chosen):
        clips = np.concatenate([by_speaker[int(s)] for s in chosen])
        return uar(truth[clips], answers[clips])

    whole = stats.bootstrap(
        (np.arange(speakers),), figure, vectorized=False, method="percentile", n_resamples=9999, random_state=1)
    return dict(
        speakers=[metrics.confusion_matrix(truth[c], answers[c], labels=range(CLASSES)).tolist() for c in by_speaker],
        uar=uar(truth, answers), uniform=uniform.tolist(), draws=draws,
        interval=np.quantile(figures, [0.025, 0.975]).tolist(), interval80=np.quantile(figures, [0.1, 0.9]).tolist(),
        scipy=[whole.confidence_interval.low, whole.confidence_interval.high])


def paired(random, speakers, accuracy):
    speaker, truth, first, second = made(random, speakers, accuracy)
    supports = np.bincount(truth, minlength=CLASSES)
    by_speaker = [np.flatnonzero(speaker == s) for s in range(speakers)]

    def difference(one, two):
        return uar(truth, one) - uar(truth, two)

    def exchanged(signs):
        swap = (np.asarray(signs) < 0)[speaker]
        return difference(np.where(swap, second, first), np.where(swap, first, second))

    # The test itself, clip by clip: scipy flips the signs of ones, which say whether a speaker's answers are exchanged.
    result = stats.permutation_test(
        (np.ones(speakers),), exchanged, permutation_type="samples", vectorized=False, alternative="two-sided",
        n_resamples=np.inf if speakers <= 10 else 20_000, random_state=2)
    confusions = [[metrics.confusion_matrix(truth[c], answers[c], labels=range(CLASSES)).tolist() for c in by_speaker]
                  for answers in (first, second)]
    assert supports.min() > 0
    return dict(first=confusions[0], second=confusions[1], difference=difference(first, second), p=result.pvalue)


def main():
    random = np.random.default_rng(11)
    values = random.normal(size=9)
    (ROOT / "tests/golden/statistics.json").write_text(json.dumps(dict(
        numpy=np.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__,
        values=values.tolist(), deviation=values.std(ddof=1),
        bootstrap=bootstrap(random, 8, 100),
        paired=[paired(random, 4, 0.8), paired(random, 7, 0.6), paired(random, 10, 0.7), paired(random, 20, 0.6)])))


if __name__ == "__main__":
    main()
