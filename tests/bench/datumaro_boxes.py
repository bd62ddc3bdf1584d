"""Reads a COCO data set with Datumaro, every box of it, and prints what that took as one line of JSON."""

import json
import os
import resource
import sys
import time

import datumaro
from datumaro.components.dataset import Dataset

# It wants the folder, not what would be in it.
os.makedirs(os.path.join(sys.argv[1], "images"), exist_ok=True)
wall, cpu = time.perf_counter(), time.process_time()
dataset = Dataset.import_from(sys.argv[1], "coco_instances")
boxes = sum(len(item.annotations) for item in dataset)
print(
    json.dumps(
        {
            "version": getattr(datumaro, "__version__", ""),
            "boxes": boxes,
            "wall_ms": (time.perf_counter() - wall) * 1e3,
            "cpu_ms": (time.process_time() - cpu) * 1e3,
            "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }
    )
)
