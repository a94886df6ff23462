"""Data files of hBayesDM: two-step, bandits and probabilistic reversal.

Ahn, Haines & Zhang 2017, doi:10.1162/CPSY_a_00002. Text files with a column ``subjID``, codes from 1, and rows in the
order of trials. With a column ``trial``, a number that is missing breaks the sequence; without one the rows follow each
other. A column ``block`` is read as session: values begin anew in each block.
"""

from pathlib import Path

import pandas as pd

from pfc_metarl.data.codecs.base import Codec, Options, Raw, as_codes, require_columns
from pfc_metarl.data.codecs.checking import to_numbers
from pfc_metarl.data.codecs.problems import Problems
from pfc_metarl.data.codecs.text_files import problems_of, read_table
from pfc_metarl.data.column_mapping import renamed
from pfc_metarl.data.files import replacing
from pfc_metarl.data.table_values import numeric, require
from pfc_metarl.data.trial_roles import TARGET, trial_roles
from pfc_metarl.settings import BadInput

ABOUT = "a data file of hBayesDM"

OPTIONS_OF_A_STATE = 2


def read(path: Path, options: Options) -> Raw:
    """Read a file whose columns tell the task: level1_choice, outcome, or gain and loss."""
    table = read_table(path, ("subjID",), options.delimiter)
    require_columns(table, ("subjID",), str(path), ABOUT)
    problems = problems_of(path, table)
    if "block" in table and "session" not in table:
        table = table.assign(session=table["block"])
    if "level1_choice" in table:
        return _two_step(table, problems, options)
    require_columns(table, ("choice",), str(path), ABOUT)
    if "outcome" in table:
        return _outcome(table, problems, options)
    if {"gain", "loss"} <= set(table):
        return _gain_and_loss(table, problems, options)
    raise BadInput(
        f"{path}: {ABOUT} has level1_choice, outcome, or gain and loss; there are {', '.join(map(str, table))}."
    )


def _two_step(table: pd.DataFrame, problems: Problems, options: Options) -> Raw:
    """Read level2_choice, 1 to 4, as state (the first for 1 and 2) and option; option i commonly leads to state i."""
    require_columns(table, ("level2_choice", "reward"), problems.source, ABOUT)
    level2, wrong = to_numbers(table["level2_choice"])
    outside = wrong | (level2.notna() & ~level2.isin(range(1, 5))).to_numpy()
    problems.add("level2_choice", table["level2_choice"], outside, "must be 1, 2, 3 or 4")
    code = level2.mask(outside) - 1
    made = renamed(table, {"subject": "subjID", "choice1": "level1_choice"}, problems.source)
    made = as_codes(made.drop(columns="level2_choice"), options, problems)
    choice1, _ = to_numbers(made["choice1"])
    state2 = code // OPTIONS_OF_A_STATE
    common = (choice1 - 1 == state2).astype(float).where(choice1.notna() & state2.notna())
    made = made.assign(state2=state2, choice2=code % OPTIONS_OF_A_STATE, common=common)
    return Raw(made, problems, consecutive="trial" not in made, base={"choice1": 1})


def _outcome(table: pd.DataFrame, problems: Problems, options: Options) -> Raw:
    """Read outcomes of one amount, won or lost, as rewards 1 and 0, and others as they are."""
    outcome, wrong = to_numbers(table["outcome"])
    problems.add("outcome", table["outcome"], wrong, "must be a number")
    amounts = outcome.dropna().abs()
    if amounts.isin((0, amounts.max())).all() and (outcome.min() < 0 or amounts.max() == 1):
        outcome = (outcome > 0).astype(float).where(outcome.notna())
    made = renamed(table, {"subject": "subjID", "choice1": "choice"}, problems.source)
    made = as_codes(made, options, problems).assign(reward=outcome)
    return Raw(made, problems, consecutive="trial" not in made, base={"choice1": 1})


def _gain_and_loss(table: pd.DataFrame, problems: Problems, options: Options) -> Raw:
    """Read the gain minus the amount of the loss as reward."""
    gain, loss = (to_numbers(table[name]) for name in ("gain", "loss"))
    for name, (_, wrong) in zip(("gain", "loss"), (gain, loss), strict=True):
        problems.add(name, table[name], wrong, "must be a number")
    made = renamed(table, {"subject": "subjID", "choice1": "choice"}, problems.source)
    made = as_codes(made, options, problems).assign(reward=gain[0] - loss[0].abs())
    return Raw(made, problems, consecutive="trial" not in made, base={"choice1": 1}, rewards=None)


def write(table: pd.DataFrame, path: Path) -> None:
    """Write the free choices of a trial table, rewards of 0 and 1: of the two-step task if it has second choices.

    Raises
    ------
    BadInput
        If a reward is neither 0 nor 1.
    """
    free = table[trial_roles(table) == TARGET]
    reward = numeric(free, "reward", binary=True)
    choice = numeric(free, "choice1", binary=False).astype(int) + 1
    if "choice2" in free:
        require(free, "state2")
        level2 = OPTIONS_OF_A_STATE * free["state2"].astype(int) + free["choice2"].astype(int) + 1
        columns = {"level1_choice": choice, "level2_choice": level2, "reward": reward.astype(int)}
    else:
        columns = {"choice": choice, "outcome": 2 * reward.astype(int) - 1}
    with replacing(path) as temporary:
        made = pd.DataFrame({"subjID": free["subject"], **columns})
        made.to_csv(temporary, sep="\t", index=False, lineterminator="\n")


CODEC = Codec(
    "hBayesDM: subjID with level1_choice and level2_choice, choice and outcome, or choice, gain and loss", read
)
