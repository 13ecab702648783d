"""Makes tests/golden/metrics.json: scikit-learn's figures for random predictions.

    pip install scikit-learn
    python scripts/golden_metrics.py
"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import metrics

ROOT = pathlib.Path(__file__).parent.parent


def case(name, truth, probabilities):
    classes = probabilities.shape[1]
    predicted = probabilities.argmax(1)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        truth, predicted, labels=range(classes), zero_division=0)
    return dict(
        name=name, truth=truth.tolist(), probabilities=probabilities.tolist(),
        accuracy=metrics.accuracy_score(truth, predicted),
        uar=metrics.balanced_accuracy_score(truth, predicted),
        macroF1=metrics.f1_score(truth, predicted, average="macro", zero_division=0),
        loss=metrics.log_loss(truth, probabilities.astype("float64"), labels=range(classes)),
        confusion=metrics.confusion_matrix(truth, predicted, labels=range(classes)).tolist(),
        precision=precision.tolist(), recall=recall.tolist(), f1=f1.tolist(), support=support.tolist())


def main():
    warnings.simplefilter("ignore")
    random = np.random.default_rng(3)

    def made(clips, classes, sharpness):
        truth = random.integers(0, classes, clips)
        scores = random.normal(size=(clips, classes)) + sharpness * np.eye(classes)[truth]
        shares = np.exp(scores)
        return truth, (shares / shares.sum(1, keepdims=True)).astype("float32")

    absent, shares = made(60, 5, 2)
    absent[absent == 4] = 0
    unpredicted = made(40, 3, 1)
    unpredicted[1][:, 2] = 0.001
    cases = [
        case("seven classes", *made(300, 7, 1.5)),
        case("two classes", *made(20, 2, 0)),
        case("a class that does not occur", absent, shares / shares.sum(1, keepdims=True)),
        case("a class that is never predicted", unpredicted[0], unpredicted[1] / unpredicted[1].sum(1, keepdims=True)),
    ]
    (ROOT / "tests/golden/metrics.json").write_text(json.dumps(dict(sklearn=sklearn.__version__, cases=cases)))


if __name__ == "__main__":
    main()
