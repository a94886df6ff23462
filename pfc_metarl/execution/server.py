"""What the server of the workers imports first, so that its imports take less time: see `pfc_metarl.garbage`."""

from pfc_metarl.garbage import search_seldom

search_seldom()
