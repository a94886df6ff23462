"""The log-likelihood of many fits side by side, with its slope, by compiled loops over trials."""

import numpy as np
import torch

from pfc_metarl.fitting.compiled_program import summed
from pfc_metarl.fitting.layout import Trials
from pfc_metarl.fitting.trial_program import Program


class CompiledLikelihood:
    """Σ log p of the choices of each subject that are targets, and its derivatives.

    Parameters
    ----------
    program : Program
    trials : Trials
    target : Tensor of bool, shape [problem, session, trial]
        Which choices count in each problem.
    subject : Tensor of int, shape [problem]
    """

    def __init__(self, program: Program, trials: Trials, target: torch.Tensor, subject: torch.Tensor) -> None:
        self.program = tuple(
            getattr(program, name)
            for name in (
                *("begin", "trial", "constants", "parameters", "data"),
                *("state", "first_state", "new_state", "log_p", "active"),
            )
        )
        fields = [getattr(trials.experience, name).numpy().astype(float) for name in program.fields]
        n_sessions, n_trials = target.shape[1:]
        self.data = np.ascontiguousarray(np.stack(fields, -1).reshape(-1, n_trials, len(fields)))
        self.target = np.ascontiguousarray(target.numpy().reshape(-1, n_trials))
        length = np.where(self.target.any(-1), n_trials - self.target[:, ::-1].argmax(-1), 0)
        sequence = subject.numpy()[:, None] * n_sessions + np.arange(n_sessions)
        self.sessions = np.stack([sequence.ravel(), np.arange(len(self.target)), length], -1)
        self.sessions = self.sessions.reshape(len(target), n_sessions, 3)

    def __call__(self, values: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the sums and slopes of some problems; [problem], [problem, parameter]."""
        sessions = self.sessions[which]
        number = np.broadcast_to(np.arange(len(which))[:, None, None], (*sessions.shape[:2], 1))
        lanes = np.concatenate([number, sessions], -1).reshape(-1, 4)
        lanes = lanes[lanes[:, 3] > 0]
        lanes = np.ascontiguousarray(lanes[np.argsort(-lanes[:, 3], kind="stable")])
        value, slope = np.zeros(len(which)), np.zeros(values.shape)
        summed(self.program, np.ascontiguousarray(values), self.data, self.target, lanes, value, slope)
        return value, slope
