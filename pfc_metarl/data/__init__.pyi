from .codecs.reading import read_trials as read_trials
from .codecs.writing import write_trials as write_trials
from .combining import along as along
from .combining import joined as joined
from .trial_dataset import trial_dataset as trial_dataset
from .trial_table import trial_view as trial_view
from .trial_table import trials as trials
