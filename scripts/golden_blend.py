"""Makes tests/golden/blend.json: shares and temperatures by scipy's optimisers, and the probabilities that they give.

    pip install numpy scipy
    python scripts/golden_blend.py
"""

import json
import pathlib

import numpy as np
import scipy
from scipy import optimize, special

ROOT = pathlib.Path(__file__).parent.parent


def cross_entropy(probabilities, targets):
    return -np.log(probabilities[np.arange(len(targets)), targets]).mean()


def fitted(members, targets):
    count = len(members)
    found = optimize.minimize(
        lambda shares: cross_entropy(np.tensordot(shares, members, 1), targets),
        np.full(count, 1 / count),
        bounds=[(0, 1)] * count,
        constraints=dict(type="eq", fun=lambda shares: shares.sum() - 1),
        method="SLSQP",
        options=dict(ftol=1e-14, maxiter=1000),
    )
    logits = np.log(np.tensordot(found.x, members, 1))

    def at(temperature):
        return special.softmax(logits / temperature, axis=1)

    best = optimize.minimize_scalar(
        lambda log: cross_entropy(at(np.exp(log)), targets), bounds=(-3, 3), method="bounded", options=dict(xatol=1e-10)
    )
    temperature = np.exp(best.x)
    return found.x, temperature, at(temperature)


def main():
    random = np.random.default_rng(7)

    def made(clips, classes, *right):
        targets = random.integers(0, classes, clips)
        noise = random.normal(size=(len(right), clips, classes))
        logits = noise + np.array(right)[:, None, None] * np.eye(classes)[targets]
        return targets, special.softmax(2 * logits, axis=2).astype("float32")

    def case(name, targets, members):
        shares, temperature, probabilities = fitted(members.astype("float64"), targets)
        return dict(
            name=name,
            targets=targets.tolist(),
            members=[member.ravel().tolist() for member in members],
            shares=shares.tolist(),
            temperature=temperature,
            probabilities=probabilities.ravel().tolist(),
        )

    cases = [
        case("two members", *made(60, 7, 1.0, 1.5)),
        case("three members", *made(60, 4, 1.0, 0.8, 1.2)),
        case("one that knows nothing", *made(80, 3, 2.5, -1.0)),
    ]
    golden = dict(numpy=np.__version__, scipy=scipy.__version__, cases=cases)
    (ROOT / "tests/golden/blend.json").write_text(json.dumps(golden))


if __name__ == "__main__":
    main()
