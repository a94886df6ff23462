from .reading import FORMATS as FORMATS
from .reading import formats as formats
from .reading import originals as originals
from .reading import read_trials as read_trials
from .writing import write_trials as write_trials
