"""`escucha score --json` beside VADER, each as one process on one core over the same file.

    python3 benches/score.py BINARY LINES

LINES are files with an object a line that has a `text`: their texts, put together to posts of 200
characters, are read until there are enough posts. Prints posts a second of processor time, start of the
process included, and the most memory that it had. VADER is left out where it is not installed.
"""

import json
import os
import subprocess
import sys
import tempfile

POSTS = 120_000
CHARS = 200
ROUNDS = 3
# What the scorer should do: posts a second, times as fast as VADER, MiB.
AIMS = (60_000, 3, 60)

VADER = """
import json, sys
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
judge = SentimentIntensityAnalyzer()
with open(sys.argv[1]) as posts:
    for line in posts:
        print(json.dumps(judge.polarity_scores(json.loads(line)["text"])))
"""


def posts(files):
    """Posts of 200 characters, cut out of all texts in a row, each row begun at another place."""
    texts = []
    for file in files:
        with open(file) as lines:
            texts += [json.loads(line)["text"] for line in lines]
    row = " ".join(text.replace("\n", " ") for text in texts)
    step = max(1, (len(row) - CHARS) // POSTS)
    return [row[at : at + CHARS] for at in range(0, step * POSTS, step)]


def seconds(command, file):
    """Processor time and peak memory in MiB of one run of `command` with `file` as its input."""
    child = subprocess.Popen(command, stdin=file, stdout=subprocess.DEVNULL, preexec_fn=one_core)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{command[0]} ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def one_core():
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def main():
    binary, *files = sys.argv[1:]
    written = posts(files)
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        for n, text in enumerate(written):
            file.write(json.dumps({"id": n, "text": text}, ensure_ascii=False) + "\n")
        file.flush()
        rows = [("escucha score --json", [binary, "score", "--json", file.name])]
        try:
            import vaderSentiment  # noqa: F401

            rows.append(("VADER, Python", [sys.executable, "-c", VADER, file.name]))
        except ImportError:
            print("VADER is not installed for this Python: left out")
        best = {}
        for _ in range(ROUNDS):
            for name, command in rows:
                taken = seconds(command, subprocess.DEVNULL)
                best[name] = min(best.get(name, taken), taken)
    print(f"{len(written)} posts of {CHARS} characters, best of {ROUNDS} rounds")
    for name, (taken, memory) in best.items():
        print(f"  {name:<22} {len(written) / taken:>8.0f} posts/s {memory:>6.0f} MiB")
    ours = best[rows[0][0]]
    print(f"  aims: {AIMS[0]} posts/s, under {AIMS[2]} MiB, {AIMS[1]} times VADER")
    if len(best) > 1:
        print(f"  {best[rows[1][0]][0] / ours[0]:.1f} times as fast as VADER")


main()
