from . import agents as agents
from . import measures as measures
from . import tasks as tasks
from .data.trial_table import trial_view as trial_view
from .data.trial_table import trials as trials
from .execution.cohort import train as train
from .execution.simulation import load as load
from .execution.simulation import open_run as open_run
from .experiments.base import Experiment as Experiment
from .experiments.base import Headline as Headline
from .experiments.base import Probe as Probe
from .learning.a2c import A2C as A2C
from .learning.base import Learner as Learner
from .learning.base import Training as Training
from .networks.base import Architecture as Architecture
from .networks.module_network import ModuleNetwork as ModuleNetwork
from .networks.network import Network as Network
from .runs.run import open_recording as open_recording
from .settings import BadInput as BadInput
from .settings import settings as settings
from .simulate import simulate as simulate
from .simulation.recording import record as record
from .simulation.rollout import rollout as rollout
from .tasks.base import Task as Task
from .tasks.contract import check_task as check_task

__version__: str
