"""Rows of a running daemon's index, one JSON list a line.

    protocol_index.py DATA_DIR SQL [SECONDS]    waits at most so long for the first row
"""

import json
import sys
import time

from protocol_dimse import read_index

deadline = time.monotonic() + float(sys.argv[3] if len(sys.argv) > 3 else 0)
while not (rows := read_index(sys.argv[1], sys.argv[2])) and time.monotonic() < deadline:
    time.sleep(0.1)
for row in rows:
    print(json.dumps([str(value) for value in row]))
