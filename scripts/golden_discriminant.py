"""Golden values of linear discriminant analysis by scikit-learn: tests/golden/discriminant.json.

usage: python3 scripts/golden_discriminant.py   (needs numpy, scikit-learn)
"""

import json
from pathlib import Path

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

random = np.random.default_rng(1)
cases = []
# More rows than numbers, fewer, and classes of unequal size; the last number of each row never varies.
for rows, size, shrinkage in [(40, 5, 0.3), (12, 20, 0.1), (60, 8, 0.9)]:
    targets = np.concatenate([np.arange(3), random.choice(3, rows - 3, p=[0.5, 0.3, 0.2])])
    values = (random.normal(size=(rows, size)) * np.arange(1, size + 1) + targets[:, None] + 3).astype(np.float32)
    values[:, -1] = 2
    model = make_pipeline(StandardScaler(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage))
    model.fit(values.astype(float), targets)
    cases.append(
        {
            "size": size,
            "shrinkage": shrinkage,
            "values": values.flatten().tolist(),
            "targets": targets.tolist(),
            "probabilities": model.predict_proba(values.astype(float)).tolist(),
        }
    )
path = Path(__file__).resolve().parent.parent / "tests/golden/discriminant.json"
path.write_text(json.dumps(cases) + "\n")
