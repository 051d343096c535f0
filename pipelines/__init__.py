"""Make: models, the step loop and pictures. Knows no users, prices or rows."""

import os

# Torch's threads wait for each other hundreds of times in a step. Left to spin, they burn the time slices that the late
# ones need as soon as anything else runs on the machine: twenty times slower. Read once, when torch is first imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
