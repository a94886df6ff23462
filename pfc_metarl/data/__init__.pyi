from .combining import along as along
from .dataset import joined as joined
from .trial_table import trial_view as trial_view
from .trial_table import trials as trials
