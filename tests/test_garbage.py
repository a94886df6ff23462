import subprocess
import sys

from pfc_metarl.garbage import THRESHOLDS

COUNTED = """
import gc
searches = []
from pfc_metarl.garbage import search_seldom
if {seldom}:
    search_seldom()
    search_seldom()
gc.callbacks.append(lambda phase, info: searches.append(phase))
kept = [[] for _ in range(100_000)]
print(len(searches), gc.get_threshold()[0])
"""


def searches(seldom):
    """Number of searches, and the new objects between two of them."""
    code = COUNTED.format(seldom=seldom)
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return map(int, out.split())


def test_there_are_fewer_searches():
    few, objects = searches(seldom=True)
    many, objects_before = searches(seldom=False)  # 700 before Python 3.13, 2,000 since
    assert few * objects / objects_before / 2 < many


def test_a_command_searches_seldom():
    code = "from pfc_metarl.cli.commandline import exit_code; import gc; exit_code(lambda: print(gc.get_threshold()))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == str(THRESHOLDS)
