"""Keras's side of `npm run interop`, the same for Keras 3 and tf.keras 2.15: one task a process, the result as JSON.

    python keras_side.py make FOLDER             networks that Keras has made and saved, and what they answer
    python keras_side.py check FILES.json        what Keras makes of files that it has not written
"""

import json
import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

try:
    import tensorflow

    keras, VERSION = tensorflow.keras, f"tf.keras {tensorflow.__version__}"
except ImportError:
    import keras

    VERSION = f"Keras {keras.__version__}"
layers = keras.layers

BANDS, FRAMES, CLASSES = 16, 12, 3


def original():
    """The Python original's network with small sizes."""
    model = keras.Sequential([layers.Input((BANDS, FRAMES))])
    for i, filters in enumerate((6, 4)):
        model.add(layers.Conv1D(filters, 5, padding="same", activation="relu"))
        model.add(layers.MaxPooling1D(5, strides=2, padding="same"))
        if i:
            model.add(layers.Dropout(0.2))
    model.add(layers.Flatten())
    model.add(layers.Dense(5, activation="relu"))
    model.add(layers.Dropout(0.3))
    model.add(layers.Dense(CLASSES, activation="softmax"))
    return model


def branches():
    """What others build: frames first, batch normalisation, two branches, another activation."""
    x = layers.Input((FRAMES, BANDS))
    y = layers.Conv1D(6, 3, use_bias=False, strides=2)(x)
    y = layers.LeakyReLU()(layers.BatchNormalization(momentum=0.9)(y))
    y = layers.SpatialDropout1D(0.1)(y)
    joined = layers.Concatenate()([layers.GlobalAveragePooling1D()(y), layers.GlobalMaxPooling1D()(y)])
    y = layers.LayerNormalization()(layers.Dense(5)(joined))
    y = layers.Activation("tanh")(y)
    return keras.Model(x, layers.Softmax()(layers.Dense(CLASSES)(y)))


def pictures():
    """Two-dimensional convolutions of a picture with one channel."""
    return keras.Sequential(
        [
            layers.Input((BANDS, FRAMES, 1)),
            layers.Conv2D(4, 3, padding="same", activation="elu"),
            layers.MaxPooling2D(2),
            layers.SeparableConv2D(5, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


# Each with what it makes of (bands, frames), which is what this project gives it.
NETWORKS = dict(
    original=(original, lambda x: x),
    branches=(branches, lambda x: x.transpose(0, 2, 1)),
    pictures=(pictures, lambda x: x[..., None]),
)


def make(folder):
    """Saves each network after some steps of training, so that no moving average is what it began with."""
    folder = pathlib.Path(folder)
    answers = {}
    random = np.random.default_rng(1)
    for name, (build, turned) in NETWORKS.items():
        keras.utils.set_random_seed(1)
        model = build()
        x = random.standard_normal((8, BANDS, FRAMES)).astype("float32").round(3)
        model.compile("adam", "categorical_crossentropy")
        model.fit(turned(x), np.eye(CLASSES)[np.arange(8) % CLASSES], epochs=5, verbose=0)
        # Without the optimiser, which would make it three times as large.
        plain = model.__class__.from_config(model.get_config())
        plain.set_weights(model.get_weights())
        files = [f"{name}.{ending}" for ending in (("keras", "h5") if name == "original" else ("keras",))]
        for file in files:
            plain.save(folder / file)
        answers[name] = dict(
            files=files,
            parameters=model.count_params(),
            input=[[[round(float(value), 3) for value in band] for band in clip] for clip in x[:2]],
            probabilities=model.predict(turned(x[:2]), verbose=0).tolist(),
        )
    return answers


def check(jobs):
    return [checked(**job) for job in json.loads(pathlib.Path(jobs).read_text())]


def checked(file, inputs, targets, trained):
    """Opens a file, answers, and goes on training; `trained` is where it saves the network then."""
    try:
        model = keras.models.load_model(file)
    except Exception as error:
        return dict(error=str(error).splitlines()[0][:200])
    inputs = [np.array(values, "float32") for values in inputs]
    x = inputs[0] if len(inputs) == 1 else inputs
    answers = lambda: model.predict(x, verbose=0)
    before = answers()
    y = np.eye(before.shape[1], dtype="float32")[targets]
    keras.utils.set_random_seed(1)
    model.compile(keras.optimizers.Adam(0.001), "categorical_crossentropy")
    first = model.evaluate(x, y, verbose=0)
    model.fit(x, y, epochs=20, verbose=0)
    model.save(trained)
    return dict(
        kind=model.__class__.__name__,
        parameters=model.count_params(),
        probabilities=before.tolist(),
        losses=[first, model.evaluate(x, y, verbose=0)],
        afterwards=answers().tolist(),
    )


if __name__ == "__main__":
    task, argument = sys.argv[1:]
    print(json.dumps(dict(version=VERSION, result=dict(make=make, check=check)[task](argument))))
