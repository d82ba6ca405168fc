# SPDX-License-Identifier: Apache-2.0
"""Counts the log of one or more runs of `swift test`: what failed, what was skipped and why, and one closing line."""
import collections
import re
import sys

LINE = re.compile(r'^\S+\s+Test (?P<name>.+?) (?P<what>passed after|failed after|skipped(?:: "(?P<why>.*)")?)')


def main():
    path, runs, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    passed, failed, skipped = set(), set(), {}
    finished = 0
    for line in open(path, encoding="utf-8", errors="replace"):
        finished += "Test run with" in line
        match = LINE.match(line.rstrip().rstrip("."))
        if not match or match["name"].startswith("run with"):
            continue
        if match["what"].startswith("skipped"):
            skipped[match["name"]] = match["why"] or "no reason given"
        else:
            (failed if match["what"].startswith("failed") else passed).add(match["name"])
    for name in sorted(failed):
        print(f"failed: {name}")
    for why, count in sorted(collections.Counter(skipped.values()).items()):
        print(f"skipped {count}: {why}")
    if finished < runs:
        print(f"{runs - finished} of {runs} test runs did not come to an end: see the log above.")
    print(f"Took {seconds // 60} min {seconds % 60} s, build included.")
    print(f"{len(passed)} passed, {len(failed)} failed, {len(skipped)} skipped")
    sys.exit(0 if finished >= runs and passed and not failed else 1)


if __name__ == "__main__":
    main()
