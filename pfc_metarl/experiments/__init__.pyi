from .registry import Loaded as Loaded
from .registry import load as load
from .registry import loaded as loaded
from .registry import main_names as main_names
from .registry import name_of as name_of
from .registry import names as names
from .registry import run_name as run_name
