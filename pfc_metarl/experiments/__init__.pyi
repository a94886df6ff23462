from .registry import load as load
from .registry import main_names as main_names
from .registry import names as names
