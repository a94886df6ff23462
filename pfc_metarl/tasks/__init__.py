"""Tasks, one file each.

`Task` is the contract, `check_task` tests any task against it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
