"""feedparser's part of `cargo bench --bench parse`: reads the files that standard input names, then
times one round over them for each further line, which says how: `default` (as people call it) or
`bare` (without sanitising and without resolving links). Prints seconds of processor time."""

import io
import sys
import time

import feedparser

OPTIONS = {
    "default": {},
    "bare": {"sanitize_html": False, "resolve_relative_uris": False},
}

bodies = []
print(feedparser.__version__, flush=True)
for line in sys.stdin:
    line = line.rstrip("\n")
    if line in OPTIONS:
        began = time.process_time()
        for body in bodies:
            try:
                feedparser.parse(io.BytesIO(body), **OPTIONS[line])
            except Exception:  # A file that stops feedparser counts like one that it refuses.
                pass
        print(time.process_time() - began, flush=True)
    elif line == "forget":
        bodies.clear()
    else:
        with open(line, "rb") as file:
            bodies.append(file.read())
