from pfc_metarl.reports.sentences import bounds, claim_met, criterion_met, judged


def test_bounds_have_one_end_or_two():
    assert bounds([None, 2.65]) == "≤ 2.65"
    assert bounds([0.49, 0.51]) == "in 0.49 to 0.51"


def test_a_claim_without_criteria_is_not_judged():
    claim = {"text": "It plans.", "networks": 8, "reached": None, "changed": []}
    assert claim_met(claim) == "Claim: It plans."
    assert judged(claim) == ""


def test_a_row_without_a_criterion_says_nothing():
    assert criterion_met({"subjects": [1.0]}) == ""
