"""The same job in Python, with librosa and Keras, for `npm run bench`: one task a process, the result as JSON.

Usage: theirs.py TASK OPTIONS, the options as JSON; see the functions named `task_...`.
"""

import json
import multiprocessing
import os
import pathlib
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def decibels(path):
    """The mel spectrogram of a recording in decibels, shape (128, frames)."""
    import librosa

    samples, rate = librosa.load(path, sr=22050)
    return librosa.power_to_db(librosa.feature.melspectrogram(y=samples, sr=rate, n_mels=128))


def features(path):
    """The network's input, shape (128, 87)."""
    import librosa

    values = decibels(path)
    scaled = (values - values.mean()) / (values.std() + 1e-8)
    return librosa.util.fix_length(scaled, size=87, axis=1).astype("float32")


def extract(paths, workers):
    """The network's input for each recording, one after another."""
    if workers == 1:
        yield from map(features, paths)
        return
    with multiprocessing.Pool(workers) as pool:
        yield from pool.imap(features, paths, chunksize=16)


def network(classes, filters=(256, 128, 128, 64)):
    from tensorflow.keras import Sequential, layers

    model = Sequential([layers.Input((128, 87))])
    for i, count in enumerate(filters):
        model.add(layers.Conv1D(count, 5, padding="same", activation="relu"))
        model.add(layers.MaxPooling1D(5, strides=2, padding="same"))
        if i:
            model.add(layers.Dropout(0.2))
    model.add(layers.Flatten())
    for units in (64, 32):
        model.add(layers.Dense(units, activation="relu"))
        model.add(layers.Dropout(0.3))
    model.add(layers.Dense(classes, activation="softmax"))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def timed_fit(model, train, validation, epochs, callbacks=()):
    """Trains, and returns the seconds of each epoch, validation included."""
    import tensorflow as tf

    class Clock(tf.keras.callbacks.Callback):
        seconds = []

        def on_epoch_begin(self, epoch, logs=None):
            self.begun = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.seconds.append(time.perf_counter() - self.begun)

    clock = Clock()
    # First in the list, so that an epoch includes what the others do at its end.
    model.fit(*train, validation_data=validation, epochs=epochs, batch_size=32, verbose=0, callbacks=[*callbacks, clock])
    return clock.seconds


def task_check(paths):
    """Decibels of some recordings, and the network's size, to compare."""
    return dict(
        decibels=[decibels(path).ravel().round(4).tolist() for path in paths],
        parameters=network(7).count_params(),
    )


def task_features(paths, workers):
    return dict(clips=sum(1 for _ in extract(paths, workers)))


def task_epochs(clips, epochs, filters):
    """Training on noise: how long an epoch takes does not depend on the values."""
    import numpy as np

    random = np.random.default_rng(1)
    x = random.standard_normal((clips, 128, 87), dtype="float32")
    y = np.eye(7, dtype="float32")[np.arange(clips) % 7]
    split = clips // 5
    return dict(seconds=timed_fit(network(7, filters), (x[split:], y[split:]), (x[:split], y[:split]), epochs))


def task_run(paths, emotions, epochs, workers, model):
    """Features, training with early stopping and checkpoints, evaluation."""
    import numpy as np
    import tensorflow as tf
    from sklearn.metrics import classification_report, confusion_matrix
    from sklearn.model_selection import train_test_split

    x = np.stack(list(extract(paths, workers)))
    labels = sorted(set(emotions))
    y = np.array([labels.index(emotion) for emotion in emotions])
    one_hot = np.eye(len(labels), dtype="float32")[y]
    train, test = train_test_split(np.arange(len(y)), test_size=0.2, stratify=y, random_state=42)
    net = network(len(labels))
    stop = tf.keras.callbacks.EarlyStopping("val_loss", patience=epochs, restore_best_weights=True)
    keep = tf.keras.callbacks.ModelCheckpoint(model, monitor="val_accuracy", mode="max", save_best_only=True)
    seconds = timed_fit(net, (x[train], one_hot[train]), (x[test], one_hot[test]), epochs, [stop, keep])
    predicted = net.predict(x[test], verbose=0).argmax(1)
    classification_report(y[test], predicted, zero_division=0)
    confusion_matrix(y[test], predicted)
    return dict(seconds=seconds, accuracy=float((predicted == y[test]).mean()))


def task_predict(paths, model):
    import numpy as np
    import tensorflow as tf

    net = tf.keras.models.load_model(model)
    probabilities = net.predict(np.stack([features(path) for path in paths]), verbose=0)
    return dict(predicted=probabilities.argmax(1).tolist())


def task_versions():
    from importlib.metadata import version

    names = ("tensorflow-cpu", "keras", "librosa", "numpy", "scipy", "soxr", "scikit-learn")
    return dict(python=sys.version.split()[0], **{name: version(name) for name in names})


if __name__ == "__main__":
    task, options = sys.argv[1], json.loads(pathlib.Path(sys.argv[2]).read_text())
    print(json.dumps(globals()[f"task_{task}"](**options)))
