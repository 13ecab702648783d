"""Golden values of principal component analysis by scikit-learn: tests/golden/components.json.

usage: python3 scripts/golden_components.py   (needs numpy, scikit-learn 1.5 or later, which fixed the signs)
"""

import json
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA

random = np.random.default_rng(1)
cases = []
# More rows than numbers, fewer, and as many directions as numbers; the last number of each row never varies.
for rows, size, count in [(40, 6, 2), (7, 20, 3), (15, 3, 3)]:
    values = (random.normal(size=(rows, size)) @ random.normal(size=(size, size)) + 5).astype(np.float32)
    values[:, -1] = 2
    pca = PCA(count, svd_solver="full")
    cases.append(
        {
            "size": size,
            "count": count,
            "values": values.flatten().tolist(),
            "coordinates": pca.fit_transform(values.astype(float)).tolist(),
            "shares": pca.explained_variance_ratio_.tolist(),
        }
    )
path = Path(__file__).resolve().parent.parent / "tests/golden/components.json"
path.write_text(json.dumps(cases) + "\n")
