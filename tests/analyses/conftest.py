import matplotlib.pyplot as plt
import pytest


@pytest.fixture
def ax():
    made, axes = plt.subplots()
    yield axes
    plt.close(made)
