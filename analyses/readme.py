"""Write the tables of the README from what made them: ``python -m analyses.readme [RUN]``."""

import re
import sys
from pathlib import Path

from pfc_metarl.dataset import SCHEMA, STEP_DIMS
from pfc_metarl.runs import open_run

HOME = Path(__file__).parents[1]
README = HOME / "README.md"
TORTURE = HOME / "tests" / "torture" / "RESULTS.md"


def schema_table() -> str:
    """Return the schema of a recording as a markdown table."""
    rows = ["| variable | dims | type | meaning | unit |", "|---|---|---|---|---|"]
    for name, row in SCHEMA.items():
        dims = ", ".join((*STEP_DIMS, *row.extra_dims))
        rows.append(f"| `{name}` | {dims} | {row.dtype} | {row.meaning} | {row.units} |")
    return "\n".join(rows)


def summary_table(run: str | Path) -> str:
    """Return the headline measures of a run as a markdown table."""
    rows = ["| measure | mean ± s.e.m. over networks | lowest, highest | expected |", "|---|---|---|---|"]
    for row in open_run(run).summary()["measures"]:
        low, high = min(row["subjects"]), max(row["subjects"])
        value = f"{row['mean']:.3f} ± {row['sem']:.3f} (n = {row['n']})"
        rows.append(f"| {row['measure']} | {value} | {low:.3f}, {high:.3f} | {row['expected']} |")
    return "\n".join(rows)


def torture_table() -> str:
    """Return the table that the torture harness wrote."""
    return "\n".join(line for line in TORTURE.read_text(encoding="utf-8").splitlines() if line.startswith("|"))


def with_block(text: str, name: str, content: str) -> str:
    """Replace what stands between the marks of a block."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- end -->)", re.DOTALL)
    return pattern.sub(lambda match: match.group(1) + content + match.group(2), text)


def main(run: str = "runs/two_step") -> None:
    """Rewrite the blocks of the README."""
    text = with_block(README.read_text(encoding="utf-8"), "schema", schema_table())
    text = with_block(text, "torture", torture_table())
    README.write_text(with_block(text, "summary", summary_table(run)), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
