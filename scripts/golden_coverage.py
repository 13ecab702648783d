"""Makes tests/golden/coverage.json: scikit-learn's accuracy of the answers that are kept, for random predictions.

    pip install scikit-learn
    python scripts/golden_coverage.py
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn import metrics

ROOT = pathlib.Path(__file__).parent.parent


def case(name, truth, probabilities):
    right = probabilities.argmax(1) == truth
    confidence = probabilities.max(1)
    # The precision of "right" at each threshold is the share of right ones among what is kept.
    accuracy, _, thresholds = metrics.precision_recall_curve(right, confidence)
    coverage = [(confidence >= threshold).mean() for threshold in thresholds]
    points = list(zip(thresholds.tolist(), coverage, accuracy.tolist()))[::-1]
    return dict(name=name, truth=truth.tolist(), probabilities=probabilities.tolist(), points=points)


def main():
    random = np.random.default_rng(5)

    def made(clips, classes, digits=None):
        truth = random.integers(0, classes, clips)
        shares = np.exp(random.normal(size=(clips, classes)) + 1.5 * np.eye(classes)[truth])
        shares /= shares.sum(1, keepdims=True)
        return truth, (shares if digits is None else shares.round(digits)).astype("float32")

    cases = [case("seven classes", *made(60, 7)), case("equal probabilities", *made(50, 3, 1))]
    golden = dict(sklearn=sklearn.__version__, cases=cases)
    (ROOT / "tests/golden/coverage.json").write_text(json.dumps(golden))


if __name__ == "__main__":
    main()
