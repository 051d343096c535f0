"""Make: models, the step loop and pictures. Knows no users, prices or rows."""

import os

# Torch's threads wait for each other hundreds of times in a step. Left to spin, they burn the time slices that the late
# ones need as soon as anything else runs on the machine: twenty times slower. Put to sleep at once, they wake late
# where nothing else runs. A short spin costs little in either case (`benchmarks/README.md`); threads of another library
# than GNU's sleep at once. Read once, when torch is first imported.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
