"""`make bench`: every benchmark, one after the other; exits with 1 if a target was missed."""

import importlib
import pkgutil
import sys
from pathlib import Path

missed = []
for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
    if module.name.startswith("bench_") and (
        not sys.argv[1:] or module.name.removeprefix("bench_") in sys.argv[1:]
    ):
        print(f"== {module.name.removeprefix('bench_')}", flush=True)
        if not importlib.import_module(f"benchmarks.{module.name}").main():
            missed.append(module.name.removeprefix("bench_"))
        print()
if missed:
    sys.exit(f"Targets missed: {', '.join(missed)}.")
