"""Golden learning rates of PyTorch's OneCycleLR: tests/golden/schedule.json.

usage: python3 scripts/golden_schedule.py   (needs torch)
"""

import json
from pathlib import Path

import torch

cases = []
for largest, steps in [(0.002, 30), (0.01, 11), (0.001, 200)]:
    optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, largest, total_steps=steps, cycle_momentum=False)
    rates = []
    for step in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < steps - 1:
            schedule.step()
    cases.append({"largest": largest, "rates": rates})
path = Path(__file__).resolve().parent.parent / "tests/golden/schedule.json"
path.write_text(json.dumps(cases) + "\n")
