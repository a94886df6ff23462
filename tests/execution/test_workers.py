import multiprocessing
import sys
from types import ModuleType

from pfc_metarl.execution.workers import context, prepare


def main_of_worker(queue):
    queue.put(getattr(sys.modules["__main__"], "__file__", None))


def test_a_worker_does_not_run_the_program_that_started_it(tmp_path, monkeypatch):
    program = ModuleType("__main__")
    program.__file__ = str(tmp_path / "program.py")
    (tmp_path / "program.py").write_text("raise SystemExit('a worker ran the program')")
    monkeypatch.setitem(sys.modules, "__main__", program)
    made_by = context()
    queue = made_by.Queue()
    process = made_by.Process(target=main_of_worker, args=(queue,))
    process.start()
    assert sys.modules["__main__"] is program
    assert queue.get(timeout=60) != program.__file__
    process.join()
    assert process.exitcode == 0


def test_workers_are_never_forked_of_a_process_with_threads_and_other_contexts_are_left_alone():
    prepare()
    assert context().get_start_method() in {"forkserver", "spawn"}
    assert not issubclass(multiprocessing.get_context(context().get_start_method()).Process, context().Process)
