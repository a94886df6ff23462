import subprocess
import sys

from pfc_metarl.garbage import THRESHOLDS

COUNTED = """
import gc
searches = []
gc.callbacks.append(lambda phase, info: searches.append(phase))
from pfc_metarl.garbage import search_seldom
if {seldom}:
    search_seldom()
    search_seldom()
kept = [[] for _ in range(100_000)]
print(len(searches))
"""


def searches(seldom):
    code = COUNTED.format(seldom=seldom)
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return int(out)


def test_there_are_fewer_searches():
    assert 10 * searches(seldom=True) < searches(seldom=False)


def test_a_command_searches_seldom():
    code = "from pfc_metarl.cli.commandline import exit_code; import gc; exit_code(lambda: print(gc.get_threshold()))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == str(THRESHOLDS)
