import json

import pytest

from analyses import claims
from analyses.claim import row
from analyses.readme import SECOND_SUMMARIES, SUMMARIES
from pfc_metarl import experiments
from pfc_metarl.experiments.headline import Headline


@pytest.fixture(scope="module")
def known():
    return tuple(json.loads(path.read_text(encoding="utf-8")) for path in (SUMMARIES, claims.NULLS))


@pytest.fixture(scope="module")
def rows(known):
    return claims.all_rows(*known)


def test_every_claim_has_a_test_holds_and_lies_beyond_its_null(known, rows):
    assert claims.mistakes(*known, [each for of_kind in rows.values() for each in of_kind]) == []


def test_the_page_is_that_of_its_sources(rows):
    assert claims.PAGE.read_text(encoding="utf-8") == claims.page(rows)


def test_every_criterion_with_an_open_end_has_a_measured_null(known):
    summaries, nulls = known
    for name in summaries:
        claimed = not experiments.load(name).claim.startswith(claims.FINDINGS)
        for headline in experiments.load(name).headlines if claimed else ():
            if headline.criterion is not None and None in headline.criterion:
                assert nulls.get(name, {}).get(headline.label), (name, headline.label)


def test_a_claim_that_does_not_hold_is_said(known):
    wrong = row("figure", "They fly.", "height", "0", [-1.0, -1.1, -0.9], (0.0, None))
    assert any("'They fly.' does not hold" in sentence for sentence in claims.mistakes(*known, [wrong]))


def test_a_claim_without_a_test_is_said(known):
    found = claims.mistakes(*known, [])
    assert any(sentence.startswith("two_step: ") and sentence.endswith("has no test") for sentence in found)
    assert any(sentence.startswith("fig1_bandit: its title") for sentence in found)
    assert any(sentence.startswith("README.md: ") for sentence in found)


def test_a_criterion_that_its_null_reaches_is_said():
    label = experiments.load("bandit_correlated").headlines[6].label
    assert label == "regret on uniform arms"
    null = {"bandit_correlated": {label: [{"name": "bayes_optimal", "limit": 1.37, "mean": 1.5}]}}
    (sentence,) = claims.reached_by_nulls("bandit_correlated", null["bandit_correlated"])
    assert sentence == "bandit_correlated, regret on uniform arms: bayes_optimal reaches 1.37"


def test_a_criterion_near_to_the_mean_needs_the_second_seed(known):
    values = [0.68 + 0.001 * k for k in (1, 2, 3, 4)]  # mean 2.5, standard deviation 1.29: margin 1.94
    measures = [{**row, "subjects": values} for row in known[0]["two_step"]["measures"][:1]]
    thin = {"two_step": {**known[0]["two_step"], "measures": measures}}
    (sentence,) = claims.unrepeated(thin, {}).values()
    assert sentence == "two_step, reward per trial: margin 1.9 s.d., so run it with the second seed too"
    assert claims.unrepeated(thin, thin) == {}
    measures[0]["subjects"] = [value + 0.0002 for value in values]  # 2.09
    assert claims.unrepeated(thin, {}) == {}


def test_what_is_excused_from_the_second_seed_needs_it(known):
    second = json.loads(SECOND_SUMMARIES.read_text(encoding="utf-8"))
    assert set(claims.unrepeated(known[0], second)) == set(claims.UNREPEATED)


def test_the_second_seed_stands_beside_the_first_and_may_not_confirm_it(known, rows):
    summary = {"measures": [each for each in known[0]["two_step"]["measures"] if each["measure"] == "reward per trial"]}
    low = {"measures": [{**summary["measures"][0], "subjects": [0.679, 0.68, 0.681, 0.682]}]}
    (same,) = claims.of_experiment("two_step", summary, {}, summary)
    assert same.again == (same.mean, same.p)
    (other,) = claims.of_experiment("two_step", summary, {}, low)
    assert claims.again_in_words(other) == "0.68, p = 0.2"  # t = 0.77 with 3 degrees of freedom, one-sided
    assert claims.of_experiment("two_step", summary, {})[0].again is None
    said = f"`two_step`, reward per trial: not confirmed with seed 7 ({claims.again_in_words(other)})"
    assert said in claims.mistakes(*known, [other])
    assert not any("not confirmed" in sentence for sentence in claims.mistakes(*known, [same]))


def test_what_is_excused_is_not_confirmed(rows):
    unconfirmed = {each.where for each in rows["Experiments"] if each.again is not None and each.again[1] >= 0.05}
    assert unconfirmed == {f"`{name}`" for name in claims.UNCONFIRMED}


def test_nulls_are_told_with_their_limits():
    headline = Headline(label="reward", measure="m", variable="v", criterion=(0.5, None), null=("random",))
    assert claims.null_in_words(headline, [{"name": "random", "mean": 0.4, "limit": 0.45}]) == "random 0.4 (0.45)"
    assert claims.null_in_words(headline, []) == "none"
