"""Makes tests/golden/tables.json: what pandas makes of a small table, with missing values, that danfo gets wrong.

    pip install pandas
    python scripts/golden_tables.py
"""

import json
import pathlib

import numpy as np
import pandas as pd

ROOT = pathlib.Path(__file__).parent.parent


def plain(value):
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def content(table):
    return dict(columns=list(table.columns), rows=[[plain(value) for value in row] for row in table.itertuples(index=False)])


def column(series):
    return {str(name): plain(value) for name, value in series.items()}


def main():
    random = np.random.default_rng(5)
    count = 40
    table = pd.DataFrame(dict(
        speaker=random.choice(["03", "08", "10", "3"], count),
        emotion=random.choice(["anger", "fear", "sad-ness", "constructor"], count),
        rms=random.normal(size=count).round(3),
        clips=random.integers(0, 9, count),
        usable=random.random(count) < 0.7,
    ))
    table.loc[[1, 7, 20], "rms"] = np.nan
    pairs = pd.DataFrame([["a-b", "c", 1], ["a", "b-c", 2], ["a_b", "c", 3], ["a", "b_c", 4]], columns=["a", "b", "n"])
    right = pd.DataFrame([["anger", 1, 0.5], ["fear", 2, 1.5], ["anger", 3, 2.5], ["joy", 4, 3.5]],
                         columns=["emotion", "weight", "rms"])
    numbers = table[["rms", "clips"]]

    def grouped(by, figure):
        result = getattr(table.groupby(by)[["rms", "clips"]], figure)().reset_index()
        return content(result.rename(columns={name: f"{name}_{figure}" for name in ["rms", "clips"]}))

    figures = ["mean", "median", "std", "var", "min", "max", "sum", "count"]
    result = dict(
        pandas=pd.__version__,
        table=content(table),
        pairs=content(pairs),
        right=content(right),
        describe=dict(index=list(numbers.describe().index), **content(numbers.describe())),
        figures={figure: column(getattr(numbers, figure)()) for figure in figures},
        count=column(table.count()),
        unique=column(table.nunique()),
        grouped={figure: grouped("emotion", figure) for figure in figures},
        groupedByTwo=grouped(["emotion", "speaker"], "mean"),
        groupedPairs=content(pairs.groupby(["a", "b"])["n"].sum().reset_index(name="n_sum")),
        size=content(table.groupby("speaker").size().reset_index(name="size")),
        valueCounts=column(table["emotion"].value_counts()),
        sorted={order: content(table.sort_values("rms", ascending=order == "up", kind="stable")) for order in ["up", "down"]},
        sortedByTwo=content(table.sort_values(["speaker", "clips"], kind="stable")),
        query=content(table.query("emotion == 'anger' and rms > 0 or speaker in ['3']")),
        missing=column(table.isna().sum()),
        dropNa=content(table.dropna()),
        fillNa=content(table.fillna(dict(rms=0))),
        merged={how: content(table.head(12).merge(right, on="emotion", how=how)) for how in ["inner", "left", "right", "outer"]},
        mergedPairs=content(pairs.merge(pairs.rename(columns=dict(n="m")), on=["a", "b"])),
        transposed=dict(index=list(numbers.head(3).T.index), **content(numbers.head(3).T)),
    )
    (ROOT / "tests/golden/tables.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()
