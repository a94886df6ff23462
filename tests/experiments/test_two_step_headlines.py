from pfc_metarl.experiments.two_step_headlines import HEADLINES


def test_labels_are_unique_and_the_claim_rests_on_reward_and_planning():
    labels = [each.label for each in HEADLINES]
    assert len(set(labels)) == len(labels)
    assert [each.label for each in HEADLINES if each.criterion] == [
        "reward per trial",
        "planning weight two trials back",
    ]


def test_stay_probabilities_are_those_of_the_named_outcome_and_transition():
    places = {each.label: dict(each.at) for each in HEADLINES if each.measure == "stay"}
    assert len(places) == 4
    for label, at in places.items():
        assert label == f"stay after {at['transition']}, {at['outcome']}"
