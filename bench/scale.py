"""The other side of `npm run bench -- --scale`: librosa's features in TFRecord files, read by tf.data while Keras trains.

Usage: scale.py TASK OPTIONS, the options as JSON; see the functions named `task_...`.
"""

import csv
import json
import multiprocessing
import pathlib
import sys
import time

from theirs import features, network, task_versions, timed_fit

SHARDS = 16
BATCH = 32
SHUFFLED = 2048


def write_records(folder, manifest, workers):
    """The features of all recordings in TFRecord files, four fifths to train with. Nothing is kept in memory."""
    from sklearn.model_selection import train_test_split

    with open(manifest) as file:
        rows = list(csv.DictReader(file))
    labels = sorted({row["emotion"] for row in rows})
    targets = [labels.index(row["emotion"]) for row in rows]
    _, test = train_test_split(range(len(rows)), test_size=0.2, stratify=targets, random_state=42)
    test = set(test)
    # The processes are started before TensorFlow, which does not survive a fork.
    with multiprocessing.Pool(workers) as pool:
        import tensorflow as tf

        folder.mkdir(parents=True)
        writers = {
            name: [tf.io.TFRecordWriter(str(folder / f"{name}-{shard:02}.tfrecord")) for shard in range(SHARDS)]
            for name in ("train", "test")
        }
        inputs = pool.imap(features, [row["path"] for row in rows], chunksize=16)
        for i, (values, target) in enumerate(zip(inputs, targets)):
            example = tf.train.Example(
                features=tf.train.Features(
                    feature=dict(
                        input=tf.train.Feature(bytes_list=tf.train.BytesList(value=[values.tobytes()])),
                        target=tf.train.Feature(int64_list=tf.train.Int64List(value=[target])),
                    )
                )
            )
            writers["test" if i in test else "train"][i % SHARDS].write(example.SerializeToString())
        for writer in sum(writers.values(), []):
            writer.close()
    (folder / "labels.json").write_text(json.dumps(labels))


def dataset(folder, name, classes):
    """Batches of the network's input and one-hot targets, in another order in each epoch of training."""
    import tensorflow as tf

    training = name == "train"
    files = tf.data.Dataset.list_files(str(folder / f"{name}-*.tfrecord"), shuffle=training, seed=42)
    records = files.interleave(tf.data.TFRecordDataset, cycle_length=SHARDS, num_parallel_calls=tf.data.AUTOTUNE, deterministic=not training)
    if training:
        records = records.shuffle(SHUFFLED, seed=42)

    def parse(batch):
        parsed = tf.io.parse_example(batch, dict(input=tf.io.FixedLenFeature([], tf.string), target=tf.io.FixedLenFeature([], tf.int64)))
        inputs = tf.io.decode_raw(parsed["input"], tf.float32)
        return tf.reshape(inputs, (-1, 128, 87)), tf.one_hot(parsed["target"], classes)

    return records.batch(BATCH).map(parse, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def task_run(records, epochs, manifest=None, workers=1):
    """Features unless they are at hand, training with early stopping and checkpoints, evaluation."""
    folder = pathlib.Path(records)
    begun = time.perf_counter()
    if manifest is not None:
        write_records(folder, manifest, workers)
    seconds = time.perf_counter() - begun

    import numpy as np
    import tensorflow as tf
    from sklearn.metrics import classification_report, confusion_matrix

    labels = json.loads((folder / "labels.json").read_text())
    train, test = (dataset(folder, name, len(labels)) for name in ("train", "test"))
    net = network(len(labels))
    stop = tf.keras.callbacks.EarlyStopping("val_loss", patience=epochs, restore_best_weights=True)
    keep = tf.keras.callbacks.ModelCheckpoint(str(folder / "model.keras"), monitor="val_accuracy", mode="max", save_best_only=True)
    taken = timed_fit(net, (train,), test, epochs, [stop, keep], batch_size=None)
    predicted = net.predict(test, verbose=0).argmax(1)
    targets = np.concatenate([targets.numpy().argmax(1) for _, targets in test])
    report = classification_report(targets, predicted, zero_division=0, output_dict=True)
    confusion_matrix(targets, predicted)
    features_seconds = dict(features=seconds) if manifest is not None else {}
    return dict(epochs=taken, accuracy=report["accuracy"], clips=len(targets), **features_seconds)


if __name__ == "__main__":
    task, options = sys.argv[1], json.loads(pathlib.Path(sys.argv[2]).read_text())
    print(json.dumps(globals()[f"task_{task}"](**options)))
