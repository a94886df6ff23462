from .likelihood import log_likelihood as log_likelihood
from .likelihood import predictions as predictions
from .maximum_likelihood import maximum_likelihood as maximum_likelihood
from .rate_comparison import rate_comparison as rate_comparison
from .rescorla_wagner import rescorla_wagner_fit as rescorla_wagner_fit
from .two_step_comparison import two_step_comparison as two_step_comparison
