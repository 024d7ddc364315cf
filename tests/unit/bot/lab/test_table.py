"""What the terminal shows, and what showing it costs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]


def test_a_report_is_shown_without_what_only_fitting_needs() -> None:
    """Whoever only evaluates doesn't wait for scikit-learn and pandas: seconds, where nothing else brings them."""
    program = "import sys, bot.lab.table, bot.lab.report, bot.lab.run; print({'sklearn', 'pandas'} & {*sys.modules})"
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout == "set()\n"
